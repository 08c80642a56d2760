"""Households keep the server's checks V03 to V16, but for the mistakes made on purpose."""

from collections import Counter
from datetime import date
from unicodedata import is_normalized, normalize

import pytest
from lxml import etree

from server.demo import Village, iter_slips

COMMUNES = ("12472", "13225", "12322")
UNASSIGNED = {f"0{prefix}" for prefix in (30, 31, 50, 51, 53, 54, 57, 71, 72, 74, 75, 80, 95)}
RESTRICTED = {"05", "06", "07", "09", "10", "11", "12"}
AGES_OF_STATUS = {"1": (0, 3), "2": (3, 6), "3": (6, 12), "4": (10, 16), "5": (14, 17)}


@pytest.fixture(scope="module")
def households():
    villages = [
        Village(f"{commune}{number:02}", f"Thôn {number}", commune, commune)
        for commune in COMMUNES
        for number in range(1, 19)
    ]
    slips = iter_slips(villages, count=2000, seed=11, version="1", today=date(2026, 11, 23))
    return [read_household(etree.fromstring(slip)) for slip in slips]


@pytest.fixture(scope="module")
def consenting(households):
    return [household for household in households if household["consent"] == "1"]


@pytest.fixture(scope="module")
def children(consenting):
    return [child for household in consenting for child in household["children"]]


def read_household(slip):
    repeats = slip.findall("rep_child")
    for repeat in repeats:
        slip.remove(repeat)
    household = read_leaves(slip)
    household["children"] = [{**household, **read_leaves(repeat)} for repeat in repeats]
    return household


def read_leaves(node):
    return {leaf.tag: leaf.text or "" for leaf in node.iter() if not len(leaf)}


def match_name(child):
    return normalize("NFC", " ".join(child["child_name"].split()))


def share(rows, condition):
    return sum(map(condition, rows)) / len(rows)


def test_every_household_that_consents_has_children_and_adults(consenting):
    for household in consenting:
        assert 1 <= len(household["children"]) < int(household["hh_size"])
        assert household["n_recorded"] == household["n_children_declared"]


def test_all_children_are_under_16(children):
    assert {int(child["age_years"]) for child in children} == set(range(16))


def test_no_child_has_a_personal_id_that_could_be_real(children):
    personal_ids = [child["child_pid"] for child in children if child["child_pid"]]

    assert len(set(personal_ids)) == len(personal_ids)
    assert all(personal_id.startswith("999") for personal_id in personal_ids)


def test_no_telephone_number_could_be_answered(consenting):
    prefixes = {h["hh_phone"][:3] for h in consenting if len(h["hh_phone"]) == 10}
    landlines = {h["hh_phone"][:5] for h in consenting if len(h["hh_phone"]) == 11}

    assert prefixes <= UNASSIGNED
    assert landlines == {"02270"}


def test_restricted_groups_never_appear(children):
    assert not any(RESTRICTED & set(child["sc_open"].split()) for child in children)


def test_schooling_fits_the_age_but_for_a_few_clashes(children):
    def clashes(child):
        first, last = AGES_OF_STATUS.get(child["school_status"], (0, 17))
        return not first <= int(child["age_years"]) <= last

    assert share(children, clashes) == pytest.approx(0.005, abs=0.004)


def test_groups_01_and_03_fit_the_parents(children):
    for child in children:
        parents = child["father_status"], child["mother_status"]
        groups = child["sc_open"].split()

        assert ("01" in groups) == (parents == ("4", "4"))
        assert "03" not in groups or parents != ("1", "1")


def test_group_04_is_certified_disability(children):
    assert all(
        ("04" in child["sc_open"].split()) == (child["disab_status"] == "1") for child in children
    )


def test_group_08_has_left_school_for_work(children):
    for child in children:
        if "08" in child["sc_open"].split():
            assert child["school_status"] == "8"
            assert int(child["work_hours"]) > 0
            assert child.get("lower_sec_done") != "1"


def test_group_13_is_serious_illness_in_poverty(children):
    for child in children:
        poor_and_ill = child["serious_illness"] == "1" and child["poverty_status"] in ("1", "2")
        assert ("13" in child["sc_open"].split()) == poor_and_ill


def test_risk_groups_follow_from_the_answers(children):
    for child in children:
        parents = child["father_status"], child["mother_status"]
        left_school = child["school_status"] == "8" and child["work_hours"] == "0"
        risks = child["risk_groups"].split()

        assert ("R1" in risks) == (child["poverty_status"] in ("1", "2"))
        assert ("R2" in risks) == left_school
        assert ("R6" in risks) == (parents == ("2", "2"))
        assert ("R7" in risks) == (parents.count("4") == 1)


def test_carers_and_form_of_care_fit_the_parents(children):
    for child in children:
        at_home = [child["father_status"], child["mother_status"]].count("1")

        assert (child["care_form"] == "1") == (at_home == 2)
        assert (child["care_form"] == "2") == (at_home == 1)
        if child["caregiver_relation"] in ("1", "2"):
            parent = ("father_status", "mother_status")[int(child["caregiver_relation"]) - 1]
            assert child[parent] == "1"


def test_heads_could_be_the_parents(consenting):
    for household in consenting:
        ages = [int(child["age_years"]) for child in household["children"]]
        if born := household["hh_head_birth_year"]:
            age_of_head = int(household["survey_date"][:4]) - int(born)

            assert 28 <= age_of_head <= 75
            assert age_of_head - max(ages) >= 18


def test_dwellings_lie_within_five_kilometres_of_their_village(consenting):
    points = {}
    for household in consenting:
        if household["hh_gps"]:
            latitude, longitude = map(float, household["hh_gps"].split()[:2])
            first = points.setdefault(household["village_code"], (latitude, longitude))

            assert 20.25 <= latitude <= 21.02
            assert 105.88 <= longitude <= 106.65
            assert abs(latitude - first[0]) < 0.02
            assert abs(longitude - first[1]) < 0.02


def test_some_children_are_registered_twice_in_their_commune(children):
    entered = Counter(
        (match_name(child), child["child_sex"], child["child_dob_eff"], child["commune_code"])
        for child in children
    )

    twice = sum(times - 1 for times in entered.values())

    assert twice / len(children) == pytest.approx(0.015, abs=0.007)


def test_other_mistakes_are_as_frequent_as_they_should_be(consenting, children):
    def is_elsewhere(household):
        return not household["village_code"].startswith(household["commune_code"])

    def is_decomposed(household):
        return not is_normalized("NFC", household["hh_head_name"])

    assert share(consenting, is_elsewhere) == pytest.approx(0.002, abs=0.002)
    assert share(consenting, is_decomposed) == pytest.approx(0.03, abs=0.01)
    assert share(children, lambda c: c["pid_check"] == "sex") == pytest.approx(0.004, abs=0.003)
    assert share(children, lambda c: c["dob_precision"] == "3") == pytest.approx(0.04, abs=0.01)
    assert share(children, lambda c: "  " in c["child_name"]) == pytest.approx(0.02, abs=0.007)


@pytest.mark.parametrize(
    ("answer", "code", "expected", "tolerance"),
    [
        ("hh_head_sex", "1", 0.72, 0.04),
        ("poverty_status", "1", 0.015, 0.008),
        ("poverty_status", "2", 0.02, 0.01),
        ("poverty_status", "3", 0.04, 0.012),
        ("hh_gps", "", 0.12, 0.025),
        ("n_recorded", "1", 0.44, 0.04),
        ("n_recorded", "2", 0.42, 0.04),
    ],
)
def test_shares_of_households_are_those_of_the_province(
    consenting, answer, code, expected, tolerance
):
    found = share(consenting, lambda household: household[answer] == code)

    assert found == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize(
    ("answer", "code", "expected", "tolerance"),
    [
        ("child_sex", "1", 0.52, 0.03),
        ("disab_status", "1", 0.012, 0.006),
        ("health_insurance", "1", 0.967, 0.012),
        ("birth_registration", "0", 0.012, 0.006),
        ("immun_full", "1", 0.95, 0.03),
        ("injury_12m", "1", 0.022, 0.008),
        ("can_swim", "1", 0.35, 0.04),
        ("sc_open", "00", 0.983, 0.007),
    ],
)
def test_shares_of_children_are_those_of_the_province(children, answer, code, expected, tolerance):
    asked = [child for child in children if answer in child]
    found = share(asked, lambda child: child[answer] == code)

    assert found == pytest.approx(expected, abs=tolerance)


def test_one_household_in_sixty_or_seventy_refuses(households):
    assert share(households, lambda h: h["consent"] == "0") == pytest.approx(0.015, abs=0.008)
