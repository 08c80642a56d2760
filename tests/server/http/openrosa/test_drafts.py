"""A draft as a tester's phone meets it, over a real socket."""

from __future__ import annotations

import zipfile
from hashlib import md5
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from tests.helpers.phones import Phone
from tests.helpers.slips import HOUSES, house, new_id, write_workbook

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
MARKDOWN = HOUSES.replace(
    "| text         | head    | Chủ hộ                 | Head                |\n",
    "| text | head | Chủ hộ | Head |\n| | select_one_from_file wells.csv | well | Giếng | Well |\n",
)
CHILD = (("Bình", "1", "giấy.pdf"),)
PAPER = ("giấy.pdf", b"%PDF-1.7 b")


@pytest.fixture
def media(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "wells.csv").write_bytes(b"name,label\n1,Mot\n")
    return folder


@pytest.fixture
def draft(server, installation, tmp_path, media):
    """Make or replace the draft by command; the answer with the address on the test's server."""

    def make(markdown: str = MARKDOWN, version: str = "2") -> dict[str, str]:
        text = markdown.replace("| 1       | Tiếng", f"| {version}       | Tiếng")
        workbook = write_workbook(tmp_path, text, "draft.xlsx")
        answer = installation.run_json("forms", "draft", workbook, "--media", media)
        return answer | {"url": server.url + urlsplit(answer["url"]).path}

    return make


def kept_files(installation) -> set[str]:
    """The names of all files in the storage, which hold the hash of their content."""
    return {
        path.name
        for path in (installation.data / "storage").rglob("*")
        if path.is_file() and "uploads" not in path.parts
    }


def test_a_tester_gets_the_list_the_form_and_its_files(draft):
    with Phone(draft()["url"]) as phone:
        [listed] = ElementTree.fromstring(phone.get("/formList").body)
        xform = phone.get(listed.findtext(f"{LIST}downloadUrl"))
        [file] = ElementTree.fromstring(phone.get(listed.findtext(f"{LIST}manifestUrl")).body)
        content = phone.get(file.findtext(f"{MANIFEST}downloadUrl"))

    assert listed.findtext(f"{LIST}version") == "2"
    assert listed.findtext(f"{LIST}hash") == f"md5:{md5(xform.body).hexdigest()}"
    assert content.body == b"name,label\n1,Mot\n"


def test_what_testers_send_is_kept_apart(offered, draft, server, installation, tmp_path):
    instance_id = new_id()
    with Phone(draft()["url"]) as phone, Phone(server.collect) as other:
        said = phone.submit(house(instance_id, version="2", children=CHILD), [PAPER])
        of_published = other.submit(house(new_id(), head="Real"))
        listed = other.get("/formList")

    out = tmp_path / "out.zip"
    installation.run("exports", "write", "houses", "--out", out, "--format", "csv")
    shown = installation.run("submissions", "show", instance_id, status=1)
    assert (said.status, of_published.status) == (201, 201)
    assert "<version>1</version>" in listed.text
    assert "<version>2</version>" not in listed.text
    assert instance_id in shown
    assert "Real" in _export(out)
    assert instance_id not in _export(out)


def _export(path) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read("houses.csv").decode("utf-8-sig")


def test_a_replaced_draft_keeps_its_address_and_drops_what_was_sent(draft, installation):
    first = draft()
    before = kept_files(installation)
    with Phone(first["url"]) as phone:
        instance = house(new_id(), version="2", children=CHILD)
        assert phone.submit(instance, [PAPER]).status == 201
        received = kept_files(installation) - before
        second = draft(version="3")
        refused = phone.submit(instance)
        accepted = phone.submit(instance.replace(b'version="2"', b'version="3"'))
        listed = phone.get("/formList")

    assert second["url"] == first["url"]
    assert len(received) == 1
    assert not received & kept_files(installation)
    assert refused.status == 404
    assert accepted.status == 201
    assert "<version>3</version>" in listed.text


def test_a_file_of_the_draft_need_not_be_handed_in_again(draft, media):
    draft()
    (media / "wells.csv").unlink()

    with Phone(draft(version="3")["url"]) as phone:
        assert "wells.csv" in phone.get("/manifest").text


def test_a_published_draft_is_offered_and_its_address_ends(draft, server, installation):
    url = draft()["url"]
    before = kept_files(installation)
    with Phone(url) as phone, Phone(server.collect) as other:
        instance = house(new_id(), version="2", children=CHILD)
        phone.submit(instance, [PAPER])
        [published] = installation.run_json("forms", "publish-draft", "houses")
        answers = [phone.get("/formList"), phone.get("/manifest"), phone.submit(instance)]
        listed = other.get("/formList")
        real = other.submit(instance, [PAPER])

    assert published["version"] == "2"
    assert [answer.status for answer in answers] == [403, 403, 403]
    assert "<formID>houses</formID>" in listed.text
    assert real.status == 201
    assert len(kept_files(installation) - before) == 1


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_draft_of_a_published_version_with_other_content_is_not_published(
    offered, draft, installation, tmp_path
):
    draft(version="1")

    said = installation.run("forms", "publish-draft", "houses", status=1)

    assert "Change the version" in said
    rows = {row["xmlFormId"]: row["version"] for row in installation.run_json("forms", "list")}
    assert rows["houses"] == "1"


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_draft_of_what_is_published_already_brings_only_its_files(draft, installation, media):
    draft()
    installation.run("forms", "publish-draft", "houses")
    (media / "wells.csv").write_bytes(b"name,label\n2,Hai\n")
    draft()

    [published] = installation.run_json("forms", "publish-draft", "houses")
    again = installation.run("forms", "publish-draft", "houses", status=1)

    assert published["version"] == "2"
    assert "has no draft" in again


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_form_that_is_only_a_draft_is_listed_as_one_and_offered_to_nobody(
    draft, server, installation
):
    draft()

    rows = {row["xmlFormId"]: row["state"] for row in installation.run_json("forms", "list")}

    assert rows["houses"] == "draft"
    with Phone(server.collect) as phone:
        assert "houses" not in phone.get("/formList").text


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_draft_of_a_project_that_encrypts_has_its_key(draft, installation):
    first = draft()
    installation.run("projects", "encrypt", "--passphrase-stdin", input="Một cụm mật khẩu dài\n")

    [published] = installation.run_json("forms", "publish-draft", "houses")
    second = draft(version="3")

    assert first["version"] == "2"
    assert published["version"].startswith("2[encrypted:")
    assert second["version"].startswith("3[encrypted:")
