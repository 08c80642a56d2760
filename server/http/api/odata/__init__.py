"""OData 4.0 as a reader of tables speaks it: Power BI, Excel, pyODK, ruODK (central-api.md §13).

`options` reads what is asked for, `documents` writes what is answered; a module a
resource.
"""
