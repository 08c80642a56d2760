"""HEAD and POST submission, as ODK Collect calls them."""

from __future__ import annotations

from server.queries.submissions import get_submission, load_xml
from tests.helpers.slips import house


def test_a_slip_is_kept_as_it_was_sent(submit):
    xml = house("uuid:1")

    response = submit(xml)

    assert response.status_code == 201
    assert response.headers["X-OpenRosa-Version"] == "1.0"
    _, version = get_submission("uuid:1")
    assert load_xml(version.id) == xml
