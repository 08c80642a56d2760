"""Read forms and submissions of another OpenRosa server into this one (openrosa.md §13)."""
