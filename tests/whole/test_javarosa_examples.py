"""The examples of the shipped forms, filled anew on a phone: JavaRosa, ODK Collect's engine.

It accepts every answer, asks nothing that an example left out, and calculates what stands there.
"""

from __future__ import annotations

import re
from pathlib import Path

from forms.instances import parse_instance
from forms.xml import local_name
from server.actions.collecting import collect_address
from server.db import db
from tests.helpers.examples import (
    SHIPPED,
    compile_shipped,
    examples_of,
    lists_of,
    script_of,
)
from tests.helpers.registers import fill_register
from tests.helpers.slips import ROOT

REGISTERS = sorted((ROOT / "xlsforms").glob("*/examples/media/*.csv"))
OFFICERS = ("abuse_report", "case_followup", "commune_plan")
OF_ITS_MOMENT = {"start", "end", "today", "username", "deviceid", "consent_at", "age_at_report"}
OF_ITS_LIST = {"baseVersion", "trunkVersion", "branchId"}
MADE_ONCE = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b\d{4}-[0-9a-f]{6}\b")


def test_javarosa_fills_every_example_as_it_stands_and_the_server_takes_it(
    server, java_phone, tmp_path
):
    units = [f"--unit={code}" for code in ("12322", "12472", "13225")]
    officer = server.installation.run_json(
        "app-users", "add", "Cán bộ xã", "--role", "commune_officer", *units
    )
    officers = collect_address(server.url, officer["token"], 1)
    for workbook in SHIPPED:
        publish(server.installation, workbook, lists_of(workbook), tmp_path / workbook.stem)
    fill_registers(server.installation)
    for workbook in SHIPPED:
        form, examples, lists = compile_shipped(workbook), examples_of(workbook), lists_of(workbook)
        written = [parse_instance(path.read_bytes()).root for path in examples]
        scripts = [script_of(form, root) for root in written]

        address = officers if workbook.stem in OFFICERS else server.collect
        report = java_phone.run(address, workbook.stem, tmp_path / f"{workbook.stem}-on", *scripts)

        known = b"".join(lists.values()).decode()
        for root, slip in zip(written, report["slips"], strict=True):
            assert [request["status"] for request in slip["requests"]] == [201]
            filled = parse_instance(Path(slip["xml"]).read_bytes()).root
            assert read(filled, known) == read(root, known)


def publish(installation, workbook, lists, folder):
    folder.mkdir()
    for name, content in lists.items():
        (folder / name).write_bytes(content)
    installation.run("forms", "publish", workbook, "--media", folder)


def fill_registers(installation):
    """The lists have the rows that the examples were filled with."""
    app = installation.create_app()
    with app.app_context():
        for file in {file.name: file for file in REGISTERS}.values():
            fill_register(file, on=installation.today())
        db.session.remove()
        db.engine.dispose()


def read(root, known):
    """Every element with what is in it, but for what moment, chance and earlier slips decide."""

    def settle(text):
        return MADE_ONCE.sub(lambda made: made[0] if made[0] in known else "made", text or "")

    return [
        (
            local_name(node),
            settle(node.text),
            {n: settle(v) for n, v in node.attrib.items() if n not in OF_ITS_LIST},
        )
        for node in root.iter()
        if local_name(node) not in OF_ITS_MOMENT
    ]
