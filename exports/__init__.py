"""Tables and the files made of them. A library: no web, no database."""
