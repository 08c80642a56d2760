"""The life of a register that does not exist, as slips of the shipped forms, for demonstrations."""

from server.demo.life import FORMS, Life
from server.demo.scenarios import SCENARIOS, Setting
from server.demo.slips import iter_slips
from server.demo.villages import Village

__all__ = ["FORMS", "SCENARIOS", "Life", "Setting", "Village", "iter_slips"]
