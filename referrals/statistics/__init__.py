"""True counts of what happened in a period, read with a few grouping statements; no row is read into Python.

Nothing here is protected: only `referrals/publishing/` and the coordinators' pages may ask (ADR 0025).
`categories` are the rows and columns, complete and in a fixed order; `counting` and `timings` read; `targets` says how
long each step may take; `counts` is what comes out, and adds up.
"""
