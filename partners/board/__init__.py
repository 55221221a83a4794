"""The message board: what may stand on it, how a post is sent and taken back, and who has read it (ADR 0018)."""
