"""Believable households that do not exist, as filled child_situation forms for demonstrations."""

from server.demo.slips import iter_slips
from server.demo.villages import Village

__all__ = ["Village", "iter_slips"]
