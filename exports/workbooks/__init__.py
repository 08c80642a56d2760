"""The commune workbook: a form's submissions from one commune, for a person, to read and print."""
