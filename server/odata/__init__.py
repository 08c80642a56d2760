"""What OData says, without a web or a database: filters, orders, names, marks of pages.

Lists of entities speak it, and so may submissions; each says which fields it has (central-api.md
§13).
"""
