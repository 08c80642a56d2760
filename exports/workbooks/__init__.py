"""The commune workbook: a form's submissions from one commune, for a person, to read and print."""

FORMAT = "workbook"
"""What people call it among the formats of tables."""
