"""The limit app: the least a Django project can do for a form behind a sign-in.

Sessions in the database, Django's own sign-in, CSRF, one template, one form with the fields of the whole intake, one
insert into one table, and no middleware beyond what that needs. It knows nothing of the project: the fields come as a
JSON file (`bench/fields.py` writes it), so it pays for none of the project's imports.
"""
