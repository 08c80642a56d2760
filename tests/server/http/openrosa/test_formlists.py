"""Form list, manifest, forms and media: what a phone downloads."""

from __future__ import annotations

from hashlib import md5
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from server.actions.installation import publish_workbook
from server.actions.publishing import set_form_state
from server.cli.common import operator, storage
from server.db import transaction
from server.models import FormState
from server.queries.forms import get_form
from server.queries.projects import get_project
from tests.helpers.slips import HOUSES, house, write_workbook

LIST = "{http://openrosa.org/xforms/xformsList}"


@pytest.fixture
def get(app, collect):
    def ask(path: str, **headers: str):
        with app.app_context():
            address = path if path.startswith("/v1") else collect + path
            return app.test_client().get(address, headers=headers)

    return ask


def listed(get) -> dict[str, ElementTree.Element]:
    forms = ElementTree.fromstring(get("/formList").data)
    return {form.findtext(f"{LIST}formID"): form for form in forms}


def publish(folder, markdown) -> None:
    with transaction():
        workbook = write_workbook(folder, markdown)
        publish_workbook(workbook, None, project=get_project(), storage=storage(), by=operator())


def test_the_list_names_the_current_version_and_the_hash_of_its_bytes(get):
    form = listed(get)["houses"]

    xform = get(urlsplit(form.findtext(f"{LIST}downloadUrl")).path)

    assert form.findtext(f"{LIST}version") == "1"
    assert form.findtext(f"{LIST}hash") == f"md5:{md5(xform.data).hexdigest()}"
    assert form.find(f"{LIST}manifestUrl") is None


def test_an_unchanged_list_is_answered_with_304(get):
    tag = get("/formList").headers["ETag"]

    assert get("/formList", **{"If-None-Match": tag}).status_code == 304
    assert get("/formList", **{"If-None-Match": f"W/{tag}"}).status_code == 304


def test_a_new_version_changes_the_list_and_the_old_one_stays_served(get, tmp_path):
    old = listed(get)["houses"].findtext(f"{LIST}downloadUrl")
    tag = get("/formList").headers["ETag"]

    publish(tmp_path, HOUSES.replace("| 1       |", "| 2       |"))

    assert get("/formList", **{"If-None-Match": tag}).status_code == 200
    assert listed(get)["houses"].findtext(f"{LIST}version") == "2"
    assert get(urlsplit(old).path).status_code == 200


@pytest.mark.parametrize("form_id", ["a b", "a/b", "%2F", "'=+*-%", "Phiếu ✅"])
def test_odd_form_ids_and_titles_survive(get, tmp_path, form_id):
    publish(
        tmp_path,
        HOUSES.replace("| houses  | Nhà ở      |", f'| {form_id} | A "&" <b> ✅ |'),
    )

    form = listed(get)[form_id]

    assert form.findtext(f"{LIST}name") == 'A "&" <b> ✅'
    assert get(urlsplit(form.findtext(f"{LIST}downloadUrl")).path).status_code == 200


@pytest.mark.parametrize(
    ("state", "is_listed", "status"),
    [(FormState.OPEN, True, 201), (FormState.CLOSING, False, 201), (FormState.CLOSED, False, 409)],
)
def test_a_closing_form_is_not_listed_and_still_accepts_and_a_closed_one_does_neither(
    get, submit, state, is_listed, status
):
    with transaction():
        set_form_state(get_form(1, "houses"), state, by=operator())

    assert ("houses" in listed(get)) == is_listed
    assert submit(house("uuid:1")).status_code == status


def versions(get, query: str) -> list[tuple[str, str]]:
    forms = ElementTree.fromstring(get(f"/formList?{query}").data)
    return [(f.findtext(f"{LIST}formID"), f.findtext(f"{LIST}version")) for f in forms]


def test_all_versions_of_one_form_are_listed_where_asked_for(get, tmp_path):
    publish(tmp_path, HOUSES.replace("| 1       |", "| 2       |"))

    assert versions(get, "formID=houses") == [("houses", "2")]
    assert versions(get, "formID=houses&listAllVersions=true") == [("houses", "2"), ("houses", "1")]
    assert versions(get, "formID=houses&listAllVersions=false") == [("houses", "2")]
    assert versions(get, "formID=none") == []


def test_the_current_version_is_served_under_the_name_of_the_form(get, tmp_path):
    publish(tmp_path, HOUSES.replace("| 1       |", "| 2       |"))

    assert b'version="2"' in get("/forms/houses.xml").data
    assert get("/forms/houses/manifest").status_code == 200
    assert get("/forms/none.xml").status_code == 404


def test_a_description_is_given_where_asked_for(get):
    assert b"<descriptionText>" in get("/formList?verbose=true").data
    assert b"<descriptionText>" not in get("/formList").data


def test_files_replaced_without_a_new_version_change_the_manifest_and_nothing_else(get, tmp_path):
    form = HOUSES.replace(
        "| | date ", "| | select_one_from_file wells.csv | w | w | w |\n| | date ", 1
    ).replace("| 1       |", "| 2       |")
    media = tmp_path / "media"
    media.mkdir()
    (media / "wells.csv").write_bytes(b"name,label\n1,Mot\n")
    publish(tmp_path, form)
    before = listed(get)["houses"]
    address = urlsplit(before.findtext(f"{LIST}manifestUrl")).path
    manifest = get(address)

    (media / "wells.csv").write_bytes(b"name,label\n2,Hai\n")
    publish(tmp_path, form)

    after = listed(get)["houses"]
    assert ElementTree.tostring(after) == ElementTree.tostring(before)
    assert get(address).headers["ETag"] != manifest.headers["ETag"]
    new = md5(b"name,label\n2,Hai\n").hexdigest()
    assert f"md5:{new}".encode() in get(address).data


def test_an_unchanged_form_is_published_again_without_its_files(get, tmp_path):
    form = HOUSES.replace(
        "| | date ", "| | select_one_from_file wells.csv | w | w | w |\n| | date ", 1
    ).replace("| 1       |", "| 2       |")
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "wells.csv").write_bytes(b"name,label\n1,Mot\n")
    publish(tmp_path, form)
    (tmp_path / "media" / "wells.csv").unlink()

    publish(tmp_path, form)

    address = urlsplit(listed(get)["houses"].findtext(f"{LIST}manifestUrl")).path
    assert b"wells.csv" in get(address).data


def test_an_older_version_published_again_is_not_offered_again(get, tmp_path):
    """Phones that hold it would not see it (openrosa.md §6.2.5)."""
    publish(tmp_path, HOUSES.replace("| 1       |", "| 2       |"))

    publish(tmp_path, HOUSES)

    assert listed(get)["houses"].findtext(f"{LIST}version") == "2"


@pytest.mark.parametrize("token", ["x" * 64, "short", "a" * 63 + "!"])
def test_any_wrong_token_is_403_in_the_envelope(get, collect, token):
    response = get(f"/v1/key/{token}/projects/1/formList")

    assert response.status_code == 403
    assert b"<OpenRosaResponse" in response.data


def test_an_unknown_address_below_a_token_is_answered_in_the_envelope(get):
    response = get("/nothing/here")

    assert response.status_code == 404
    assert b"<OpenRosaResponse" in response.data
    assert response.headers["X-OpenRosa-Version"] == "1.0"
