"""Charts as SVG drawn on the server, from numbers that may be shown. Pure: no Django, no app (ADR 0027)."""
