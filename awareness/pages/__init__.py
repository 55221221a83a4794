"""The public pages: what a stranger can open, how it is delivered, and where it lies."""
