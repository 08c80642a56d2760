"""Check submissions: the form's rules, what it declares beside, what was received before."""
