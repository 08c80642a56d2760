"""What a phone is told when the server itself is at fault."""

from __future__ import annotations

import pytest
from flask import Blueprint

from server.http.openrosa import envelopes


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_fault_of_ours_tells_that_the_form_is_still_on_the_phone(app):
    bp = Blueprint("faulty", __name__)
    envelopes.register(bp)
    bp.add_url_rule("/faulty", view_func=lambda: 1 // 0)
    app.register_blueprint(bp)

    response = app.test_client().get("/faulty")

    assert response.status_code == 500
    assert "The form is still on the phone; send it again later." in response.text
