"""One language for each message, and each says what to do next."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.helpers.slips import HOUSES, write_workbook


@pytest.mark.parametrize(
    ("arguments", "vi"),
    [
        (
            ["app-users", "add", "Hoa", "--unit", "999"],
            "Không có đơn vị hành chính mã 999. Hãy dùng mã xã, phường hiện hành.",
        ),
        (
            ["app-users", "revoke", "999"],
            "Không có máy thu thập số 999 trong dự án này. Xem các máy: phieu app-users list",
        ),
        (
            ["forms", "list", "--project", "9"],
            "Không có dự án 9. Hãy dùng số của một dự án đang có, hoặc bỏ --project để dùng dự án"
            " đầu tiên.",
        ),
        (
            ["submissions", "show", "nope"],
            "Không có phiếu mã nope. Hãy chép đủ mã (uuid:…) từ cột KEY của tệp xuất.",
        ),
        (
            ["users", "disable", "a@b.vn"],
            "Không có người dùng a@b.vn. Xem danh sách: phieu users list",
        ),
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_refusal_is_vietnamese_and_says_what_to_do(installation, arguments, vi):
    installation.extra["PHIEU_LANG"] = "vi"

    said = installation.run(*arguments, status=1)

    assert said.strip() == vi


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_was_done_is_told_in_vietnamese(installation, tmp_path):
    installation.extra["PHIEU_LANG"] = "vi"
    workbook, out = write_workbook(tmp_path, HOUSES), tmp_path / "out.zip"

    published = installation.run("forms", "publish", workbook)
    again = installation.run("forms", "publish", workbook)
    written = installation.run("exports", "write", "houses", "--out", out)
    loaded = installation.run("units", "load", "--province", "01")

    assert published == "houses 1: đã phát hành.\n"
    assert again == "houses 1: đã phát hành từ trước.\n"
    assert written == f"{out}: 0 phiếu.\n"
    assert "đơn vị hành chính: thêm " in loaded


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_setting_that_cannot_be_used_is_said_in_vietnamese(installation):
    installation.extra |= {"PHIEU_LANG": "vi", "PHIEU_TZ": "Mars"}

    said = installation.run("users", "list", status=2)

    assert said.strip() == "PHIEU_TZ: không có múi giờ Mars. Ví dụ: Asia/Ho_Chi_Minh."


@pytest.mark.parametrize(
    ("environ", "bind"),
    [
        ({}, "127.0.0.1:8000"),
        ({"PORT": "5000"}, "0.0.0.0:5000"),
        ({"PORT": "5000", "HOST": "127.0.0.1"}, "127.0.0.1:5000"),
    ],
)
def test_gunicorn_is_reached_from_outside_where_a_platform_gives_the_port(environ, bind):
    code = "import server.cli.gunicorn as g; print(g.bind)"
    own = {k: v for k, v in os.environ.items() if k not in ("HOST", "PORT")}

    done = subprocess.run(
        [sys.executable, "-c", code], env=own | environ, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == bind
