"""What ODK Collect meets, over real sockets: the checklist of docs/openrosa.md."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import md5
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from tests.conftest import publish_houses
from tests.helpers.encrypting import (
    AGGREGATE,
    Sent,
    encrypt,
    make_key,
    private_pem,
    public_base64,
)
from tests.helpers.phones import Answer, Phone
from tests.helpers.servers import serve
from tests.helpers.slips import HOUSES, house, new_id, with_setting, write_workbook

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
MEDIA_FORM = """
| survey |
| | type                              | name | label |
| | select_one_from_file villages.csv | v    | Thôn  |
| settings |
| | form_id | form_title | version |
| | media   | Có tệp     | 1       |
"""


@pytest.fixture
def phone(offered, server):
    with closing(Phone(server.collect)) as phone:
        phone.server = server
        yield phone


def publish(phone, folder, markdown: str, name: str = "form.xlsx", **media: bytes) -> None:
    files = folder / "media"
    files.mkdir(exist_ok=True)
    for file, content in media.items():
        (files / file.replace("_csv", ".csv")).write_bytes(content)
    workbook = write_workbook(folder, markdown, name)
    phone.server.installation.run("forms", "publish", workbook)


def listed(phone, query: str = "") -> dict[str, ElementTree.Element]:
    answer = phone.get(f"/formList{query}")
    assert answer.status == 200
    return {f.findtext(f"{LIST}formID"): f for f in ElementTree.fromstring(answer.body)}


def manifest(phone, form: ElementTree.Element) -> Answer:
    return phone.get(form.findtext(f"{LIST}manifestUrl"))


def assert_document(answer: Answer) -> None:
    """What Collect requires of a list or a manifest (openrosa.md §2.6, §2.7)."""
    assert answer.status == 200
    assert "text/xml" in answer.headers["Content-Type"]
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["ETag"]
    assert not answer.body.startswith(b"\xef\xbb\xbf")
    answer.body.decode("utf-8")


def test_documents_are_as_collect_requires_and_304_while_unchanged(phone, tmp_path):
    publish(phone, tmp_path, MEDIA_FORM, villages_csv=b"name,label\n1,A\n")
    form = listed(phone)["media"]
    addresses = ["/formList", form.findtext(f"{LIST}manifestUrl")]
    answers = [phone.get(address) for address in addresses]
    addresses.append(form.findtext(f"{LIST}downloadUrl"))
    file = ElementTree.fromstring(answers[1].body)[0]
    addresses.append(file.findtext(f"{MANIFEST}downloadUrl"))

    for answer in answers:
        assert_document(answer)
    for address in addresses:
        first = phone.get(address)
        tag = first.headers["ETag"]
        assert phone.get(address).body == first.body
        assert phone.get(address, **{"If-None-Match": tag}).status == 304
        assert phone.get(address, **{"If-None-Match": f"W/{tag}"}).status == 304


def test_addresses_are_what_the_trusted_proxy_says(offered, installation):
    installation.extra["PHIEU_TRUSTED_PROXIES"] = "1"
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "phieu.example.vn"}
    with serve(installation) as server, closing(Phone(server.collect)) as phone:
        forwarded = phone.get("/formList", **headers).text

    addresses = re.findall(r"<downloadUrl>(.*?)</downloadUrl>", forwarded)
    assert addresses
    assert all(a.startswith("https://phieu.example.vn/v1/key/") for a in addresses)


def test_addresses_of_nobody_trusted_are_ignored(phone):
    answer = phone.get("/formList", **{"X-Forwarded-Host": "evil.example"})

    assert b"evil" not in answer.body


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_the_listed_hash_is_that_of_the_bytes(phone, encoding):
    for form in listed(phone).values():
        address = form.findtext(f"{LIST}downloadUrl")
        body = phone.get(address, **{"Accept-Encoding": encoding}).unzipped
        assert form.findtext(f"{LIST}hash") == f"md5:{md5(body).hexdigest()}"


@pytest.mark.parametrize(
    ("form_id", "title"),
    [
        ("a b", 'Nhà "ở" & <b>'),
        ("a/b", "Phiếu ✅ 2026"),
        ("http://example.vn/f?x=1", "شكل"),
        ("%2F'=+*-", "A" * 200),
    ],
)
def test_odd_ids_and_names_survive_and_the_form_takes_slips(phone, tmp_path, form_id, title):
    publish(phone, tmp_path, HOUSES.replace("| houses  | Nhà ở      |", f"| {form_id} | {title} |"))

    form = listed(phone)[form_id]
    xform = phone.get(form.findtext(f"{LIST}downloadUrl"))
    slip = house(new_id()).replace(b'id="houses"', f'id="{form_id}"'.encode())

    assert form.findtext(f"{LIST}name") == title
    assert re.fullmatch(r"[!-~]+", form.findtext(f"{LIST}downloadUrl"))
    assert xform.status == 200
    assert phone.submit(slip).status == 201


@pytest.mark.parametrize("breakable", ["postgresql"], indirect=True)
def test_a_fault_behind_the_list_is_a_503_and_never_a_short_list(breakable, tmp_path):
    publish_houses(breakable.installation, tmp_path)
    with serve(breakable.installation) as server, closing(Phone(server.collect)) as phone:
        before = listed(phone)
        with breakable.outage():
            during = phone.get("/formList")

    assert "houses" in before
    assert during.status == 503
    assert "<OpenRosaResponse" in during.text


def test_head_says_204_and_the_limit_and_403_for_a_bad_token(phone):
    good = phone.head()
    bad = phone.request("HEAD", f"/v1/key/{'x' * 64}/projects/1/submission")

    assert (good.status, bad.status) == (204, 403)
    assert int(good.headers["X-OpenRosa-Accept-Content-Length"]) >= 10_000_000
    assert "Location" not in good.headers
    assert "WWW-Authenticate" not in bad.headers


def test_the_same_post_three_times_and_at_once_is_one_submission(phone):
    instance_id = new_id()
    xml = house(instance_id, children=(("Bé", "1", "a.jpg"),))

    def send(_: int) -> int:
        with closing(Phone(phone.server.collect)) as other:
            return other.submit(xml, [("a.jpg", b"x")]).status

    statuses = [send(i) for i in range(3)]
    with ThreadPoolExecutor(16) as pool:
        statuses += pool.map(send, range(16))

    shown = phone.server.installation.run_json("submissions", "show", instance_id)
    assert set(statuses) == {201}
    assert len(shown["versions"]) == 1
    assert [file["arrived"] for file in shown["attachments"]] == [True]


def test_names_of_files_arrive_as_the_phone_has_them_and_are_no_paths(phone):
    instance_id = new_id()
    names = ["ảnh.jpg", 'a"b.jpg', "../../etc/passwd", "e f+g.jpg", "..", "x" * 300 + ".jpg"]
    xml = house(instance_id, children=tuple(("Bé", "1", name) for name in names))

    answer = phone.submit(xml, [(name, name.encode()) for name in names])

    shown = phone.server.installation.run_json("submissions", "show", instance_id)
    kept = {file["name"]: file["arrived"] for file in shown["attachments"]}
    assert answer.status == 201
    assert "missing" not in answer.text
    assert kept["ảnh.jpg"]
    assert kept['a"b.jpg']
    assert not any("/" in name or "\\" in name for name in kept)
    assert all(kept.values())


@pytest.mark.parametrize(
    "text", ["Nguyễn&#11;An", "&#55357;&#56832;", "&#128512;", "Lê\x0bBình", "&#64;"]
)
def test_characters_that_xml_forbids_are_kept_as_sent_and_exported(phone, tmp_path, text):
    instance_id = new_id()
    xml = house(instance_id).replace("Nguyễn Văn An".encode(), text.encode())

    answer = phone.submit(xml)

    run = phone.server.installation
    run.run("exports", "write", "houses", "--out", tmp_path / "out")
    assert answer.status == 201
    assert run.run_bytes("submissions", "show", instance_id, "--xml") == xml
    assert instance_id in (tmp_path / "out" / "houses.csv").read_text("utf-8-sig")


def edit(instance_id: str, of: str, head: str) -> bytes:
    return house(instance_id, head=head).replace(
        b"<meta>", f"<meta><deprecatedID>{of}</deprecatedID>".encode()
    )


def test_original_and_two_edits_in_every_order_end_the_same(phone):
    for order in itertools.permutations(range(3)):
        ids = [new_id() for _ in range(3)]
        chain = [house(ids[0]), edit(ids[1], ids[0], "B"), edit(ids[2], ids[1], "C")]
        statuses = {phone.submit(chain[i]).status for i in order}

        shown = phone.server.installation.run_json("submissions", "show", ids[0])
        assert statuses <= {201, 202}
        assert [v["instanceId"] for v in shown["versions"]] == ids[::-1]
        assert shown["versions"][0]["current"]


def test_an_edit_made_elsewhere_in_between_is_a_409_that_says_what_to_do(phone):
    ids = [new_id() for _ in range(3)]
    phone.submit(house(ids[0]))
    phone.submit(edit(ids[1], ids[0], "staff"))

    answer = phone.submit(edit(ids[2], ids[0], "phone"))

    assert answer.status == 409
    assert "<message" in answer.text


def test_a_new_version_new_media_and_no_change_are_each_seen_as_such(phone, tmp_path):
    publish(phone, tmp_path, MEDIA_FORM, villages_csv=b"name,label\n1,A\n")
    first = listed(phone)["media"]
    files = manifest(phone, first)
    publish(phone, tmp_path, MEDIA_FORM, villages_csv=b"name,label\n1,A\n")
    same = listed(phone)["media"]
    same_files = manifest(phone, same)
    publish(phone, tmp_path, MEDIA_FORM, villages_csv=b"name,label\n1,A\n2,B\n")
    media = listed(phone)["media"]
    new_files = manifest(phone, media)
    changed = MEDIA_FORM.replace("Thôn", "Thôn, xóm").replace("| 1       |", "| 2       |")
    publish(phone, tmp_path, changed)
    newer = listed(phone)["media"]

    assert ElementTree.tostring(same) == ElementTree.tostring(first)
    assert same_files.body == files.body
    assert ElementTree.tostring(media) == ElementTree.tostring(first)
    assert new_files.body != files.body
    assert newer.findtext(f"{LIST}hash") != first.findtext(f"{LIST}hash")
    assert newer.findtext(f"{LIST}version") == "2"
    old = phone.get(first.findtext(f"{LIST}downloadUrl")).body
    assert first.findtext(f"{LIST}hash") == f"md5:{md5(old).hexdigest()}"


def test_an_audit_log_is_expected_kept_and_shown(phone, tmp_path):
    survey = HOUSES.replace("| | date         | day ", "| | audit | audit | | |\n| | date | day ")
    publish(phone, tmp_path, survey.replace("| houses  |", "| audited |"))
    instance_id = new_id()
    xml = house(instance_id).replace(b'id="houses"', b'id="audited"')
    xml = xml.replace(b"<meta>", b"<meta><audit>audit.csv</audit>")
    log = b"event,node,start,end\nform start,,1772619752113,\nquestion,/data/head,1,2\n"

    first = phone.submit(xml, is_incomplete=True)
    second = phone.submit(xml, [("audit.csv", log)])

    shown = phone.server.installation.run_json("submissions", "show", instance_id)
    assert "audit.csv" in first.text
    assert "missing" not in second.text
    assert [(f["name"], f["expected"], f["size"]) for f in shown["attachments"]] == [
        ("audit.csv", True, len(log))
    ]


def test_a_file_that_no_answer_names_and_a_second_one_of_a_name_are_kept_and_noted(phone):
    instance_id = new_id()
    xml = house(instance_id, children=(("Bé", "1", "a.jpg"),))
    phone.submit(xml, [("a.jpg", b"first"), ("left-over.jpg", b"x")])

    answer = phone.submit(xml, [("a.jpg", b"second")])

    shown = phone.server.installation.run_json("submissions", "show", instance_id)
    files = [(f["name"], f["expected"], f["conflict"], f["size"]) for f in shown["attachments"]]
    assert answer.status == 201
    assert files == [
        ("a.jpg", True, False, 5),
        ("a.jpg", False, True, 6),
        ("left-over.jpg", False, False, 1),
    ]
    assert [f["code"] for f in shown["findings"]] == ["attachment_conflict"]


def test_messages_are_in_the_language_of_the_app_user(phone):
    run = phone.server.installation.run_json
    addresses = {
        language: run("app-users", "add", f"bob {language}", "--language", language)["url"]
        for language in ("vi", "en")
    }
    xml = house(new_id(), children=(("Bé", "1", "a.jpg"),))
    base = urlsplit(phone.server.url)
    texts = {}
    for language, address in addresses.items():
        path = urlsplit(address).path
        with closing(Phone(f"{base.scheme}://{base.netloc}{path}")) as other:
            texts[language] = other.submit(xml).text

    assert "Còn thiếu 1 tệp" in texts["vi"] or "còn thiếu 1 tệp" in texts["vi"]
    assert "1 files are still missing" in texts["en"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({b'id="houses"': b'id="other"'}, 404),
        ({b'version="1"': b'version="9"'}, 404),
        ({b"</data>": b""}, 400),
        ({b"<meta>": b"<meta><deprecatedID>uuid:self</deprecatedID>"}, 400),
    ],
)
def test_what_is_refused_says_what_to_do_in_the_envelope(phone, change, status):
    xml = house("uuid:self")
    for old, new in change.items():
        xml = xml.replace(old, new)

    answer = phone.submit(xml)

    message = re.search(r"<message[^>]*>(.+)</message>", answer.text)
    assert answer.status == status
    assert message
    assert len(message[1]) > 20


def test_the_settings_of_the_server_reach_no_log_line(phone):
    phone.get("/formList")
    phone.submit(b"broken")
    token = phone.base.split("/")[3]

    assert token not in phone.server.output().partition("ODK Collect:")[2].partition("\n")[2]
    assert json.dumps(phone.server.output())


def test_encrypted_slips_and_one_in_clear_are_kept_and_told_apart(phone, tmp_path):
    key = make_key()
    public = public_base64(key)
    keyed = with_setting(HOUSES.replace("| 1       |", "| 2       |"), "public_key", public)
    publish(phone, tmp_path, keyed, "keyed.xlsx")
    children = (("Bé", "1", "a.jpg"),)

    def sealed(name: str, **options) -> Sent:
        xml = house(f"uuid:{name}", children=children, version="2")
        return encrypt(xml, public, [("a.jpg", b"picture")], **options)

    altered = sealed("bad-signature")
    forged = re.sub(rb"(<base64EncryptedElementSignature>)[^<]*", rb"\1AAAA", altered.manifest)
    aggregate, partial = sealed("aggregate", namespace=AGGREGATE), sealed("partial")
    collect = sealed("collect")
    sent = [
        (collect.manifest, collect.files),
        (aggregate.manifest, aggregate.files),
        (partial.manifest, partial.without("a.jpg.enc").files),
        (forged, altered.files),
        (house("uuid:clear", version="2"), []),
    ]
    statuses = {phone.submit(xml, files).status for xml, files in sent}
    pem = tmp_path / "key.pem"
    pem.write_bytes(private_pem(key))
    run = phone.server.installation

    run.run("exports", "write", "houses", "--out", tmp_path / "out", "--key", pem)

    text = (tmp_path / "out" / "houses.csv").read_text("utf-8-sig")
    told = {row["KEY"]: row["Status"] for row in csv.DictReader(io.StringIO(text))}
    findings = run.run_json("submissions", "show", "uuid:clear")["findings"]
    assert statuses == {201}
    assert told == {
        "uuid:collect": "",
        "uuid:aggregate": "",
        "uuid:partial": "signature not checked: files are missing",
        "uuid:bad-signature": "invalid signature",
        "uuid:clear": "",
    }
    assert [finding["code"] for finding in findings] == ["not_encrypted"]
