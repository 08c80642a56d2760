"""XLSForm to XForm, the tree of fields, filled instances. A library: no web, no database."""
