"""What a phone needs to be set up: the address, and the settings that Collect reads from a QR."""

from __future__ import annotations

import base64
import json
import zlib
from urllib.parse import quote


def collect_address(base_url: str, token: str, project_id: int) -> str:
    """What is typed as URL in Collect's server settings."""
    return f"{base_url}/v1/key/{token}/projects/{project_id}"


def test_address(base_url: str, token: str, project_id: int, xml_form_id: str) -> str:
    """What is typed as URL to try out the draft of a form."""
    form = quote(xml_form_id, safe="")
    return f"{base_url}/v1/test/{token}/projects/{project_id}/forms/{form}/draft"


def qr_text(address: str, project_name: str, language: str) -> str:
    """Collect's settings as it reads them: JSON, zlib, base64 (openrosa.md §11)."""
    settings = {
        "general": {
            "server_url": address,
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
            "app_language": language,
        },
        "admin": {},
        "project": {"name": project_name},
    }
    text = json.dumps(settings, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()
