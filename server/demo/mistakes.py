"""The deliberate mistakes of collaborators, for the server's checks to find."""


def double_space(name: str) -> str:
    return name.replace(" ", "  ", 1)


def flip_sex_digit(personal_id: str) -> str:
    return personal_id[:3] + str(int(personal_id[3]) ^ 1) + personal_id[4:]


def clashing_school_status(age: int) -> str:
    """A status that the form lets through and no child of this age has."""
    return next(status for oldest, status in _CLASHES if age <= oldest)


_CLASHES = ((1, "2"), (4, "3"), (6, "1"), (9, "2"), (12, "5"), (15, "3"))
