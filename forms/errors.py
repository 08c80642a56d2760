"""What this library refuses.

FormsError
├── WorkbookRefused    a workbook or XForm that cannot be compiled; carries its problems
├── InstanceRefused    a filled instance that cannot be read; `reason` is one of Reason
├── DecryptionRefused  an encrypted submission that stays closed; `reason` is one of Sealed
├── Unusable           has a code of forms/texts, so that it is said in both languages
│   ├── KeyRefused         what was given as an RSA key is none
│   ├── ExpressionRefused  text that is no XPath; `position` is where it stops being one
│   └── NotSupported       an expression that is sound, but that this library cannot evaluate
├── NotEvaluated       a rule that has no value in this slip; JavaRosa stops here as well
├── TooMuchWork        a slip so large that its rules are not evaluated
└── DocumentRefused    a list, key or cursor that is not what the protocol says
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from .texts import problem_text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a workbook, and where, as far as it is known.

    `details` fill the text of the code (forms/texts). `column` is a letter.
    """

    code: str
    details: Mapping[str, object] = field(default_factory=dict, hash=False)
    severity: Literal["error", "warning"] = "error"
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    suggestion: str = ""
    node: str = ""
    """Of an XForm, which has no cells: path and kind of the expression."""

    @property
    def place(self) -> str:
        """`survey!A4`, `survey!4`, `survey` or nothing."""
        if self.sheet is None:
            return self.node or (f"row {self.row}" if self.row else "")
        cell = f"{self.column or ''}{self.row or ''}"
        return f"{self.sheet}!{cell}" if cell else self.sheet

    @property
    def cell(self) -> str | None:
        """`A4`, where both are known."""
        return f"{self.column}{self.row}" if self.column and self.row else None

    @property
    def reason(self) -> str:
        """What is wrong and what to do, in English."""
        return problem_text(self.code, "en", self.details)

    def say(self, language: str) -> str:
        """The reason, in `vi` or `en`."""
        return problem_text(self.code, language, self.details)

    def text(self, language: str) -> str:
        """Place, reason and suggestion in one line, in `vi` or `en`."""
        reason = self.say(language)
        if self.suggestion:
            meant = problem_text("suggestion", language, {"suggestion": self.suggestion})
            reason = f"{reason} {meant}"
        return f"{self.place}: {reason}" if self.place else reason

    def __str__(self) -> str:
        return self.text("en")


class FormsError(Exception):
    """Something this library cannot accept."""


class WorkbookRefused(FormsError):
    """The workbook has errors; `problems` holds at least one, warnings included."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


class Reason(StrEnum):
    """Why an instance was refused."""

    NOT_XML = "not_xml"
    HAS_DTD = "has_dtd"
    TOO_LARGE = "too_large"
    NO_FORM_ID = "no_form_id"
    TEXT_TOO_LONG = "text_too_long"


class InstanceRefused(FormsError):
    """The bytes are not an instance that could be kept."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Sealed(StrEnum):
    """Why an encrypted submission stays closed."""

    OTHER_KEY = "other_key"
    NO_INSTANCE = "no_instance"
    DAMAGED = "damaged"


class DecryptionRefused(FormsError):
    """The submission, or one of its files, cannot be decrypted."""

    def __init__(self, reason: Sealed, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class Unusable(FormsError):
    """Why a part of a form cannot be used; `code` and `details` are those of forms/texts."""

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        self.details = details
        super().__init__(self.reason)

    @property
    def reason(self) -> str:
        """In English."""
        return problem_text(self.code, "en", self.details)

    @property
    def about(self) -> dict[str, object]:
        """Details of a problem whose text says this one as `{why}`."""
        return {**self.details, "why": f"#{self.code}"}


class KeyRefused(Unusable):
    """Not a key that encrypted forms can use; the text is a sentence."""


class ExpressionRefused(Unusable):
    """Not an XPath expression; the text is a part of a sentence."""

    def __init__(self, code: str, position: int, **details: object) -> None:
        super().__init__(code, **details)
        self.position = position

    def __str__(self) -> str:
        return f"{self.reason} (character {self.position + 1})"


class NotSupported(Unusable):
    """Nobody is to guess what the expression means; the text is a part of a sentence."""


class NotEvaluated(FormsError):
    """The rule cannot be judged for this slip; `reason` is for developers only."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooMuchWork(FormsError):
    """No form that people fill needs so much: its rules are left alone."""


class DocumentRefused(FormsError):
    """Another program's document is not what it should be; the text says which and why."""
