"""Three years of invented referrals behind the demonstration, so that its figures are a true picture of a county.

`odds` says what happens how often, `stories` throws the dice (the same ones every time), `rows` writes down what the
workflow would have left of each story, and `loading` puts it into the tables in bulk: through the workflow it would
take a minute. A test tells some of the stories to the workflow and compares every column.
"""
