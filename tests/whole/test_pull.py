"""`phieu submissions pull`: one installation into another, broken off, resumed, and lied to."""

from __future__ import annotations

import json
from hashlib import md5

import pytest

from forms.briefcase import parse_moment, write_chunk
from forms.workbooks import compile_workbook
from tests.helpers.installations import Installation
from tests.helpers.phones import Phone
from tests.helpers.readers import PATH, reader_headers
from tests.helpers.scenes import publish_form
from tests.helpers.servers import serve
from tests.helpers.slips import HOUSES, house, write_workbook
from tests.helpers.sources import Local, Relay, write_certificate

FILE = b"\x00\xff" * 40_000
XFORM = compile_workbook(HOUSES.encode(), file_type=".md").xform
SPEAKS = {"X-OpenRosa-Version": "1.0", "Content-Type": "text/xml"}


@pytest.fixture
def source(sqlite_scenes, tmp_path):
    """Another installation, serving the form `houses`."""
    folder = tmp_path / "source"
    folder.mkdir()
    installation = sqlite_scenes.copy((publish_form,), folder / "data")
    installation.extra["PHIEU_TRUSTED_PROXIES"] = "1"
    with serve(installation) as server:
        yield server


@pytest.fixture
def relay(source):
    """The way to the source, with the rights of a reader."""
    with Relay(source.url, reader_headers(source.installation, "viewer")) as relay:
        relay.url += PATH
        yield relay


def fill(source, *slips) -> None:
    """Send (instance, files) as a phone does."""
    with Phone(source.collect) as phone:
        for xml, files in slips:
            assert phone.submit(xml, files).status == 201


def edit(instance_id: str, of: str, **answers) -> bytes:
    deprecated = f"<meta><deprecatedID>{of}</deprecatedID>".encode()
    return house(instance_id, **answers).replace(b"<meta>", deprecated)


def pull(installation: Installation, url: str, *options: object) -> dict:
    [outcome] = installation.run_json("submissions", "pull", url, "--form", "houses", *options)
    return outcome


def pull_some(installation: Installation, url: str) -> dict:
    """The outcome of a pull in which something fails."""
    said = installation.run("submissions", "pull", url, "--json", status=1)
    [outcome] = json.loads(said[said.index("[\n") :])
    return outcome


def count(outcome: dict) -> tuple[int, int, int]:
    return outcome["received"], outcome["known"], len(outcome["failed"])


def test_form_slips_edits_and_files_arrive_as_they_were_sent(installation, source, relay):
    photo = (("Bình", "1", 'ảnh "1".jpg'),)
    first = house("uuid:1", children=photo, head="Trần  'Hoà' &#64; \U0001f600\x0b")
    fill(
        source,
        (first, [('ảnh "1".jpg', FILE)]),
        (house("uuid:2"), [("left-over.tmp", b"x")]),
        (edit("uuid:1b", "uuid:1", children=photo), []),
        (edit("uuid:1c", "uuid:1b", children=photo, head="Sửa"), []),
    )

    outcome = pull(installation, relay.url)

    assert outcome["published"] == ["1"]
    assert count(outcome) == (4, 0, 0)
    for instance_id in ("uuid:1", "uuid:2"):
        here, there = (
            i.run_json("submissions", "show", instance_id)
            for i in (installation, source.installation)
        )
        for version in here["versions"] + there["versions"]:
            del version["receivedAt"]
        assert here | {"deviceId": ""} == there | {"deviceId": ""}
        shown = installation.run_bytes("submissions", "show", instance_id, "--xml")
        assert shown == source.installation.run_bytes("submissions", "show", instance_id, "--xml")


def test_a_second_run_fetches_only_what_is_new(installation, source, relay):
    late = house("uuid:late", children=(("Bình", "1", "late.jpg"),))
    fill(source, (house("uuid:1"), []), (late, []))
    first = pull(installation, relay.url)
    relay.asked.clear()

    nothing = pull(installation, relay.url)
    downloads_of_nothing = relay.count("downloadSubmission")
    fill(source, (late, [("late.jpg", FILE)]), (edit("uuid:1b", "uuid:1"), []))
    second = pull(installation, relay.url)

    assert (count(first), count(nothing), count(second)) == ((2, 0, 0), (0, 0, 0), (1, 1, 0))
    assert (first["incomplete"], second["incomplete"]) == (1, 0)
    assert (downloads_of_nothing, relay.count("downloadSubmission")) == (0, 2)
    assert relay.count(".xml") == 0
    shown = installation.run_json("submissions", "show", "uuid:late")
    assert [(f["name"], f["size"]) for f in shown["attachments"]] == [("late.jpg", len(FILE))]
    assert installation.run_json("submissions", "show", "uuid:1")["reviewState"] == "edited"


def test_a_pull_that_breaks_off_goes_on_where_it_was_and_ends_complete(installation, source, relay):
    fill(source, *((house(f"uuid:{i}"), []) for i in range(230)))

    for left in (130, 95):
        relay.left = left
        said = installation.run("submissions", "pull", relay.url, "--form", "houses", status=1)
        assert "cannot be reached" in said
    relay.left = 1_000_000
    relay.asked.clear()
    last = pull(installation, relay.url)
    asked_last = relay.count("downloadSubmission")
    again = pull(installation, relay.url, "--from-start")

    assert (count(last), asked_last) == ((15, 15, 0), 30)
    assert count(again) == (0, 230, 0)


def test_a_form_is_published_with_its_files(installation, source, relay, tmp_path):
    media = tmp_path / "media"
    media.mkdir()
    (media / "list.csv").write_bytes(b"name,label\n1,M\xe1\xbb\x99t\n")
    form = HOUSES.replace(
        "| | date ", "| | select_one_from_file list.csv | q | q | q |\n| | date ", 1
    )
    book = write_workbook(tmp_path, form.replace("| 1       |", "| 2       |"), "media.xlsx")
    source.installation.run("forms", "publish", book, "--media", media)

    first = pull(installation, relay.url)
    relay.asked.clear()
    second = pull(installation, relay.url)

    assert (first["published"], second["published"]) == (["1", "2"], [])
    assert installation.run_json("forms", "show", "houses")["attachments"] == ["list.csv"]
    assert relay.count("list.csv") == 0


def test_a_slip_that_the_phone_sends_here_too_is_the_same_one(installation, source, relay):
    xml = house("uuid:1", head="&#64;")
    fill(source, (xml, []))
    pull(installation, relay.url)

    with serve(installation) as here, Phone(here.collect) as phone:
        answer = phone.submit(xml)

    assert answer.status == 201


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_version_that_differs_here_is_refused_with_the_reason(
    installation, source, relay, tmp_path
):
    other = write_workbook(tmp_path, HOUSES.replace("Chủ hộ", "Khác"), "other.xlsx")
    installation.run("forms", "publish", other)

    said = installation.run("submissions", "pull", relay.url, "--form", "houses", status=1)

    assert "differs from the one published here" in said


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_phones_token_may_not_pull_and_that_is_said(installation, source):
    said = installation.run("submissions", "pull", source.collect, "--form", "houses", status=1)

    assert "does not let this account read" in said


def aggregate(url: str = "", **replies: object):
    """The answers of an old server with one form and one slip; `replies` replaces some."""
    envelope = (
        b'<submission xmlns="http://opendatakit.org/submissions" '
        b'xmlns:orx="http://openrosa.org/xforms"><data><data id="houses" version="1" '
        b'instanceID="uuid:old" submissionDate="2019-05-06T07:08:09.123+0000" isComplete="true">'
        b"<head>An</head><child><paper>a.jpg</paper></child><orx:meta><orx:instanceID>uuid:old"
        b"</orx:instanceID></orx:meta></data></data><mediaFile><filename>../a.jpg</filename>"
        b"<hash>md5:" + md5(FILE).hexdigest().encode() + b"</hash>"
        b"<downloadUrl>/binary</downloadUrl></mediaFile></submission>"
    )
    default = {
        "formList": b'<xforms xmlns="http://openrosa.org/xforms/xformsList"><xform>'
        b"<formID>houses</formID><name>h</name><version>1</version></xform></xforms>",
        "formXml": XFORM,
        "submissionList": write_chunk(["uuid:old"], "7").encode(),
        "downloadSubmission": envelope,
        "binary": FILE,
    }
    known = default | replies

    def answer(path: str, headers: dict[str, str]):
        name = path.partition("?")[0].rpartition("/")[2]
        if name == "submissionList" and "cursor=" in path and name not in replies:
            return 200, SPEAKS, write_chunk([], "7").encode()
        reply = known.get(name, (404, {}, b""))
        if callable(reply):
            reply = reply(path, headers)
        return (200, SPEAKS, reply) if isinstance(reply, bytes) else reply

    return answer


def test_an_old_servers_slip_keeps_its_first_receipt_and_its_file_is_no_path(installation):
    with Local(aggregate()) as old:
        first = pull(installation, old.url)
        second = pull(installation, f"{old.url}/formList")

    assert (count(first), count(second)) == ((1, 0, 0), (0, 0, 0))
    shown = installation.run_json("submissions", "show", "uuid:old")
    assert parse_moment(shown["createdAt"]).year == 2019
    assert {f["name"] for f in shown["attachments"] if f["arrived"]} == {".._a.jpg"}


def listed(version: str, address: str) -> bytes:
    return (
        f"<xform><formID>houses</formID><name>h</name><version>{version}</version>"
        f"<downloadUrl>{address}</downloadUrl></xform>"
    ).encode()


@pytest.mark.parametrize("tells_all", [True, False])
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_older_versions_are_published_if_the_source_tells_them(installation, tells_all):
    newer = compile_workbook(
        HOUSES.replace("| 1       |", "| 2       |").encode(), file_type=".md"
    ).xform

    def form_list(path, _headers):
        all_ = tells_all and "listAllVersions=true" in path
        older = listed("1", "/one") if all_ else b""
        return b"<xforms>" + listed("2", "/two") + older + b"</xforms>"

    with Local(aggregate(formList=form_list, one=XFORM, two=newer)) as old:
        first = installation.run("submissions", "pull", old.url, status=0 if tells_all else 1)

    shown = installation.run_json("forms", "show", "houses")
    assert shown["version"] == "2"
    assert sorted(shown["versions"]) == (["1", "2"] if tells_all else ["2"])
    assert ("1 new" in first) if tells_all else ('no version "1"' in first)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_fails_alone_is_named_kept_out_of_the_way_and_tried_again(installation):
    replies = {"submissionList": write_chunk(["uuid:bad", "uuid:old"], "7").encode()}
    good = aggregate()

    def download(path, headers):
        return b"<broken" if "uuid%3Abad" in path else good("/downloadSubmission", {})[2]

    replies["downloadSubmission"] = download
    with Local(aggregate(**replies)) as old:
        said = installation.run("submissions", "pull", old.url, "--json", status=1)
        old.asked.clear()
        again = installation.run("submissions", "pull", old.url, status=1)

    assert "cannot be read" in said
    assert "uuid:bad" in again
    assert installation.run_json("submissions", "show", "uuid:old")


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_damaged_file_is_not_kept_and_the_slip_waits_for_it(installation):
    with Local(aggregate(binary=b"other")) as old:
        said = installation.run("submissions", "pull", old.url, status=1)
    shown = installation.run_json("submissions", "show", "uuid:old")

    assert "does not have the hash" in said
    assert [f["arrived"] for f in shown["attachments"]] == [False]
    assert list((installation.data / "storage" / "uploads").iterdir()) == []


BROKEN_OFF = (200, SPEAKS | {"Content-Length": "99"}, b"x")
TO_ITSELF = (302, {"Location": "/binary"}, b"")


@pytest.mark.parametrize(
    "binary", [(500, {}, b""), (401, {}, b""), (403, {}, b""), TO_ITSELF, BROKEN_OFF]
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_file_that_does_not_come_is_named_and_all_slips_are_here(installation, binary):
    with Local(aggregate(binary=binary)) as old:
        first = pull_some(installation, old.url)
        old.asked.clear()
        again = pull_some(installation, old.url)
        asked_again = old.count("binary")
    with Local(aggregate()) as well:
        [outcome] = installation.run_json("submissions", "pull", well.url)

    assert (count(first), count(again)) == ((1, 0, 1), (0, 1, 1))
    assert asked_again
    assert count(outcome) == (0, 1, 0)
    assert installation.run_json("submissions", "show", "uuid:old")["attachments"][0]["arrived"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://old/a.jpg", "http://[x", "http:a b"])
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_file_without_an_address_of_the_web_costs_its_slip_only(installation, url):
    envelope = aggregate()("/downloadSubmission", {})[2].replace(b"/binary<", url.encode() + b"<")
    with Local(aggregate(downloadSubmission=envelope)) as old:
        outcome = pull_some(installation, old.url)

    assert count(outcome) == (1, 0, 1)


@pytest.mark.parametrize(
    "reply", [(500, {}, b""), (401, {}, b""), (403, {}, b""), (200, {}, b"<html>"), None]
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_slip_that_the_source_cannot_give_costs_no_other(installation, reply):
    good = aggregate()

    def download(path, headers):
        return reply if "uuid%3Abad" in path else good("/downloadSubmission", {})

    ids = write_chunk(["uuid:bad", "uuid:old"], "7").encode()
    with Local(aggregate(downloadSubmission=download, submissionList=ids)) as old:
        outcome = pull_some(installation, old.url)

    assert count(outcome) == (1, 0, 1)
    assert [f["instanceId"] for f in outcome["failed"]] == ["uuid:bad"]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_another_slip_than_the_one_asked_for_is_not_taken(installation):
    with Local(aggregate(submissionList=write_chunk(["uuid:other"], "7").encode())) as old:
        outcome = pull_some(installation, old.url)

    assert count(outcome) == (0, 0, 1)
    assert "uuid:other ≠ uuid:old" in outcome["failed"][0]["reason"]


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_list_that_may_not_be_read_ends_the_run(installation, status):
    with Local(aggregate(submissionList=(status, {}, b""))) as old:
        installation.run("submissions", "pull", old.url, status=1)

    assert old.count("downloadSubmission") == 0


@pytest.mark.parametrize(
    ("replies", "words"),
    [
        ({"formList": (401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")}, "--user"),
        ({"formList": (401, {"WWW-Authenticate": "Negotiate"}, b"")}, "--user"),
        ({"formList": (403, {}, b"")}, "does not let this account read"),
        ({"formList": (404, {}, b"")}, "nothing at this address"),
        ({"formList": (500, {}, b"")}, "status 500"),
        ({"formList": (200, {}, b"<html><body>hello")}, "not an OpenRosa server"),
        ({"formList": (200, SPEAKS, b"<xforms")}, "cannot be read"),
        ({"formList": b"<!DOCTYPE x [<!ENTITY a 'b'>]><xforms>&a;</xforms>"}, "cannot be read"),
        ({"formList": b"<xforms/>"}, "does not list a form"),
        ({"formList": b"x" * 10_000_001}, "more than"),
        ({"formList": (200, SPEAKS | {"Content-Length": "99"}, b"<xforms/>")}, "cannot be reached"),
        ({"formList": (302, {"Location": "file:///etc/passwd"}, b"")}, "redirects"),
        ({"formList": lambda *_: None}, "cannot be reached"),
        ({"formXml": b"<html/>"}, "The form has errors|XForm"),
        ({"submissionList": b"<idChunk"}, "cannot be read"),
        ({"submissionList": (503, {}, b"")}, "status 503"),
        ({"downloadSubmission": b"<submission/>"}, "cannot be read"),
        ({"downloadSubmission": (404, {}, b"")}, "nothing at this address"),
        ({"binary": (404, {}, b"")}, "nothing at this address"),
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_each_failure_is_one_clear_sentence(installation, replies, words):
    with Local(aggregate(**replies)) as old:
        said = installation.run("submissions", "pull", old.url, "--form", "houses", status=1)

    assert any(word in said for word in words.split("|"))
    assert "Traceback" not in said
    assert list((installation.data / "storage" / "uploads").iterdir()) == []


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_nobody_listening_is_said(installation):
    with Local(aggregate()) as old:
        url = old.url

    assert "cannot be reached" in installation.run("submissions", "pull", url, status=1)


DIGEST = 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5'
SIGNED = ("--form", "houses", "--user", "ann", "--password-stdin")


@pytest.mark.parametrize("challenge", [DIGEST, f'Basic realm="r"\n{DIGEST}'])
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_user_signs_in_with_digest_and_the_password_never_travels(installation, challenge):
    sent: list[str] = []
    inner = aggregate()

    def guarded(path, headers):
        sent.append(headers.get("Authorization", ""))
        if sent[-1].startswith("Digest ") and 'username="ann"' in sent[-1]:
            return inner(path, headers)
        return 401, {"WWW-Authenticate": challenge}, b""

    with Local(guarded) as old:
        installation.run("submissions", "pull", old.url, *SIGNED, input="s3cret-word\n")

    assert not any("Basic" in a or "s3cret" in a for a in sent)
    assert installation.run_json("submissions", "show", "uuid:old")


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_user_signs_in_with_basic_over_https(installation, tmp_path):
    inner = aggregate()

    def guarded(path, headers):
        if headers.get("Authorization") == "Basic YW5uOnMzY3JldC13b3Jk":
            return inner(path, headers)
        return 401, {"WWW-Authenticate": 'Negotiate\nBasic realm="r"'}, b""

    certificate = write_certificate(tmp_path)
    installation.extra["SSL_CERT_FILE"] = str(certificate)
    with Local(guarded, certificate=certificate) as old:
        installation.run("submissions", "pull", old.url, *SIGNED, input="s3cret-word\n")

    assert installation.run_json("submissions", "show", "uuid:old")


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_basic_over_http_is_refused_and_the_password_stays(installation):
    sent: list[str] = []

    def guarded(_path, headers):
        sent.append(headers.get("Authorization", ""))
        return 401, {"WWW-Authenticate": 'Basic realm="r"'}, b""

    with Local(guarded) as old:
        said = installation.run("submissions", "pull", old.url, *SIGNED, input="x\n", status=1)

    assert "https only" in said
    assert set(sent) == {""}


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_redirect_to_another_host_is_not_followed_with_credentials(installation):
    with Local(aggregate()) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        moved = (302, {"Location": f"{elsewhere}/formList"}, b"")
        with Local(aggregate(formList=moved)) as old:
            said = installation.run("submissions", "pull", old.url, *SIGNED, input="x\n", status=1)

    assert "redirects to localhost" in said
    assert other.asked == []


@pytest.mark.parametrize("arguments", [["ftp://x"], ["http://x", "--user", "ann"]])
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_misuse_is_said(installation, arguments):
    assert "Usage" in installation.run("submissions", "pull", *arguments, status=2)
