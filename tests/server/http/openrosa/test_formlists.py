"""Form list, manifest, forms and media: what a phone downloads."""

from __future__ import annotations

from hashlib import md5
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from server.actions.installation import publish_workbook
from server.actions.publishing import set_form_state
from server.auth.callers import operator
from server.cli.common import storage
from server.db import transaction
from server.models import FormState
from server.queries.forms import get_form
from server.queries.projects import get_project
from tests.helpers.slips import HOUSES, write_workbook

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
        publish_workbook(workbook, None, project=get_project(), storage=storage())


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


def test_a_closed_form_is_not_listed(get):
    with transaction():
        set_form_state(get_form(1, "houses"), FormState.CLOSED, by=operator())

    assert "houses" not in listed(get)


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
