"""The examples of the shipped forms, filled anew on a phone: JavaRosa, ODK Collect's engine.

It accepts every answer, asks nothing that an example left out, and calculates what stands there.
"""

from __future__ import annotations

import re
from pathlib import Path

from forms.instances import parse_instance
from forms.xml import local_name
from server.actions.collecting import collect_address
from tests.helpers.examples import (
    SHIPPED,
    compile_shipped,
    examples_of,
    lists_of,
    script_of,
)

OFFICERS = ("abuse_report", "case_followup", "commune_plan")
OF_ITS_MOMENT = {"start", "end", "today", "username", "deviceid", "consent_at", "age_at_report"}
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
        form, examples, lists = compile_shipped(workbook), examples_of(workbook), lists_of(workbook)
        publish(server.installation, workbook, lists, tmp_path / workbook.stem)
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


def read(root, known):
    """Every element with what is in it, but for what the moment and chance decide."""

    def settle(text):
        return MADE_ONCE.sub(lambda made: made[0] if made[0] in known else "made", text or "")

    return [
        (local_name(node), settle(node.text), {n: settle(v) for n, v in node.attrib.items()})
        for node in root.iter()
        if local_name(node) not in OF_ITS_MOMENT
    ]
