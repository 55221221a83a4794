"""Texts that staff own: how they are written, shown from a time on, found, and kept alive."""
