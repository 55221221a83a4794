"""One county's data as a folder of spreadsheets: read, checked as a whole, and written to the database."""
