"""Which rows a person may see: by role, kind of data, unit and day."""

from __future__ import annotations

from datetime import date

import pytest

from server.actions.assigning import Duty, assign, end_assignment
from server.actions.releasing import release_edits
from server.actions.unit_importing import import_units
from server.auth.gate import FormKey, Rights, require_rows
from server.auth.roles import COMMUNE_OFFICER, PERSON_ROLES, Verb
from server.cli.common import checker, operator
from server.db import transaction
from server.errors import (
    AssignmentOver,
    NotAllowed,
    NotFound,
    OwnRightsRefused,
    PeriodRefused,
    ReasonNeeded,
    SubmissionNeeded,
    UnitNeeded,
    ValueNotAllowed,
)
from server.queries import actors, assignments, forms
from server.queries.projects import get_project
from tests.helpers.duties import FORMS, asks, person, publish_all, receive, seen, slip
from tests.helpers.sql import list_quarantined

LAST_DAY, FIRST_DAY = date(2025, 6, 30), date(2025, 7, 1)
NOW = date(2026, 11, 25)
OWN, SISTER = "12472", "12511"  # two communes of Hưng Yên (33) today
OWN_VILLAGE, NEXT_VILLAGE = "V000001", "V000002"
TO_FIRST, TO_SECOND = "V000101", "V000102"  # villages of Ngọc Thanh 12322, which was divided


@pytest.fixture
def scene():
    return publish_all, add_villages


def add_villages(_: object) -> None:
    """Two villages of a commune, two of one that was divided on 1 July 2025."""
    lines = (
        "code,name,commune_code,legacy_commune_code",
        f"{OWN_VILLAGE},Thôn Một,{OWN},12472",
        f"{NEXT_VILLAGE},Thôn Hai,{OWN},12505",
        f"{TO_FIRST},Thôn Ba,11983,12322",
        f"{TO_SECOND},Thôn Bốn,12322,12322",
    )
    with transaction():
        import_units([("villages.csv", "\n".join(lines).encode())], on=FIRST_DAY, by=operator())


@pytest.fixture
def commune(app):
    return app


def give(email: str, role: str, edition: str, unit: str):
    """A person with a role at a unit of any edition, as if it had been given then."""
    actor = person(email)
    with transaction():
        assignments.assign(
            actor.id, actors.find_role(role).id, project_id=1, edition=edition, unit_code=unit
        )
    return actor


def report(form_id: str = "children", **places: tuple[str, str, str]) -> None:
    """Slips by name: (commune, village, day)."""
    for name, (code, village, on) in places.items():
        receive(slip(form_id, name, commune=code, village=village, on=on))


def test_an_officer_sees_the_own_commune_and_no_other(commune):
    report(own=(OWN, "", "2026-11-01"), sister=(SISTER, "", "2026-11-01"))
    officer = give("own@x.vn", "commune_officer", "vn-2025-07", OWN)

    assert seen(asks(officer, NOW), "children") == {"own"}


def test_a_code_used_twice_never_mixes(commune):
    """12472 was Thị trấn Quỳnh Côi until June 2025, and is Xã Quỳnh Phụ of six communes since."""
    report(
        town=("12472", "", "2025-06-01"),
        joined=("12505", "", "2025-06-01"),
        now=("12472", "", "2026-11-01"),
    )
    officer = give("town@x.vn", "commune_officer", "vn-2025-01", "12472")

    assert seen(asks(officer, LAST_DAY), "children") == {"town"}
    assert seen(asks(officer, FIRST_DAY), "children") == {"town", "joined", "now"}


def test_rights_follow_a_merger_on_its_date(commune):
    report(
        own=("12505", "", "2025-06-01"),
        other=("12520", "", "2025-06-01"),
        after=("12472", "", "2025-07-02"),
    )
    officer = give("merged@x.vn", "commune_officer", "vn-2025-01", "12505")

    assert seen(asks(officer, LAST_DAY), "children") == {"own"}
    assert seen(asks(officer, FIRST_DAY), "children") == {"own", "other", "after"}


def test_a_province_that_was_joined_to_another_becomes_it(commune):
    report(old=("12472", "", "2025-06-01"), hung_yen=("12322", "", "2025-06-01"))
    viewer = give("province@x.vn", "viewer", "vn-2025-01", "34")

    assert seen(asks(viewer, LAST_DAY), "children") == {"old"}
    assert seen(asks(viewer, FIRST_DAY), "children") == {"old", "hung_yen"}


def test_of_a_divided_commune_nobody_gets_more_than_it_was(commune):
    report(
        first=("12322", TO_FIRST, "2025-06-01"),
        second=("12322", TO_SECOND, "2025-06-01"),
        unplaced=("12322", "", "2025-06-01"),
        later_first=("11983", TO_FIRST, "2025-08-01"),
        later_other=("11983", "", "2025-08-01"),
        later_second=("12322", TO_SECOND, "2025-08-01"),
    )
    officer = give("divided@x.vn", "commune_officer", "vn-2025-01", "12322")

    before = {"first", "second", "unplaced"}
    assert seen(asks(officer, LAST_DAY), "children") == before
    after = seen(asks(officer, FIRST_DAY), "children")
    assert after == before | {"later_first", "later_second"}


def test_the_heirs_of_a_divided_commune_get_what_their_villages_sent_before(commune):
    report(
        first=("12322", TO_FIRST, "2025-06-01"),
        second=("12322", TO_SECOND, "2025-06-01"),
        unplaced=("12322", "", "2025-06-01"),
    )
    heir = give("heir@x.vn", "commune_officer", "vn-2025-07", "11983")
    other = give("other@x.vn", "commune_officer", "vn-2025-07", "12322")
    province = give("p@x.vn", "viewer", "vn-2025-07", "33")

    assert seen(asks(heir, NOW), "children") == {"first"}
    assert seen(asks(other, NOW), "children") == {"second"}
    assert seen(asks(province, NOW), "children") == {"first", "second", "unplaced"}


def test_a_collaborator_sees_the_own_villages_only(commune):
    report(
        own=(OWN, OWN_VILLAGE, "2026-11-01"),
        next=(OWN, NEXT_VILLAGE, "2026-11-01"),
        none=(OWN, "", "2026-11-01"),
        before=("12472", OWN_VILLAGE, "2025-06-01"),
    )
    collaborator = give("ctv@x.vn", "collaborator", "vn-2025-07", OWN_VILLAGE)

    assert seen(asks(collaborator, NOW), "children") == {"own", "before"}


def test_a_district_that_ended_gives_nothing(commune):
    report(before=("12472", "", "2025-06-01"))
    viewer = give("huyen@x.vn", "viewer", "vn-2025-01", "338")

    assert seen(asks(viewer, LAST_DAY), "children") == {"before"}
    assert seen(asks(viewer, FIRST_DAY), "children") == set()


def test_what_cannot_be_placed_goes_with_its_sender(commune):
    sender = give("sender@x.vn", "commune_officer", "vn-2025-07", OWN)
    officer = give("officer@x.vn", "commune_officer", "vn-2025-07", OWN)
    stranger = give("stranger@x.vn", "commune_officer", "vn-2025-07", SISTER)
    xml = slip("abuse_report", "lost", commune="99999", on="2026-11-01")
    receive(xml, by=asks(sender, NOW))

    assert seen(asks(officer, NOW), "abuse_report") == {"lost"}
    assert seen(asks(stranger, NOW), "abuse_report") == set()

    with transaction():
        [duty] = assignments.list_duties(sender.id)
        end_assignment(duty.id, project=get_project(), by=operator())
        assignments.assign(
            sender.id, COMMUNE_OFFICER, project_id=1, edition="vn-2025-07", unit_code=SISTER
        )
    assert seen(asks(officer, NOW), "abuse_report") == {"lost"}
    assert seen(asks(stranger, NOW), "abuse_report") == set()


def test_a_sender_of_two_communes_places_nothing(commune):
    sender = give("both@x.vn", "commune_officer", "vn-2025-07", OWN)
    with transaction():
        assignments.assign(
            sender.id, COMMUNE_OFFICER, project_id=1, edition="vn-2025-07", unit_code=SISTER
        )
    officer = give("officer@x.vn", "commune_officer", "vn-2025-07", OWN)
    receive(slip("abuse_report", "lost", commune="99999", on="2026-11-01"), by=asks(sender, NOW))

    assert seen(asks(officer, NOW), "abuse_report") == set()
    assert seen(asks(sender, NOW), "abuse_report") == set()


def test_a_village_that_contradicts_the_commune_opens_nothing(commune):
    report(wrong=(SISTER, OWN_VILLAGE, "2026-11-01"), unplaced=("99999", OWN_VILLAGE, "2026-11-01"))
    collaborator = give("ctv@x.vn", "collaborator", "vn-2025-07", OWN_VILLAGE)

    assert seen(asks(collaborator, NOW), "children") == {"unplaced"}


def edit_of(instance_id: str, *, commune: str, form_id: str = "abuse_report") -> bytes:
    xml = slip(form_id, f"edit-of-{instance_id}", commune=commune, on="2026-11-02")
    mark = f"<meta><deprecatedID>{instance_id}</deprecatedID>".encode()
    return xml.replace(b"<meta>", mark)


def test_a_slip_of_another_commune_is_edited_by_nobody_from_elsewhere(commune):
    report("abuse_report", case=(OWN, "", "2026-11-01"))
    officer = give("own@x.vn", "commune_officer", "vn-2025-07", OWN)
    stranger = give("sister@x.vn", "commune_officer", "vn-2025-07", SISTER)

    with pytest.raises(NotAllowed):
        receive(edit_of("case", commune=SISTER), by=asks(stranger, NOW))

    assert seen(asks(officer, NOW), "abuse_report") == {"case"}
    assert seen(asks(stranger, NOW), "abuse_report") == set()
    receive(edit_of("case", commune=OWN), by=asks(officer, NOW))


def test_an_edit_that_waited_is_judged_when_its_original_comes(commune):
    officer = give("own@x.vn", "commune_officer", "vn-2025-07", OWN)
    stranger = give("sister@x.vn", "commune_officer", "vn-2025-07", SISTER)
    receive(edit_of("case", commune=SISTER), by=asks(stranger, NOW))
    report("abuse_report", case=(OWN, "", "2026-11-01"))

    with transaction():
        form_id = forms.get_form(1, "abuse_report").id
        release_edits(form_id, "case", checker=checker())

    assert seen(asks(officer, NOW), "abuse_report") == {"case"}
    assert [code for code, _ in list_quarantined()] == ["403.1"]


def test_whoever_sent_a_slip_may_edit_it_and_move_it(commune):
    sender = give("own@x.vn", "commune_officer", "vn-2025-07", OWN)
    receive(slip("children", "child", commune=OWN, on="2026-11-01"), by=asks(sender, NOW))
    receive(edit_of("child", commune=SISTER, form_id="children"), by=asks(sender, NOW))

    assert seen(operator(), "children") == {"child"}
    assert seen(asks(sender, NOW), "children") == set()


READERS = {
    "children": {"admin", "manager", "viewer", "collaborator", "commune_officer", "commune_lead"},
    "abuse_report": {"commune_officer", "commune_lead"},
    "commune_plan": {
        *("admin", "manager", "viewer", "commune_officer", "commune_lead", "province_officer")
    },
    "village_monthly": {
        *("admin", "manager", "viewer", "collaborator", "commune_officer", "commune_lead")
    },
}


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_every_form_is_read_by_the_roles_of_the_matrix_and_no_other(commune):
    for form_id in FORMS.values():
        report(form_id, **{f"{form_id}-slip": (OWN, OWN_VILLAGE, "2026-11-01")})

    readers = {form_id: set() for form_id in FORMS.values()}
    for role in PERSON_ROLES:
        unit = OWN_VILLAGE if role == "collaborator" else OWN
        actor = give(f"{role}@x.vn", role, "vn-2025-07", unit)
        for form_id, roles in readers.items():
            if seen(asks(actor, NOW), form_id):
                roles.add(role)

    assert readers == READERS


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_who_administers_the_whole_site_reads_no_case(commune):
    report("abuse_report", case=(OWN, "", "2026-11-01"))

    for role in ("admin", "sysadmin", "dpo"):
        actor = person(f"{role}@x.vn", Duty(role))
        assert seen(asks(actor, NOW), "abuse_report") == set()
    assert seen(operator(), "abuse_report") == set()


def test_a_partner_sees_one_submission_until_the_day(commune):
    report("abuse_report", one=(OWN, "", "2026-11-01"), two=(OWN, "", "2026-11-01"))
    duty = Duty("partner", submission="one", valid_to=date(2099, 1, 1))
    partner = person("police@x.vn", duty)

    assert seen(asks(partner, NOW), "abuse_report") == {"one"}
    assert seen(asks(partner, date(2099, 1, 2)), "abuse_report") == set()


def test_an_assignment_holds_from_its_first_to_its_last_day(commune):
    report(own=(OWN, "", "2026-11-01"))
    viewer = person(
        "x@x.vn", Duty("viewer", OWN, valid_from=date(2098, 1, 1), valid_to=date(2098, 1, 31))
    )

    days = [date(2097, 12, 31), date(2098, 1, 1), date(2098, 1, 31), date(2098, 2, 1)]
    assert [bool(seen(asks(viewer, day), "children")) for day in days] == [0, 1, 1, 0]


def test_an_assignment_at_a_form_opens_no_other(commune):
    report(own=(OWN, "", "2026-11-01"))
    report("village_monthly", month=(OWN, "", "2026-11-01"))
    viewer = person("f@x.vn", Duty("viewer", form="village_monthly"))

    assert seen(asks(viewer, NOW), "village_monthly") == {"month"}
    assert seen(asks(viewer, NOW), "children") == set()


def test_what_is_taken_away_ends_with_the_next_question(commune):
    report(own=(OWN, "", "2026-11-01"))
    viewer = person("gone@x.vn", Duty("viewer", OWN))
    assert seen(asks(viewer, NOW), "children") == {"own"}
    [row] = assignments.list_duties(viewer.id)

    with transaction():
        end_assignment(row.id, project=get_project(), by=operator())

    assert seen(asks(viewer, NOW), "children") == set()


def test_a_manager_at_a_unit_has_its_rows_and_manages_no_form(commune):
    report(own=(OWN, "", "2026-11-01"), sister=(SISTER, "", "2026-11-01"))
    manager = person("m@x.vn", Duty("manager", OWN))
    rights = Rights(asks(manager, NOW))
    form = FormKey.of(forms.get_form(1, "children"))

    assert seen(asks(manager, NOW), "children", Verb.SUBMISSION_UPDATE) == {"own"}
    assert not rights.may(Verb.FORM_UPDATE, project_id=1, form=form)
    assert not rights.may(Verb.FIELD_KEY_CREATE, project_id=1)


def test_cases_are_read_for_a_reason(commune):
    report("abuse_report", case=(OWN, "", "2026-11-01"))
    officer = give("officer@x.vn", "commune_officer", "vn-2025-07", OWN)
    form = FormKey.of(forms.get_form(1, "abuse_report"))

    with pytest.raises(ReasonNeeded):
        require_rows(asks(officer, NOW, reason="  "), Verb.SUBMISSION_READ, project_id=1, form=form)
    with pytest.raises(NotAllowed):
        require_rows(operator("why not"), Verb.SUBMISSION_READ, project_id=1, form=form)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_duty_that_does_not_fit_is_refused_and_changes_nothing(commune):
    actor = person("new@x.vn")
    refused = {
        Duty("commune_officer"): UnitNeeded,
        Duty("commune_officer", "12505"): NotFound,  # a commune that ended
        Duty("commune_officer", "34"): NotFound,  # a province that ended
        Duty("partner", OWN): SubmissionNeeded,
        Duty("partner", submission="no such", valid_to=NOW): AssignmentOver,
        Duty("partner", submission="no such", valid_to=date(2099, 1, 1)): NotFound,
        Duty("admin", OWN): ValueNotAllowed,
        Duty("viewer", OWN, valid_to=date(2020, 1, 1)): AssignmentOver,
        Duty("viewer", valid_from=date(2099, 2, 1), valid_to=date(2099, 1, 1)): PeriodRefused,
        Duty("app-user"): ValueNotAllowed,
        Duty("emperor"): ValueNotAllowed,
    }

    for duty, error in refused.items():
        with pytest.raises(error), transaction():
            assign(actor, duty, project=get_project(), on=date(2026, 11, 26), by=operator())

    assert list(assignments.list_duties(actor.id)) == []


def test_nobody_gives_rights_to_oneself(commune):
    admin = person("boss@x.vn", Duty("sysadmin"))

    with pytest.raises(OwnRightsRefused), transaction():
        assign(
            admin,
            Duty("commune_officer", OWN),
            project=get_project(),
            on=NOW,
            by=asks(admin, NOW),
        )


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_role_is_given_by_whom_has_as_much_and_a_duty_by_who_looks_after_people(commune):
    def gives(giver: str, role: str) -> bool:
        duty = Duty(role, OWN if role not in ("admin", "viewer") else None)
        try:
            with transaction():
                by = asks(givers[giver], NOW)
                assign(person_without, duty, project=get_project(), on=NOW, by=by)
        except NotAllowed:
            return False
        return True

    person_without = person("without@x.vn")
    roles = ("admin", "manager", "viewer", "sysadmin")
    givers = {role: person(f"giver-{role}@x.vn", Duty(role)) for role in roles}

    assert [gives("admin", r) for r in ("admin", "viewer", "commune_officer")] == [True] * 3
    assert [gives("manager", r) for r in ("admin", "viewer", "commune_officer")] == [0, 1, 0]
    assert [gives("sysadmin", r) for r in ("admin", "viewer", "commune_officer")] == [0, 0, 1]
    assert [gives("viewer", r) for r in ("admin", "viewer", "commune_officer")] == [0, 0, 0]


def test_a_form_that_became_restricted_stays_so(app, tmp_path):
    publish_all(tmp_path)

    assert forms.get_form(1, "abuse_report").data_class == "case"
    assert forms.get_form(1, "village_monthly").data_class == "report"
