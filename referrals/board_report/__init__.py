"""The quarterly report to the Community Safety Board: its frame, its figures, its words, its paper (ADR 0028).

`frame` says what stands where, `beside` reads what is no referral figure, `compose` puts a report together for page and
paper alike, `acts` are the only writers.
"""
