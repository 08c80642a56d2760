"""An export arrives whole or not at all, and nothing of anybody else's is touched."""

from __future__ import annotations

import os
import signal
import time
import zipfile
from multiprocessing import Process
from pathlib import Path

import pytest

from exports.errors import FileInTheWay, FolderTaken, PlaceBusy
from exports.formats import Format
from exports.packages import deliver, staged
from exports.partition import Part, write_parts

Files = dict[str, str]


def export(out: Path, files: Files, name: str = "f csv", *, meanwhile=lambda: None) -> None:
    with staged(out, name) as folder:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        meanwhile()
        deliver(folder, out, name)


def visible(folder: Path) -> Files:
    """What people see below a folder: files and their text, by path."""
    paths = [path for path in folder.rglob("[!.]*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text() for path in paths}


def test_a_later_run_replaces_all_that_the_earlier_one_wrote(tmp_path):
    out = tmp_path / "out"
    out.mkdir()

    export(out, {"_index.csv": "1", "12472-a/f.csv": "old", "13225-b/f.csv": "old"})
    export(out, {"_index.csv": "2", "13225-b/f.csv": "new"})

    assert visible(tmp_path) == {"out/_index.csv": "2", "out/13225-b/f.csv": "new"}
    assert list(tmp_path.iterdir()) == [out]


def test_two_exports_do_not_write_to_one_place_at_a_time(tmp_path):
    out = tmp_path / "out"

    with pytest.raises(PlaceBusy):
        export(out, {"f.csv": "first"}, meanwhile=lambda: export(out, {"f.csv": "second"}))
    export(out, {"f.csv": "first"}, meanwhile=lambda: export(tmp_path / "o", {"f.csv": "other"}))

    assert visible(tmp_path) == {"out/f.csv": "first", "o/f.csv": "other"}


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_what_a_killed_export_left_goes_with_the_next_one(tmp_path, name):
    out = tmp_path / name
    killed = Process(target=export, args=(out, {"f.csv": "half"}), kwargs={"meanwhile": end})
    killed.start()
    killed.join()
    [left] = tmp_path.iterdir()
    old = time.time() - 60
    os.utime(left, (old, old))
    not_ours = tmp_path / f".{name}.somebody"
    not_ours.mkdir()
    (not_ours / "notes.txt").touch()
    os.utime(not_ours, (old, old))

    export(out, {"f.csv": "whole"})

    assert sorted(tmp_path.iterdir()) == sorted([not_ours, out])


def test_a_folder_that_was_being_replaced_comes_back(tmp_path):
    out = tmp_path / "out"
    export(out, {"f.csv": "stood"})
    left = tmp_path / ".out.abcdefgh"
    left.mkdir()
    out.rename(left / "old")
    old = time.time() - 60
    os.utime(left, (old, old))

    with pytest.raises(RuntimeError):
        export(out, {"f.csv": "new"}, meanwhile=fail)

    assert visible(tmp_path) == {"out/f.csv": "stood"}


def end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    raise RuntimeError


@pytest.mark.parametrize("foreign", ["notes.txt", "12472-a/notes.txt", "empty/folder/"])
@pytest.mark.parametrize("before", [{}, {"12472-a/f.csv": "old"}])
def test_a_folder_with_a_file_of_somebody_elses_stays_as_it_is(tmp_path, before, foreign):
    out = tmp_path / "out"
    if before:
        export(out, before)
    path = out / foreign
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir() if foreign.endswith("/") else path.write_text("mine")
    stood = visible(out)

    with pytest.raises(FolderTaken) as refused:
        export(out, {"12472-a/f.csv": "new"})

    assert refused.value.path.is_relative_to(out)
    assert visible(out) == stood
    assert path.exists()
    assert list(tmp_path.iterdir()) == [out]


def test_what_came_into_the_folder_while_the_export_ran_is_kept(tmp_path):
    out = tmp_path / "out"
    export(out, {"f.csv": "old"})

    with pytest.raises(FolderTaken):
        export(out, {"f.csv": "new"}, meanwhile=lambda: (out / "notes.txt").write_text("mine"))

    assert visible(tmp_path) == {"out/f.csv": "old", "out/notes.txt": "mine"}


def test_the_folder_of_another_export_is_not_replaced(tmp_path):
    export(tmp_path / "out", {"f.csv": "1"}, "f csv")

    with pytest.raises(FolderTaken):
        export(tmp_path / "out", {"f.xlsx": "1"}, "f xlsx")

    assert visible(tmp_path) == {"out/f.csv": "1"}


def test_a_linked_folder_is_written_where_it_leads(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")

    export(tmp_path / "out", {"f.csv": "1"})

    assert (tmp_path / "out").is_symlink()
    assert visible(tmp_path / "disk") == {"f.csv": "1"}


def test_an_export_that_fails_leaves_the_earlier_one(tmp_path):
    out = tmp_path / "out"
    export(out, {"f.csv": "old"})

    def fail() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        export(out, {"f.csv": "half"}, meanwhile=fail)

    assert visible(tmp_path) == {"out/f.csv": "old"}
    assert list(tmp_path.iterdir()) == [out]


def test_a_suffix_counts_whatever_its_case(tmp_path):
    export(tmp_path / "OUT.ZIP", {"f.csv": "1"})
    export(tmp_path / "Out.Xlsx", {"f.xlsx": "1"})

    assert zipfile.ZipFile(tmp_path / "OUT.ZIP").namelist() == ["f.csv"]
    assert (tmp_path / "Out.Xlsx").read_text() == "1"


@pytest.mark.parametrize("name", ["out.zip", "out.xlsx"])
def test_a_folder_in_the_place_of_a_file_is_no_place(tmp_path, name):
    (tmp_path / name).mkdir()

    with pytest.raises(FileInTheWay):
        export(tmp_path / name, {"f.xlsx": "1"})

    assert list((tmp_path / name).iterdir()) == []


@pytest.mark.parametrize("name", ["out", "out.zip", "out.xlsx"])
def test_only_the_owner_reads_what_is_written_also_on_the_way(tmp_path, name):
    out = tmp_path / name
    files = {"f.xlsx": "1"} if name == "out.xlsx" else {"12472-a/f.csv": "1"}

    with staged(out, "f") as folder:
        on_the_way = folder.parent.stat().st_mode & 0o777
    export(out, files)

    assert on_the_way == 0o700
    paths = [out, *(out.rglob("*") if out.is_dir() else ())]
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in paths}
    assert modes <= {(True, 0o700), (False, 0o600)}


def part(code: str, edition: str, *, is_current: bool) -> Part:
    return Part(code, "Xã Quỳnh Phụ", edition, is_current, 1, dataset=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("order", [1, -1])
def test_a_communes_file_has_the_same_name_whatever_other_editions_have_rows(tmp_path, order):
    parts = [
        part("12472", "vn-2024-01", is_current=False),
        part("12472", "vn-2025-07", is_current=True),
    ]

    def write(_dataset, folder: Path) -> list[Path]:
        (folder / "f.xlsx").touch()
        return [folder / "f.xlsx"]

    write_parts(parts[::order], tmp_path, Format(write, "xlsx", is_single=True))

    assert {path.name for path in tmp_path.iterdir()} == {
        "_index.csv",
        "12472-xa-quynh-phu.xlsx",
        "12472-xa-quynh-phu-vn-2024-01.xlsx",
    }


def test_what_comes_with_a_single_file_stands_beside_it_under_its_name(tmp_path):
    files = {"f.xlsx": "1", "f-long-texts.csv": "2"}

    export(tmp_path / "Out.1.Xlsx", files)
    export(tmp_path / "out.zip", files)

    assert (tmp_path / "Out.1.Xlsx").read_text() == "1"
    assert (tmp_path / "Out.1-long-texts.csv").read_text() == "2"
    assert (tmp_path / "Out.1-long-texts.csv").stat().st_mode & 0o777 == 0o600
    assert zipfile.ZipFile(tmp_path / "out.zip").namelist() == ["f-long-texts.csv", "f.xlsx"]


def test_a_folder_where_such_a_file_must_go_is_in_the_way_of_both(tmp_path):
    (tmp_path / "out-long-texts.csv").mkdir()

    with pytest.raises(FileInTheWay):
        export(tmp_path / "out.xlsx", {"f.xlsx": "1", "f-long-texts.csv": "2"})

    assert [path.name for path in tmp_path.iterdir()] == ["out-long-texts.csv"]


def test_what_comes_with_a_communes_file_stands_beside_it(tmp_path):
    def write(_dataset, folder: Path) -> list[Path]:
        paths = [folder / "f.xlsx", folder / "f-long-texts.csv"]
        for path in paths:
            path.touch()
        return paths

    parts = [part("12472", "vn-2025-07", is_current=True)]
    write_parts(parts, tmp_path, Format(write, "xlsx", is_single=True))

    assert {path.name for path in tmp_path.iterdir()} == {
        "_index.csv",
        "12472-xa-quynh-phu.xlsx",
        "12472-xa-quynh-phu-long-texts.csv",
    }
    assert "12472-xa-quynh-phu.xlsx" in (tmp_path / "_index.csv").read_text("utf-8-sig")
