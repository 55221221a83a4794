"""Commands of the awareness app."""
