"""What a sender is told of a slip says nothing of cases, also not by being left out."""

from __future__ import annotations

import pytest

from tests.helpers import cases
from tests.helpers.slips import ROOT, new_id

from .test_checking import findings, said

REVIEW = (ROOT / "xlsforms/child_situation/examples/review.xml").read_bytes()
INSTANCE = b"uuid:c177f113-1e78-4196-b24f-3e81f453324e"
CHILD = "0bf64ef7-73ec-48d0-8252-f615d75b1e24"
"""Is 16 in the example, and said to be resident: V22."""


@pytest.mark.parametrize("status", [None, "open", "closed"])
def test_a_child_of_16_is_found_whether_it_has_a_case_or_not(submit, tmp_path, status):
    cases.publish_register(tmp_path)
    if status is not None:
        cases.open_case("2611-1a", "2026-11-20T08:00:00", child_ref=CHILD, status=status)
    id_ = new_id()

    answer = said(submit(REVIEW.replace(INSTANCE, id_.encode())))

    assert "V22" in {code for code, *_ in findings(id_)}
    assert "4 things to look at" in answer
