"""Disclosure control: what a table of small numbers may show, so that nobody is found in it.

Pure: counts go in, protected cells come out. `rules` says what is hidden and why, `cells` writes a table as counts and
sums, `suppression` hides enough, `rounding` is the other way, `attack` is who tries to undo both, and `protecting` puts
them together: what it gives out was attacked first.
"""
