"""Nothing that leads to a person is in a de-identified export, and rows still belong together."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.deidentifying.deidentify import decide, deidentified
from exports.deidentifying.releases import Release
from exports.options import Options, Split
from exports.writers import csv as csv_writer
from forms.workbooks import compile_workbook
from server.demo import Village, iter_slips
from tests.helpers.datasets import Instances
from tests.helpers.examples import SHIPPED, compile_shipped, examples_of
from tests.helpers.slips import CHILD_SITUATION, ROOT

RELEASE = Release(b"k" * 32, "Đánh giá chương trình", "Viện nghiên cứu", date(2027, 11, 29))
VILLAGES = ROOT / "xlsforms/child_situation/media/villages.csv"
SECRETS = (
    *("respondent_name", "hh_head_name", "hh_phone", "address_detail", "village_code"),
    *("village_name", "child_name", "child_pid", "caregiver_name", "school_name", "comments"),
    *("refusal_reason", "hh_uid", "hh_ref", "child_uid", "child_ref", "ch_hh", "username"),
    *("deviceid", "instanceID", "instanceName", "label", "hh_village", "ch_village"),
    *("child_dob", "child_dob_eff", "survey_date", "start", "end", "today", "consent_at"),
    *("dropout_date", "ch_last", "hh_head_birth_year", "child_birth_year"),
)
languages = pytest.mark.parametrize("language", [None, "vi", "en"])


@pytest.fixture(scope="module")
def slips() -> list[bytes]:
    with VILLAGES.open(encoding="utf-8") as file:
        villages = [Village(*row.values()) for row in csv.DictReader(file)]
    form = compile_shipped(CHILD_SITUATION)
    today = date(2026, 11, 23)
    return list(iter_slips(villages, count=240, seed=5, version=form.version, today=today))


def dataset(slips: list[bytes], language: str | None = None, form=None) -> Instances:
    """In batches of a size that has both: several of them, and households with neighbours."""
    made = Instances(slips, [form or compile_shipped(CHILD_SITUATION)], language, at_once=90)
    made.language = language or "vi"
    return made


def frames(data) -> list[pl.DataFrame]:
    """All rows of each table; headings and frames agree."""
    batches = list(data.batches())
    for batch in batches:
        for table, head in zip(batch, data.heads, strict=True):
            assert table.head == head
            assert table.frame.columns == [c.heading for c in head.columns]
            assert set(table.frame.dtypes) <= {pl.String}
    return [pl.concat([batch[n].frame for batch in batches]) for n in range(len(data.heads))]


def texts(data) -> set[str]:
    """Every cell, and every word that heads or explains a column."""
    cells = {
        value
        for frame in frames(data)
        for column in frame.iter_columns()
        for value in column.drop_nulls().unique()
    }
    columns = [column for head in data.heads for column in head.columns]
    said = {t for c in columns for t in (c.heading, c.name, c.label, *c.codes, *c.codes.values())}
    return cells | said


def without_pseudonyms(text: str) -> str:
    return re.sub(r"\bp[0-9a-f]{20}\b", "", text)


def leaves(slip: bytes) -> list[tuple[str, str]]:
    elements = ElementTree.fromstring(slip).iter()
    return [(e.tag.rpartition("}")[2], e.text.strip()) for e in elements if (e.text or "").strip()]


@languages
def test_no_secret_of_any_slip_is_in_any_cell_or_heading(slips, language):
    out = deidentified(dataset(slips, language), RELEASE)
    found = texts(out)
    whole = without_pseudonyms("\n".join(found))

    secrets = {text for slip in slips for name, text in leaves(slip) if name in SECRETS}
    points = {text for slip in slips for name, text in leaves(slip) if name == "hh_gps"}
    parts = {part for point in points for part in point.split()[:2]}
    assert len(secrets) > 1000
    assert len(parts) > 100
    assert not {secret for secret in secrets | parts if len(secret) > 4 and secret in whole}
    assert not secrets & found
    assert not re.search(r"\d{4}-\d\d-\d\d|\d{9}|uuid|[0-9a-f]{8}-[0-9a-f]{4}-", whole)


@languages
def test_rows_of_a_household_and_a_child_still_belong_together(slips, language):
    data = dataset(slips, language)
    before, after = frames(data), frames(deidentified(data, RELEASE))

    for old, new in zip(before, after, strict=True):
        assert old.height == new.height
    key, parent = (heading(data, 0, "KEY"), heading(data, 1, "PARENT_KEY"))
    told = dict(zip(before[0][key], after[0][key], strict=True))
    assert [told[k] for k in before[1][parent]] == after[1][parent].to_list()
    assert len(set(told.values())) == len(told)
    household, child_household = heading(data, 0, "hh_uid"), heading(data, 1, "ch_hh")
    ids = dict(zip(before[0][household], after[0][household], strict=True))
    assert [ids[i] for i in before[1][child_household]] == after[1][child_household].to_list()
    assert all(re.fullmatch("p[0-9a-f]{20}", value) for value in told.values())


def test_another_release_calls_everybody_otherwise(slips):
    data = dataset(slips[:20])
    other = replace(RELEASE, key=b"x" * 32)

    one, two, again = (frames(deidentified(data, r))[0] for r in (RELEASE, other, RELEASE))

    assert not set(one["KEY"]) & set(two["KEY"])
    assert one["KEY"].to_list() == again["KEY"].to_list()


@languages
def test_children_have_the_age_of_the_day_of_the_visit_in_bands(slips, language):
    data = dataset(slips, language)
    out = deidentified(data, replace(RELEASE, smallest_class=3))
    band = heading(out, 1, "age_band")

    expected = Counter(bands_of(slips))
    assert set(expected) >= {"0–2", "3–5", "6–10", "11–14", "15"}
    shown = Counter(v for v in frames(out)[1][band] if v)
    narrow = {name: shown[name] for name in expected}
    coarse = sum(out.report.tables[0].steps[step] for step in ("age", "age_widened"))
    assert all(narrow[name] <= expected[name] for name in expected)
    assert sum(expected.values()) - sum(narrow.values()) == coarse


def bands_of(slips: list[bytes]):
    """Reckoned by hand, from what the phone reckoned."""
    for slip in slips:
        for child in ElementTree.fromstring(slip).findall("rep_child"):
            if age := child.findtext("g_id/age_years"):
                years = int(age)
                ends = pairwise((0, 3, 6, 11, 15, 16, 18, 200))
                names = ("0–2", "3–5", "6–10", "11–14", "15", "16–17", "18+")
                yield next(n for n, (a, b) in zip(names, ends, strict=True) if a <= years < b)


@languages
def test_nobody_stands_out_by_commune_sex_age_and_group(slips, language):
    out = deidentified(dataset(slips, language), RELEASE)
    child = frames(out)[1]

    names = [heading(out, 1, n) for n in ("ch_commune", "child_sex", "age_band", "sc_open")]
    sizes = child.group_by(names).len()["len"]
    (report,) = out.report.tables
    assert sizes.min() == report.k >= 5
    assert report.standing_out > 0
    assert report.k_before < 5
    assert (report.rows, report.steps["left_out"]) == (child.height, 0)
    assert report.steps["group"] > 0


def heading(data, table: int, name: str) -> str:
    """The heading of a column by what programs call it, with or without its groups."""
    columns = data.heads[table].columns
    return next(c.heading for c in columns if c.id == name or c.id.endswith(f"-{name}"))


def test_dates_are_months(slips):
    out = deidentified(dataset(slips), RELEASE)
    form, _ = frames(out)

    assert all(re.fullmatch(r"\d{4}-\d\d", month) for month in form["g_visit-survey_date"])
    assert "2026-11" in form["SubmissionDate"]


def test_what_is_withheld_is_listed(slips):
    out = deidentified(dataset(slips[:10]), RELEASE)

    told = {(w.table, w.column): w.sensitivity for w in out.report.withheld}
    assert told["", "g_hh-hh_head_name"] == "direct"
    assert told["", "SubmitterName"] == told["", "DeviceID"] == "withheld"
    assert told["rep_child", "g_edu-school_name"] == "free_text"
    assert told["", "g_hh-hh_gps-Latitude"] == "location"
    assert told["", "meta-instanceName"] == "withheld"


@pytest.mark.parametrize("workbook", SHIPPED, ids=lambda path: path.stem)
def test_few_slips_of_any_shipped_form_name_nobody(workbook, tmp_path):
    slips = [path.read_bytes() for path in examples_of(workbook)]
    out = deidentified(dataset(slips, form=compile_shipped(workbook)), RELEASE)

    assert out.report.k is None
    written = "".join(path.read_text() for path in csv_writer.write(out, tmp_path))
    written = without_pseudonyms(written)
    assert not re.search(r"\d{4}-\d\d-\d\d|\d{9}|collect:|can_bo", written)
    names = {t for s in slips for n, t in leaves(s) if n.endswith("_name") or n == "label"}
    assert not {name for name in names if name in written}


FORM = compile_workbook(
    """
    | survey |
    | | type | name | label | sensitivity |
    | | date | day | Day | day |
    | | text | commune | Commune | commune |
    | | geopoint | gps | GPS | location |
    | | select_one sex | sex | Sex | sex |
    | | integer | age | Age | age |
    | | date | born | Born | birth_date |
    | | select_multiple groups | groups | Groups | group |
    | | select_one ethnicity | people | People | ethnicity |
    | | text | plain | Plain | |
    | | image | photo | Photo | none |
    | | select_one sex | KEY | Key | none |
    | | select_one sex | age_band | Band | none |
    | | begin_repeat | r | R | |
    | | text | service | Service | withheld |
    | | text | where | Where | commune |
    | | end_repeat | | | |
    | choices |
    | | list_name | name | label |
    | | sex | 1 | Male |
    | | sex | 2 | Female |
    | | ethnicity | 01 | Kinh |
    | | ethnicity | 08 | Hmông |
    | | ethnicity | 99 | Unknown |
    | | groups | 00 | None |
    | | groups | 04 | Disabled |
    | | groups | 05 | HIV |
    | | groups | 11 | Abused |
    | settings |
    | | form_id | form_title | version |
    | | f | F | 1 |
    """.encode(),
    file_type=".md",
)


def slip(number: int, repeats: int = 0, **answers: str) -> bytes:
    cells = "".join(f"<{name}>{text}</{name}>" for name, text in answers.items())
    below = "<r><service>x</service><where>elsewhere</where></r>" * repeats
    meta = f"<meta><instanceID>uuid:{number}</instanceID></meta>"
    return f'<data id="f" version="1">{cells}{below}{meta}</data>'.encode()


def small(slips: list[bytes], language: str | None = None, **changes):
    return deidentified(dataset(slips, language, FORM), replace(RELEASE, **changes))


def test_ethnicity_is_kinh_or_minority():
    slips = [slip(n, people=code) for n, code in enumerate(("01", "08", "99", "07", ""))]
    codes = frames(small(slips))[0]["people"].to_list()

    assert codes == ["kinh", "minority", None, None, None]
    column = next(c for c in small([]).heads[0].columns if c.id == "people")
    assert column.codes == {"kinh": "Kinh", "minority": "Dân tộc thiểu số"}


def test_labels_stay_labels_and_become_no_other():

    data = dataset([slip(n, people="08", groups="05 04") for n in range(5)], "vi", FORM)

    form, _ = frames(deidentified(data, RELEASE))

    assert set(form["People"]) == {"Dân tộc thiểu số"}
    assert set(form["Groups"]) == {"Disabled; Nhóm nhạy cảm (không nêu rõ)"}


def test_restricted_groups_are_one_word():
    groups = ["04", "05", "11 04", "00", "05 11"]
    slips = [slip(10 * g + i, groups=text) for g, text in enumerate(groups) for i in range(9)]

    form, _ = frames(small(slips))

    word = "sensitive_group"
    assert Counter(form["groups"]) == {"04": 9, word: 18, f"04 {word}": 9, "00": 9}


def test_restricted_groups_have_no_label_either():
    column = next(c for c in small([]).heads[0].columns if c.id == "groups")

    assert column.codes == {
        "00": "None",
        "04": "Disabled",
        "sensitive_group": "Nhóm nhạy cảm (không nêu rõ)",
    }


def test_a_birthday_counts_on_the_day_itself():
    born = [
        ("2023-11-29", "2026-11-28"),
        ("2023-11-29", "2026-11-29"),
        ("2024-02-29", "2027-02-28"),
    ]
    slips = [slip(10 * n + i, born=b, day=d) for n, (b, d) in enumerate(born) for i in range(5)]

    form, _ = frames(small(slips))

    assert form["age_band_"].to_list() == ["0–2"] * 5 + ["3–5"] * 5 + ["0–2"] * 5


def test_an_age_stands_in_for_a_birth_date_that_is_not_known():
    slips = [slip(i, age="17") for i in range(5)] + [slip(i, age="-1") for i in range(5, 10)]

    form, _ = frames(small(slips))

    assert form["age_band_"].to_list() == ["16–17"] * 5 + [None] * 5
    assert "age" not in form.columns
    assert "born" not in form.columns


def test_a_commune_of_few_is_not_named_nor_is_it_by_what_is_missing():
    slips = [slip(i, repeats=1, commune="a", sex="1") for i in range(3)]
    slips += [slip(i, repeats=1, commune="b", sex="1") for i in range(3, 9)]
    slips += [slip(i, repeats=1, commune="c", sex="2") for i in range(9, 20)]

    out = small(slips)
    form, repeats = frames(out)

    assert Counter(form["commune"]) == {None: 9, "c": 11}
    assert Counter(repeats["where"]) == {None: 9, "c": 11}
    assert out.report.hidden_communes == 2
    assert out.report.tables[0].steps["commune"] == 9


def test_rows_of_fewer_people_than_a_class_are_left_out_with_all_below_them():
    out = small([slip(i, repeats=2, commune="a", sex="1") for i in range(4)])
    form, repeats = frames(out)

    assert (form.height, repeats.height) == (0, 0)
    assert out.report.tables[0].steps["left_out"] == 4
    assert out.report.k is None


def test_positions_are_a_grid_where_twenty_share_a_cell():
    here = [slip(i, commune="a", gps="20.70512 106.06234 4.2 8") for i in range(20)]
    there = [slip(i, commune="a", gps="20.91512 106.06234 4.2 8") for i in range(20, 39)]

    form, _ = frames(small([*here, *there], has_grid=True))

    assert Counter(form["gps-Latitude"]) == {"20.705": 20, None: 19}
    assert Counter(form["gps-Longitude"]) == {"106.065": 20, None: 19}
    assert "gps-Altitude" not in form.columns
    assert "gps-Latitude" not in frames(small(here))[0].columns


def test_a_question_of_a_system_columns_name_is_not_taken_for_it():
    form, _ = frames(small([slip(i, KEY="1") for i in range(5)]))

    assert form["KEY"].to_list() == ["1"] * 5
    assert all(key.startswith("p") for key in form["__KEY"])


def test_what_nobody_classified_is_withheld_and_so_are_files():
    out = small([slip(i, plain="Nguyễn", photo="1.jpg") for i in range(5)])

    assert not {"plain", "photo"} & set(frames(out)[0].columns)
    told = {(w.column, w.sensitivity) for w in out.report.withheld}
    assert {("plain", "withheld"), ("photo", "none")} <= told


def test_nothing_at_all_is_a_dataset_too():
    out = small([])

    assert [list(batch) for batch in out.batches()] == []
    assert out.report.k is None


def test_the_manifest_says_for_whom_what_for_and_until_when():
    out = small([slip(i, commune="a", sex="1") for i in range(6)])

    manifest = out.report.manifest(RELEASE)
    lines = out.cover

    assert manifest["purpose"] == "Đánh giá chương trình"
    assert manifest["recipient"] == "Viện nghiên cứu"
    assert (manifest["expires_on"], manifest["k"]) == ("2027-11-29", 6)
    assert "kkkk" not in f"{manifest}{lines}{RELEASE}"
    assert ("Mục đích: Đánh giá chương trình", "Purpose: Đánh giá chương trình") in lines


@pytest.mark.parametrize("changes", [{"key": b"short"}, {"smallest_class": 2}])
def test_a_release_that_would_protect_nobody_cannot_be(changes):
    with pytest.raises(ValueError, match="at least"):
        replace(RELEASE, **changes)


def split(slips: list[bytes], choices: Split) -> Instances:
    options = Options(split=choices)
    return Instances(slips, [FORM], options=options, seen={"groups": ["00", "04", "05", "11"]})


@pytest.mark.parametrize("choices", [Split.BOTH, Split.ONLY])
def test_choices_have_columns_where_they_may_be_told(choices):
    slips = [slip(n, commune="a", groups="04 05" if n % 2 else "00") for n in range(12)]
    out = decide([split(slips, Split.BOTH)], RELEASE, only_choices=choices is Split.ONLY).whole()

    form = frames(out)[0]
    assert {c for c in form.columns if c.startswith("groups")} == {
        *("groups", "groups/00", "groups/04"),
    }
    assert form["groups/04"].to_list() == ["0", "1"] * 6
    assert form["groups"].to_list() == ["00", "04 sensitive_group"] * 6
    assert "groups/05" not in str(out.cover)


def test_a_choice_is_blank_where_its_group_is_blanked():
    groups = ["00"] * 6 + ["04"] * 7 + ["11"]
    slips = [slip(n, commune="a", groups=codes) for n, codes in enumerate(groups)]
    form = frames(decide([split(slips, Split.BOTH)], RELEASE).whole())[0]

    assert form["groups"].to_list() == [None] * 6 + ["04"] * 7 + [None]
    assert form["groups/04"].to_list() == [None] * 6 + ["1"] * 7 + [None]


def test_columns_are_chosen_after_it_and_classes_are_of_all():
    slips = [slip(n, commune="a", sex="1", age="5", groups="04", r="") for n in range(6)]
    slips += [slip(n, commune="a", sex="2", age="9", groups="11") for n in range(6, 8)]
    whole = deidentified(dataset(slips, form=FORM), RELEASE)
    out = decide([dataset(slips, form=FORM)], RELEASE, columns=["sex", "born"]).whole()

    [form], [head] = frames(out), out.heads
    assert [c.heading for c in head.columns] == ["sex", "age_band_", "__KEY"]
    assert form.equals(frames(whole)[0].select(form.columns))


@settings(deadline=None, max_examples=20)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcd "), st.sampled_from("12"), st.integers(0, 2)), max_size=40
    )
)
def test_parts_and_the_rest_are_the_whole(rows):
    """By commune: no part names a commune that the whole does not name, and every row is once."""
    by_place: dict[str, list[bytes]] = {}
    for number, (place, sex, below) in enumerate(sorted(rows)):
        made = slip(number, below, commune=place.strip(), sex=sex)
        by_place.setdefault(place.strip(), []).append(made)
    places = sorted(by_place, key=lambda p: (not p, p)) or [""]
    parts = [dataset(by_place.get(place, []), form=FORM) for place in places]
    decided = decide(parts, RELEASE)

    whole = frames_or_none(decided.whole())
    others = [n for n, place in enumerate(places) if not place]
    named = [n for n, place in enumerate(places) if place and decided.count_named(n)]
    counts = [decided.count_named(n) for n in named] + [decided.count_rest(others)]
    files = [frames_or_none(decided.named(n)) for n in named] + [
        frames_or_none(decided.rest(others))
    ]
    assert [len(file[0]) for file in files] == counts
    for at in (0, 1):
        assert sorted(row for file in files for row in file[at]) == sorted(whole[at])
    for n, file in zip(named, files, strict=False):
        assert {row[1] for row in file[0]} == {places[n]}
    unnamed = [row[1] for row in files[-1][0]]
    assert set(unnamed) <= {""}
    assert [row[1] for row in whole[0]][len(whole[0]) - len(unnamed) :] == unnamed


def frames_or_none(out) -> list[list[tuple[str, ...]]]:
    """The rows of each table: key, commune and sex."""
    batches = list(out.batches())
    wanted = (["__KEY", "commune", "sex"], ["KEY", "where", "PARENT_KEY"])
    return [
        [
            tuple(cell or "" for cell in row)
            for batch in batches
            for row in batch[at].frame.select(names).iter_rows()
        ]
        for at, names in enumerate(wanted)
    ]


def test_a_field_of_an_older_version_that_nobody_classified_is_withheld():
    older = compile_workbook(
        b"| survey |\n| | type | name | label |\n| | text | plain2 | Plain |\n"
        b"| settings |\n| | form_id | version |\n| | f | 0 |",
        file_type=".md",
    )
    xml = slip(1, commune="a", plain2="Nguyen Van A")
    out = deidentified(Instances([xml] * 6, [FORM, older]), RELEASE)

    assert ("", "plain2") in {(w.table, w.column) for w in out.report.withheld}
    assert "Nguyen Van A" not in texts(out)
