"""The schema's history. One change a file, never edited once merged."""
