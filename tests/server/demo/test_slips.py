"""The stream of slips: the same every time, dated, and written as ODK Collect writes."""

import os
import re
import subprocess
import sys
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import islice

import pytest
from lxml import etree

from server.demo import Village, iter_slips

TODAY = date(2026, 11, 23)
VILLAGES = [
    Village(f"{commune}{number:02}", f"Thôn {number}", commune, legacy)
    for commune, legacy in (("12472", "12505"), ("13225", "13207"), ("12322", "12301"))
    for number in range(1, 9)
]


@pytest.fixture(scope="module")
def slips():
    return [etree.fromstring(slip) for slip in make_slips(1000)]


def make_slips(count, *, seed=7, villages=VILLAGES, today=TODAY):
    return iter_slips(villages, count=count, seed=seed, version="2026112901", today=today)


def test_the_same_arguments_give_the_same_bytes():
    assert list(make_slips(50)) == list(make_slips(50))


def test_another_process_gives_the_same_bytes():
    code = (
        "import hashlib, datetime\nfrom server.demo import Village, iter_slips\n"
        "slips = iter_slips([Village('a', 'Thôn', '12472', '12505')], count=300, seed=7,"
        " version='1', today=datetime.date(2026, 11, 23))\n"
        "print(hashlib.sha256(b''.join(slips)).hexdigest())"
    )

    digests = {
        subprocess.check_output(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": hash_seed}
        )
        for hash_seed in ("1", "2")
    }

    assert len(digests) == 1


def test_another_seed_gives_other_households():
    assert not set(make_slips(50, seed=7)) & set(make_slips(50, seed=8))


@pytest.mark.parametrize(
    "other", [{"today": TODAY + timedelta(days=1)}, {"count": 20}, {"villages": VILLAGES[:8]}]
)
def test_a_demo_of_another_day_or_size_is_in_no_way_of_the_first(other):
    def ids(slips):
        return {re.search(rb"<\w*:?instanceID>(.*?)<", slip)[1] for slip in slips}

    again = make_slips(**{"count": 10, **other})

    assert not ids(make_slips(10)) & ids(again)


def test_exactly_as_many_slips_come_as_were_asked_for():
    assert len(list(make_slips(17))) == 17
    assert not list(make_slips(0))


def test_the_first_of_a_million_slips_comes_at_once():
    assert len(list(islice(make_slips(1_000_000), 3))) == 3


def test_a_slip_begins_as_collect_begins_it():
    slip = next(make_slips(1))

    assert slip.startswith(
        b"<?xml version='1.0' encoding='UTF-8' ?>"
        b'<data id="child_situation" version="2026112901" xmlns:'
    )


def test_blank_answers_are_written_as_collect_writes_them():
    slip = next(make_slips(1))

    assert b"<n_consent />" in slip
    assert b"></n_consent>" not in slip


def test_instance_ids_are_version_4_uuids_and_all_different(slips):
    ids = [slip.findtext("meta/instanceID") for slip in slips]

    assert len(set(ids)) == len(slips)
    assert all(re.fullmatch(r"uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", id_) for id_ in ids)
    assert all(id_[19] == "4" and id_[24] in "89ab" for id_ in ids)


def test_surveys_lie_in_order_in_the_ten_weeks_before_today(slips):
    days = [date.fromisoformat(slip.findtext("g_visit/survey_date")) for slip in slips]

    assert days == sorted(days)
    assert days[0] == TODAY - timedelta(weeks=10)
    assert days[-1] == TODAY - timedelta(days=1)


def test_interviews_are_by_day_and_last_two_minutes_for_each_child(slips):
    for slip in slips:
        start = datetime.fromisoformat(slip.findtext("start"))
        end = datetime.fromisoformat(slip.findtext("end"))

        assert start.isoformat(timespec="milliseconds") == slip.findtext("start")
        assert start.utcoffset() == timedelta(hours=7)
        assert start.date().isoformat() == slip.findtext("today")
        assert start.hour >= 7
        assert end.hour < 22
        assert end - start >= timedelta(minutes=2 * len(slip.findall("rep_child")))


def test_each_village_has_one_device_and_one_collaborator(slips):
    devices = defaultdict(set)
    for slip in slips:
        device = slip.findtext("deviceid"), slip.findtext("username")
        devices[slip.findtext("g_visit/village_code")].add(device)

    assert set(devices) == {village.code for village in VILLAGES}
    assert all(len(of_village) == 1 for of_village in devices.values())
    assert len(set.union(*devices.values())) == len(VILLAGES)
    assert all(
        re.fullmatch("collect:[A-Za-z0-9]{16}", id_) for id_, _ in set.union(*devices.values())
    )


def test_a_refusal_says_nothing_more(slips):
    refusals = [slip for slip in slips if slip.findtext("g_consent/consent") == "0"]

    assert refusals
    for slip in refusals:
        assert [group.tag for group in slip][5:] == ["g_visit", "g_consent", "meta"]
        assert slip.findtext("meta/instanceName").endswith(" · ")


def test_markup_in_a_village_name_stays_text():
    village = Village("a&b", 'Thôn <1> "Đông"', "12472", "12505")

    slip = etree.fromstring(next(make_slips(1, villages=[village])))

    assert slip.findtext("g_visit/village_name") == village.label


@pytest.mark.parametrize("today", [date(2028, 2, 29), date(2027, 1, 5), date(2027, 8, 31)])
def test_any_day_of_the_year_will_do(today):
    assert len(list(make_slips(200, today=today))) == 200
