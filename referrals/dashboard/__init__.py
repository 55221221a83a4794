"""What the dashboard shows of published figures: titles, charts, tables and notes. Pure.

It is handed `published.Figures`, in which a hidden count is None, so no sentence, mark, cell or file made here can give
one away. `words` says things, `tables` lays figures beside each other, `sections` puts a page together.
"""
