"""The shipped form on a phone: JavaRosa, ODK Collect's engine, fills a household of three children.

What it calculates and which choices it offers shows that form and lists reached it whole.
"""

from __future__ import annotations

from tests.helpers.javarosa import DEVICE_ID
from tests.helpers.scripts import Cells, only, point, read_answers, script, without

VISIT = {
    "g_visit-visit_type": "1",
    "g_visit-commune_code": "12472",
    "g_visit-village_code": "V000022",
    "g_visit-hh_mode": "1",
    "g_consent-respondent_name": "Nguyễn Thị Hoà",
    "g_consent-respondent_relation": "2",
    "g_consent-consent": "1",
    "g_consent-consent_basis": "1",
    "g_hh-hh_head_name": "Nguyễn Văn An",
    "g_hh-hh_head_sex": "1",
    "g_hh-hh_phone": "0912345678",
    "g_hh-hh_gps": "20.65 106.35 5.5 4.5",
    "g_hh-hh_size": "5",
    "g_hh-n_children_declared": "3",
    "g_hh-poverty_status": "0",
    "g_hh-hh_issues": "1 3",
    "g_end-concern": "0",
    "g_end-comments": 'Nhà ở cạnh đê, lối vào "hẹp" & trơn 😀',
}
CHILD = {
    "g_id-child_sex": "1",
    "g_reg-birth_registration": "1",
    "g_reg-health_insurance": "1",
    "g_dis-disab_status": "0",
    "g_care-father_status": "1",
    "g_care-mother_status": "1",
    "g_care-caregiver_relation": "2",
    "g_care-care_form": "1",
    "g_sc-risk_groups": "00",
    "g_svc-svc_received": "00",
}


def household(year: int) -> dict[str, list[Cells]]:
    """A baby, a pupil who lost her parents, a pupil whose birthday nobody knows."""
    baby = CHILD | {
        "g_id-child_name": "Nguyễn Văn Bình",
        "g_id-dob_precision": "1",
        "g_id-child_dob": f"{year - 1}-01-01",
        "g_reg-immun_full": "1",
        "g_reg-nutrition": "0",
        "g_edu-school_status": "0",
        "g_sc-sc_open": "00",
    }
    pupil = CHILD | {
        "g_id-child_name": "Nguyễn Thị Cúc",
        "g_id-child_sex": "2",
        "g_id-dob_precision": "1",
        "g_id-child_dob": f"{year - 10}-01-01",
        "g_id-child_assent": "1",
        "g_edu-school_status": "3",
        "g_edu-grade": "4",
        "g_edu-school_name": "Trường Tiểu học Quỳnh Hồng",
        "g_care-father_status": "3",
        "g_care-mother_status": "3",
        "g_sc-sc_open": "01",
        "g_sc-sc_sub": "0102",
        "g_sc-work_hours": "2",
        "g_sc-work_hazard": "0",
        "g_inj-injury_12m": "1",
        "g_inj-injury_types": "01 03",
        "g_inj-can_swim": "1",
    }
    other = CHILD | {
        "g_id-child_name": "Nguyễn Văn Dũng",
        "g_id-dob_precision": "2",
        "g_id-child_birth_year": str(year - 9),
        "g_id-child_birth_month": "1",
        "g_id-child_assent": "8",
        "g_edu-school_status": "3",
        "g_sc-sc_open": "00",
    }
    return {"rep_child": [baby, pupil, other]}


def test_the_shipped_form_is_filled_by_javarosa_and_exported_as_it_was_filled(
    server, java_phone, tmp_path
):
    children = household(server.installation.today().year)
    filled = script(VISIT, children, refused={"/data/g_hh/n_children_declared": "6"})

    report = java_phone.run(server.collect, "child_situation", tmp_path / "phone", filled)

    assert report["media"] == ["child.csv", "communes.csv", "household.csv", "villages.csv"]
    [slip] = report["slips"]
    assert [request["status"] for request in slip["requests"]] == [201]
    offered = slip["choices"]
    assert len(offered["/data/g_visit/village_code"]) == 18
    assert "05" not in offered["/data/rep_child/g_sc/sc_open"]
    assert offered["/data/rep_child[2]/g_sc/sc_sub"] == ["0101", "0102", "0103", "0104"]
    server.installation.run("exports", "write", "child_situation", "--out", tmp_path / "out")
    tables = read_answers(tmp_path / "out")
    [row] = tables["child_situation"]
    today, year = row["today"], int(row["today"][:4])
    assert row == household_row(row)
    births = [f"{year - 1}-01-01", f"{year - 10}-01-01", f"{year - 9}-01-15"]
    ages = [1, 10, 9 if today[5:] >= "01-15" else 8]
    rows = tables["child_situation-rep_child"]
    for number, (got, born, age) in enumerate(zip(rows, births, ages, strict=True), 1):
        filled_child = children["rep_child"][number - 1]
        assert got == child_row(got, filled_child, number, row) | {
            "g_id-child_dob_eff": born,
            "g_id-age_years": str(age),
            "meta-entity-label": f"{filled_child['g_id-child_name']} ({born[:4]})",
        }


def household_row(row: Cells) -> Cells:
    """What was answered, what the form calculates of it, and what only the phone can know."""
    return without(VISIT, "g_hh-hh_gps") | {
        **only(row, "start", "end", "today", "g_consent-consent_at", "g_hh-hh_uid", "KEY"),
        "username": "bob",
        "deviceid": DEVICE_ID,
        "meta-instanceID": row["KEY"],
        "meta-instanceName": "V000022 · Nguyễn Văn An",
        "g_visit-survey_date": row["today"],
        "g_visit-village_name": "Thôn Lộc Trung (cũ: Quỳnh Hồng)",
        "g_visit-legacy_commune_code": "12505",
        **point("g_hh-hh_gps", VISIT["g_hh-hh_gps"]),
        "g_hh-hh_head_ethnicity": "01",
        "g_hh-hh_village": "V000022",
        "g_hh-hh_commune": "12472",
        "g_hh-meta-entity-label": "Nguyễn Văn An · Thôn Lộc Trung (cũ: Quỳnh Hồng)",
        "g_end-n_recorded": "3",
    }


def child_row(got: Cells, filled: Cells, number: int, household: Cells) -> Cells:
    return filled | {
        "KEY": f"{household['KEY']}/rep_child[{number}]",
        "PARENT_KEY": household["KEY"],
        **only(got, "g_id-child_uid"),
        "g_id-child_is_new": "1",
        "g_id-child_status": "1",
        "g_id-child_ethnicity": "01",
        "g_sc-sc_open_save": filled["g_sc-sc_open"],
        "ch_village": "V000022",
        "ch_commune": "12472",
        "ch_hh": household["g_hh-hh_uid"],
        "ch_last": household["today"],
    }
