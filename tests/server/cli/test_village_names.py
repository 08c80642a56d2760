"""Where nobody imported villages, exports by village have the names of the form's own list."""

from __future__ import annotations

import csv
import io

import pytest

from tests.helpers.slips import CHILD_SITUATION


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_folders_and_the_index_name_villages(app, installation, tmp_path):
    installation.run("demo", "--submissions", "10")

    out = tmp_path / "out"
    installation.run("exports", "write", "child_situation", "--by", "village", "--out", out)

    def read(content: bytes) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))

    listed = read((CHILD_SITUATION.parent / "media" / "villages.csv").read_bytes())
    labels = {row["name"]: row["label"] for row in listed}
    index = read((out / "_index.csv").read_bytes())
    assert index
    for row in index:
        assert row["name"] == labels[row["code"]]
        assert row["path"].startswith(f"{row['code']}-t")
