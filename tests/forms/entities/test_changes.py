"""What a filled instance asks for."""

from __future__ import annotations

import pytest
from lxml import etree

from forms.entities import Action, Declaration, allowed_actions, is_uuid4, read_changes

BOTH = frozenset(Action)
WELLS = Declaration("wells", "", "", BOTH, (("depth", "/g/depth"), ("owner", "/owner")))
PEOPLE = Declaration(
    "people", "/house/member", "/house/member", BOTH, (("age", "/house/member/g/age"),), ("/house",)
)
ID = "0f9d1c1e-3b7a-4c55-9d4e-0a1b2c3d4e5f"


def read(inner: str, *declarations: Declaration):
    return read_changes(etree.fromstring(f"<data>{inner}</data>"), declarations or (WELLS,))


def entity(flags='create="1"', label="<label>An</label>", dataset="wells", id_=ID) -> str:
    return f'<meta><entity dataset="{dataset}" id="{id_}" {flags}>{label}</entity></meta>'


def member(age: str, flags='create="1"') -> str:
    return f"<member><g><age>{age}</age></g>{entity(flags, dataset='people')}</member>"


def test_a_change_has_what_was_sent():
    flags = 'create="" update="true" baseVersion="6" trunkVersion="5" branchId="B1"'

    (change,) = read(f"<owner> An </owner><g><depth>12</depth></g>{entity(flags)}")

    assert (change.dataset, change.path, change.id) == ("wells", "", ID)
    assert (change.create, change.update) == (False, True)
    assert (change.base_version, change.trunk_version, change.branch_id) == (6, 5, "b1")
    assert change.label == "An"
    assert change.data == {"owner": " An ", "depth": "12"}


def test_an_answer_that_is_not_there_is_left_out_and_a_blank_one_is_not():
    (change,) = read(f"<g><depth/></g>{entity()}")

    assert change.data == {"depth": ""}


@pytest.mark.parametrize("flags", ["", 'create="0"', 'create="yes" update=""', 'create="TRUE"'])
def test_without_a_flag_nothing_is_asked(flags):
    assert read(entity(flags)) == []


def test_each_instance_of_a_repeat_is_a_change_and_the_root_comes_first():
    houses = f"<house>{member('1')}{member('2')}</house><house>{member('3')}</house>"

    changes = read(f"{houses}<owner/>{entity()}", WELLS, PEOPLE)

    assert [(c.path, c.data) for c in changes] == [
        ("", {"owner": ""}),
        ("/house[1]/member[1]", {"age": "1"}),
        ("/house[1]/member[2]", {"age": "2"}),
        ("/house[2]/member[1]", {"age": "3"}),
    ]


def test_an_instance_that_is_not_active_still_counts():
    changes = read(f"<house>{member('1', '')}{member('2')}</house>", PEOPLE)

    assert [c.path for c in changes] == ["/house[1]/member[2]"]


def test_namespaces_do_not_matter():
    (change,) = read(
        '<o:meta xmlns:o="http://openrosa.org/xforms">'
        f'<o:entity dataset="wells" id="{ID}" create="1"><o:label>An</o:label></o:entity></o:meta>'
    )

    assert change.label == "An"


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "one", "٣", "99999999999999999999"])
def test_what_is_no_version_is_none(text):
    (change,) = read(entity(f'update="1" baseVersion="{text}" trunkVersion="{text}"'))

    assert (change.base_version, change.trunk_version) == (None, None)


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [(f"uuid:{ID}", ID), (f" {ID.upper()} ", ID), ("well 7", "well 7"), ("", "")],
)
def test_an_id_loses_its_prefix_and_its_capitals(sent, read_as):
    (change,) = read(entity(id_=sent))

    assert change.id == read_as


def test_what_stands_twice_counts_once():
    (change,) = read(f"<owner>An</owner><owner>Binh</owner>{entity()}{entity('')}")

    assert change.data == {"owner": "An"}


def test_a_form_without_declarations_is_not_even_read():
    assert read_changes(etree.fromstring(f"<data>{entity()}</data>"), ()) == []


def test_the_declared_actions_are_those_of_the_list_in_that_place():
    creates = Declaration("people", "/house/member", "", frozenset({Action.CREATE}), ())
    changes = read(f"<house>{member('1')}</house>{entity()}", WELLS, PEOPLE)

    assert [allowed_actions(c, (WELLS, creates)) for c in changes] == [BOTH, {Action.CREATE}]


def test_another_list_than_the_declared_one_allows_nothing():
    (change,) = read(entity(dataset="cases"))

    assert allowed_actions(change, (WELLS,)) == frozenset()


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (ID, True),
        (ID.upper(), True),
        (ID.replace("-4", "-1"), False),
        (ID.replace("-9d", "-7d"), False),
        (f"{ID}\n", False),
        ("", False),
    ],
)
def test_only_version_four_is_an_id(text, is_one):
    assert is_uuid4(text) is is_one
