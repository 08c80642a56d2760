"""Phones with a user name and a password: Basic over https, Digest over http (openrosa.md §3)."""

from __future__ import annotations

import base64
import hashlib
import time
import urllib.error
import urllib.request

import pytest
from flask import current_app

from server.auth.digest import LIFETIME, NonceState, check_nonce, make_nonce
from server.auth.throttling import network
from server.cli import users
from server.config import read_settings
from tests.helpers.phones import Phone, multipart
from tests.helpers.scenes import publish_form
from tests.helpers.servers import serve
from tests.helpers.slips import HOUSES, house, write_workbook

NAME, PASSWORD = "thu@phieu.example", "Mot-mat-khau-1"
HTTPS = {"X-Forwarded-Proto": "https"}


def add_thu(_: object) -> None:
    """`thu` collects data, and may use Digest."""
    for arguments in (("add", NAME, "--role", "formfill"), ("digest", NAME)):
        done = current_app.test_cli_runner().invoke(
            users.command, [*arguments, "--password-stdin"], input=f"{PASSWORD}\n"
        )
        assert done.exit_code == 0, done.output


@pytest.fixture
def scene():
    return publish_form, add_thu


@pytest.fixture
def people(installation):
    """A server behind a proxy."""
    installation.extra["PHIEU_TRUSTED_PROXIES"] = "1"
    with serve(installation) as server:
        yield server


def basic(name: str = NAME, password: str = PASSWORD, **more: str) -> dict[str, str]:
    token = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}", **HTTPS, **more}


def ask(server, path: str, method: str = "GET", **headers: str):
    with Phone(server.url) as phone:
        return phone.request(method, path, headers=headers)


def challenges(server, path: str, method: str = "HEAD", **headers: str) -> list[str]:
    """Every WWW-Authenticate line of an answer of 401."""
    with Phone(server.url) as phone:
        phone.connection.request(method, path, headers=headers)
        answer = phone.connection.getresponse()
        answer.read()
        assert answer.status == 401
        return answer.headers.get_all("WWW-Authenticate")


class Spy(urllib.request.BaseHandler):
    """Remembers what was answered to challenges."""

    def __init__(self) -> None:
        self.answers: list[str] = []

    def http_request(self, request):
        if header := request.get_header("Authorization"):
            self.answers.append(header)
        return request


def by_digest(server, path: str, *, password: str = PASSWORD, spy: Spy | None = None, **more):
    """Python's own Digest, as an independent client: (status, body)."""
    known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    known.add_password(None, server.url, NAME, password)
    handlers = [urllib.request.HTTPDigestAuthHandler(known), spy or Spy()]
    request = urllib.request.Request(f"{server.url}{path}", **more)
    try:
        with urllib.request.build_opener(*handlers).open(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


@pytest.mark.parametrize("door", ["", "/projects/1", "/v1/projects/1"])
def test_the_list_and_what_it_names_are_served_at_every_door(people, door):
    listed = ask(people, f"{door}/formList", **basic())
    address = f"{people.url.replace('http:', 'https:')}/v1/projects/1/forms/houses/versions/1.xml"

    xform = ask(people, "/v1/projects/1/forms/houses/versions/1.xml", **basic())

    assert listed.status == 200
    assert address in listed.text
    assert b'id="houses"' in xform.body


def test_the_challenge_comes_at_head_with_one_line_for_each_scheme(people):
    over_https = challenges(people, "/projects/1/submission", **HTTPS)
    over_http = challenges(people, "/projects/1/submission")

    assert [line.split()[0] for line in over_https] == ["Basic", "Digest"]
    assert [line.split()[0] for line in over_http] == ["Digest"]
    assert "auth-int" not in over_http[0]


def test_a_slip_is_sent_with_basic_over_https(people):
    body, content_type = multipart(house("uuid:basic"))
    with Phone(people.url) as phone:
        headers = basic(**{"Content-Type": content_type})
        answer = phone.request("POST", "/submission?deviceID=x", body, headers)

    shown = people.installation.run_json("submissions", "show", "uuid:basic")
    assert answer.status == 201
    assert shown["commune"] == "12472"


def test_a_password_over_plain_http_is_refused_and_digest_is_offered(people):
    headers = {k: v for k, v in basic().items() if k == "Authorization"}

    answer = ask(people, "/formList", **headers)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Digest ")
    assert "https" in answer.text


def test_list_and_slip_go_with_digest_over_http(people):
    body, content_type = multipart(house("uuid:digest"))
    device = "?deviceID=collect%3Aa"

    listed = by_digest(people, f"/formList{device}")
    headers = {"Content-Type": content_type}
    sent = by_digest(people, f"/submission{device}", data=body, headers=headers)

    assert b"<formID>houses</formID>" in listed[1]
    assert sent[0] == 201


def test_digest_sealed_with_a_secret_key_that_is_gone_is_401_and_no_fault(people):
    people.stop()
    people.installation.extra["PHIEU_SECRET_KEY"] = "another"

    with serve(people.installation) as server:
        status, _ = by_digest(server, "/formList")

    assert status == 401


def test_a_wrong_password_is_401_in_the_envelope(people):
    answer = ask(people, "/formList", **basic(password="wrong-password"))
    status, _ = by_digest(people, "/formList", password="wrong-password")

    assert (answer.status, status) == (401, 401)
    assert "<OpenRosaResponse" in answer.text


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic Og==",
        "Bearer x",
        "Digest",
        "Digest username",
        "Digest username=",
        "Digest a=,b",
        "Basic YQBiOmM=",
        'Digest username="thu@phieu.example", realm="other", nonce="1", uri="/", response="x"',
        'Digest username="ả", realm="phieu", nonce="zz.1", uri="/formList", response="x"',
    ],
)
def test_credentials_that_are_none_are_challenged(people, header):
    answer = ask(people, "/formList", Authorization=header.encode().decode("latin-1"), **HTTPS)

    assert answer.status == 401
    assert "WWW-Authenticate" in answer.headers


def test_an_answer_made_for_another_address_is_refused(people):
    spy = Spy()
    by_digest(people, "/formList", spy=spy)
    [answer] = spy.answers

    assert ask(people, "/formList", Authorization=answer).status == 200
    assert ask(people, "/projects/1/submission", "HEAD", Authorization=answer).status == 401


def test_ids_with_slashes_are_served_with_digest(people, tmp_path):
    book = write_workbook(tmp_path, HOUSES.replace("| houses  |", "| a/b c |"), "odd.xlsx")
    people.installation.run("forms", "publish", book)

    status, xform = by_digest(people, "/v1/projects/1/forms/a%2Fb%20c/versions/1.xml")

    assert status == 200
    assert b'id="a/b c"' in xform


def test_who_says_https_without_a_trusted_proxy_is_not_believed(installation):
    with serve(installation) as server, Phone(server.url) as phone:
        answer = phone.request("GET", "/formList", headers=basic())

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Digest ")


def test_places_are_addresses_and_networks():
    assert network("::ffff:192.0.2.1") == network("192.0.2.1") != network("192.0.2.2")
    assert network("2001:db8::1") == network("2001:db8::2") != network("2001:db8:0:1::1")


def test_who_may_fill_nothing_gets_no_empty_list(people):
    run = people.installation.run
    command = ("users", "add", "xem@phieu.example", "--role", "dpo", "--password-stdin")
    run(*command, input=PASSWORD)

    answer = ask(people, "/formList", **basic("xem@phieu.example", PASSWORD))

    assert answer.status == 403


def test_a_disabled_account_ends_at_once(people):
    before = ask(people, "/formList", **basic()).status
    people.installation.run("users", "disable", NAME)

    assert before == 200
    assert ask(people, "/formList", **basic()).status == 401
    assert by_digest(people, "/formList")[0] == 401


def test_a_guesser_is_slowed_and_the_phone_that_knows_is_not(people):
    known = ask(people, "/formList", **basic()).status
    guesses = [
        ask(people, "/formList", **basic(password=f"wrong-guess-{i}")).status for i in range(12)
    ]
    held = ask(people, "/formList", **basic(password="wrong-again"))
    elsewhere = ask(people, "/formList", **basic(**{"X-Forwarded-For": "198.51.100.7"}))

    assert known == 200
    assert guesses == [401] * 10 + [429] * 2
    assert int(held.headers["Retry-After"]) > 0
    assert elsewhere.status == 200


def test_others_guesses_from_a_place_keep_nobody_out_who_signed_in_there(people):
    before = ask(people, "/formList", **basic()).status
    guesses = {
        ask(people, "/formList", **basic(name=f"nobody{i}@phieu.example")).status for i in range(62)
    }
    people.stop()
    with serve(people.installation) as again:  # no process remembers the password
        after = ask(again, "/formList", **basic()).status
        stranger = ask(again, "/formList", **basic(name="other@phieu.example")).status

    assert (before, after, stranger) == (200, 200, 429)
    assert guesses == {401, 429}


def test_a_guesser_of_tokens_is_slowed_and_phones_go_on(server):
    with Phone(server.collect) as phone:
        statuses = {
            phone.request("GET", f"/v1/key/{str(i) * 64}/projects/1/formList").status
            for i in range(70)
        }

        assert statuses == {403, 429}
        assert phone.get("/formList").status == 200


def test_a_digest_needs_the_right_password_in_letters_that_collect_can_send(people):
    run = people.installation.run

    wrong = run("users", "digest", NAME, "--password-stdin", input="wrong\n", status=1)
    foreign = run("users", "digest", NAME, "--password-stdin", input="mật khẩu dài\n", status=1)

    assert len(wrong.splitlines()) == 1
    assert "ASCII" in foreign


def test_nonces_of_other_times_are_told_apart():
    nonce = make_nonce("key", 1_000_000.0)

    assert check_nonce(nonce, "key", 1_000_100.0) is NonceState.FRESH
    assert check_nonce(nonce, "key", 1_000_000.0 + LIFETIME + 1) is NonceState.STALE
    assert check_nonce(nonce, "other", 1_000_100.0) is NonceState.FORGED
    assert check_nonce("zz.zz", "key", 1_000_100.0) is NonceState.FORGED
    assert check_nonce(nonce, "key", 900_000.0) is NonceState.STALE


def test_a_stale_nonce_is_answered_with_a_fresh_one_and_says_so(people):
    key = read_settings(people.installation.environ).secret_key
    nonce = make_nonce(key, time.time() - LIFETIME - 60)

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    answer = md5(f"{md5(f'{NAME}:phieu:{PASSWORD}')}:{nonce}:{md5('GET:/formList')}")
    header = (
        f'Digest username="{NAME}", realm="phieu", nonce="{nonce}", uri="/formList", '
        f'response="{answer}"'
    )

    [line] = challenges(people, "/formList", "GET", Authorization=header)

    assert "stale=true" in line
