"""The projection: the rows of submissions as Parquet files, derived and always rebuildable.

Rows are kept by version of a submission and never change; who may see what, what was reviewed,
deleted or edited is asked of the database when an export reads.
"""
