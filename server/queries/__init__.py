"""Every SQL statement, one module for each family of tables. Flush, never commit."""
