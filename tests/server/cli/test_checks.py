"""`phieu submissions check` judges again; `show` says what was found in words."""

from __future__ import annotations

import pytest

from forms.workbooks import compile_workbook
from server.actions.finding_texts import finding_text
from server.messages import text
from tests.helpers.slips import house, new_id


@pytest.fixture
def broken(submit) -> str:
    id_ = new_id()
    answer = submit(house(id_).replace(b"<size>4<", b"<size>four<"))
    assert answer.status_code == 201
    return id_


def test_check_counts_what_it_finds_by_code(installation, broken):
    everything = installation.run_json("submissions", "check")
    of_form = installation.run_json("submissions", "check", "houses")
    one = installation.run_json("submissions", "check", "--id", broken)

    assert everything == of_form == one
    assert one == {"submissions": 1, "changed": 0, "failed": 0, "findings": {"wrong_type": 1}}


def test_check_of_an_unknown_form_or_slip_is_refused_with_a_sentence(installation, app):
    assert "nothing" in installation.run("submissions", "check", "nothing", status=1)
    assert "uuid:none" in installation.run("submissions", "check", "--id", "uuid:none", status=1)


def test_show_says_what_was_found_in_words(installation, broken):
    [finding] = installation.run_json("submissions", "show", broken)["findings"]

    assert finding == {
        "instanceId": broken,
        "severity": "E",
        "code": "wrong_type",
        "path": "/g/size",
        "value": "four",
        "text": "«Persons»: «four» is not of the kind that the question takes (int). "
        "Correct the answer.",
        "details": {"type": "int"},
    }


def test_every_code_has_a_sentence_in_both_languages():
    codes = {
        *("required", "not_relevant", "wrong_type", "constraint", "choice", "calculation"),
        *("unknown_element", "repeated_element", "repeat_count", "too_many_findings"),
        *("check_failed", "missing_attachment", "attachment_conflict", "not_encrypted"),
        *("file_not_encrypted", "erased", "expired", "too_much_work", "unknown"),
    }
    for code in codes:
        vietnamese, english = (text(f"finding_{code}", language) for language in ("vi", "en"))
        assert vietnamese != english
        assert english.endswith(".")
        assert vietnamese.endswith(".")


def test_a_form_s_own_message_is_what_is_said():
    definition = compile_workbook(
        """
| survey |
| | type | name | label::Tiếng Việt (vi) | label::English (en) | constraint | constraint_message::Tiếng Việt (vi) | constraint_message::English (en) |
| | integer | age | Tuổi | Age | . < 120 | Quá già | Too old |
| | integer | size | Số | Size | . < 9 | | |
| settings |
| | form_id | version | default_language |
| | f | 1 | Tiếng Việt (vi) |
| checks |
| | id | severity | field | constraint | message::Tiếng Việt (vi) | message::English (en) |
| | C1 | W | age | . > 1 | Quá trẻ | Too young |
""".encode(),  # noqa: E501
        file_type=".md",
    )

    def say(language: str, code: str, path: str) -> str:
        return finding_text(
            definition, definition.checks, language, code=code, path=path, value="9"
        )

    assert (say("vi", "constraint", "/age"), say("en", "constraint", "/age")) == (
        "Quá già",
        "Too old",
    )
    assert say("vi", "constraint", "/size").startswith("«Số»: câu trả lời «9»")
    assert (say("vi", "C1", "/age"), say("en", "C1", "/age")) == ("Quá trẻ", "Too young")
    assert "has this check no longer" in say("en", "C2", "/age")
