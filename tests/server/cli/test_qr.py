"""QR codes and cards: what another program reads in them, and who may have them."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from server.db import db
from server.models import Audit
from tests.helpers.installations import Installation
from tests.helpers.qr import Picture, read_png, read_settings, read_svg

ADDRESS = "https://phieu.quynhphu.example"
LONG = "Nguyễn Thị Phương Hoa, cộng tác viên thôn Đồng Kỷ, xã Quỳnh Phụ"
ENUMS = {
    "form_update_mode": {"manual", "previously_downloaded", "match_exactly"},
    "autosend": {"off", "wifi_only", "cellular_only", "wifi_and_cellular"},
    "app_language": {"vi", "en"},
}
TEXTS = {"server_url", "username", "password", "metadata_username", "metadata_email"}
LOCKS = {
    "edit_saved",
    "send_finalized",
    "view_sent",
    "get_blank",
    "delete_saved",
    "change_server",
    "change_project_display",
    "change_app_language",
    "change_font_size",
    "change_navigation",
    "maps",
    "form_update_mode",
    "periodic_form_updates_check",
    "automatic_update",
    "hide_old_form_versions",
    "change_autosend",
    "delete_after_send",
    "change_constraint_behavior",
    "high_resolution",
    "image_size",
    "guidance_hint",
    "external_app_recording",
    "instance_form_sync",
    "change_form_metadata",
    "analytics",
    "moving_backwards",
    "access_settings",
    "change_language",
    "jump_to",
    "save_mid",
    "save_as_draft",
    "finalize_in_form_entry",
    "bulk_finalize",
}


@pytest.fixture
def public(installation: Installation) -> Installation:
    """An installation that knows its address."""
    installation.extra["PHIEU_PUBLIC_URL"] = ADDRESS
    return installation


def assert_valid(settings: dict) -> None:
    """Collect throws everything away if one value has the wrong type (openrosa.md §11.1-11.2)."""
    assert set(settings) == {"general", "admin", "project"}
    for key, value in settings["general"].items():
        assert isinstance(value, str)
        assert value in ENUMS[key] if key in ENUMS else key in TEXTS
    for key, value in settings["admin"].items():
        assert isinstance(value, str) if key == "admin_pw" else key in LOCKS and value is False
    assert set(settings["project"]) == {"name"}
    assert isinstance(settings["project"]["name"], str)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("name", ["hoa.png", "hoa.SVG"])
def test_another_program_reads_the_settings_in_the_code_of_a_new_app_user(public, tmp_path, name):
    out = tmp_path / name

    added = public.run_json("app-users", "add", LONG, "--unit", "12472", "--qr", out)

    picture = read_png(out) if name == "hoa.png" else read_svg(out.read_text())
    text = picture.read()
    settings = read_settings(text)
    assert_valid(settings)
    assert settings["general"]["server_url"] == added["url"]
    assert added["url"].startswith(f"{ADDRESS}/v1/key/{added['token']}/projects/1")
    assert settings["general"]["form_update_mode"] == "match_exactly"
    assert settings["general"]["autosend"] == "wifi_and_cellular"
    assert settings["general"]["metadata_username"] == LONG[:60]
    assert settings["admin"]["change_server"] is False
    assert "admin_pw" not in settings["admin"]
    assert len(text) < 600
    assert mode(out) == 0o600


def test_a_picture_has_pixels_and_a_quiet_zone_that_cheap_cameras_need(public, tmp_path):
    public.run("app-users", "add", "Hoa", "--qr", tmp_path / "hoa.png")

    picture = read_png(tmp_path / "hoa.png")

    module = run_of_black(picture) // 7
    assert module >= 4
    assert picture.quiet_zone() >= 4 * module


def run_of_black(picture: Picture) -> int:
    """The top left corner of a code is a black line of seven modules."""
    at = picture.quiet_zone()
    row = [picture.pixel(x, at) for x in range(at, picture.width)]
    return row.index(255)


def test_the_code_is_drawn_again_with_the_same_token_and_that_is_in_the_audit_log(
    public, app, tmp_path
):
    added = public.run_json("app-users", "add", "Hoa", "--qr", tmp_path / "a.png")

    public.run(
        "app-users", "qr", added["id"], "--out", tmp_path / "b.png", "--admin-password-stdin",
        input="bí mật\n",
    )  # fmt: skip

    first, again = (read_settings(read_png(tmp_path / n).read()) for n in ("a.png", "b.png"))
    assert again["general"] == first["general"]
    assert again["admin"] == first["admin"] | {"admin_pw": "bí mật"}
    rows = db.session.query(Audit).filter_by(action="field_key.read", actee_id=added["id"]).all()
    assert len(rows) == 2
    assert all(row.actor_id and not row.details for row in rows)


def test_a_revoked_app_user_has_no_code_and_no_card(public, tmp_path):
    hoa = public.run_json("app-users", "add", "Hoa")["id"]
    public.run("app-users", "revoke", hoa)
    out = tmp_path / "cards.html"

    said = public.run("app-users", "qr", hoa, "--out", tmp_path / "hoa.png", status=1)
    named = public.run("app-users", "cards", "--id", hoa, "--out", out, status=1)
    written = public.run_json("app-users", "cards", "--out", out)

    assert said.startswith('The access of "Hoa"')
    assert said == named
    assert not (tmp_path / "hoa.png").exists()
    assert hoa not in written["ids"]
    assert "Hoa" not in out.read_text()


def test_cards_of_a_unit_are_eight_a_page_and_each_holds_its_own_code(public, tmp_path):
    added = [public.run_json("app-users", "add", f"Hoa <{n}>", "--unit", "12472") for n in range(3)]
    public.run("app-users", "add", "Lan", "--unit", "13225")
    out = tmp_path / "cards.html"

    written = public.run_json("app-users", "cards", "--unit", "12472", "--out", out)
    of_province = public.run_json(
        "app-users", "cards", "--unit", "33", "--out", tmp_path / "p.html"
    )

    page = out.read_text(encoding="utf-8")
    codes = [read_svg(svg) for svg in re.findall(r"<svg.*?</svg>", page, re.S)]
    urls = [read_settings(code.read())["general"]["server_url"] for code in codes]
    assert urls == [a["url"] for a in added]
    assert written["ids"] == [a["id"] for a in added]
    assert set(written["ids"]) <= set(of_province["ids"])
    assert all(code.quiet_zone() >= 4 * 4 for code in codes)
    assert "Hoa &lt;0&gt;" in page
    assert "Hoa <0>" not in page
    assert "Xã Quỳnh Phụ (12472)" in page
    assert "phieu.quynhphu.example" in page
    assert "Lan" not in page
    assert not re.search(r"(src|href)=", page)
    assert mode(out) == 0o600


def test_a_unit_without_app_users_has_no_cards(public, tmp_path):
    said = public.run(
        "app-users", "cards", "--unit", "13225", "--out", tmp_path / "c.html", status=1
    )

    assert "no app user with access" in said


def test_without_an_address_no_code_is_drawn_and_nobody_is_added(installation, tmp_path):
    before = installation.run_json("app-users", "list")

    said = installation.run("app-users", "add", "Hoa", "--qr", tmp_path / "a.png", status=1)

    assert "Set PHIEU_PUBLIC_URL" in said
    assert installation.run_json("app-users", "list") == before


def test_a_code_that_cannot_be_written_adds_nobody(public, tmp_path):
    before = public.run_json("app-users", "list")

    public.run("app-users", "add", "Hoa", "--qr", tmp_path / "none" / "a.png", status=1)

    assert public.run_json("app-users", "list") == before


def test_a_secret_key_that_changed_is_said(public, tmp_path):
    hoa = public.run_json("app-users", "add", "Hoa")["id"]
    public.extra["PHIEU_SECRET_KEY"] = "another"

    said = public.run("app-users", "qr", hoa, "--out", tmp_path / "a.png", status=1)

    assert said.startswith("The secret key does not open")
