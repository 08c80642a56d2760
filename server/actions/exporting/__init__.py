"""Export a form's submissions: which, as which tables, into which files."""
