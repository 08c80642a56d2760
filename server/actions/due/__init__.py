"""What must be done about cases and children by when: clocks, lists, and who is told (domain.md
§2.3, §1.4).
"""
