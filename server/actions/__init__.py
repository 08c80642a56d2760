"""What people come to do: one verb, one function. Actions never commit."""
