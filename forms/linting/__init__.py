"""What can be wrong in a workbook, beside what pyxform says: one subject a module.

A check takes the sheets as designers see them and yields problems with their cells; a new one is a
module and a line in `sheets.CHECKS`. What needs the XForm is in `dependencies`, which is loaded
without any of these (pyxform-errors.md).
"""
