"""What a phone needs to be set up: the address, and the settings that Collect reads from a QR."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any
from urllib.parse import quote

LOCKED = (
    "change_server",
    "form_update_mode",
    "periodic_form_updates_check",
    "change_autosend",
    "delete_after_send",
    "change_form_metadata",
)
"""What a collaborator has no reason to change, and what loses or delays slips when changed."""
MAX_NAME = 60


def collect_address(base_url: str, token: str, project_id: int) -> str:
    """What is typed as URL in Collect's server settings."""
    return f"{base_url}/v1/key/{token}/projects/{project_id}"


def draft_address(base_url: str, token: str, project_id: int, xml_form_id: str) -> str:
    """What is typed as URL to try out the draft of a form."""
    form = quote(xml_form_id, safe="")
    return f"{base_url}/v1/test/{token}/projects/{project_id}/forms/{form}/draft"


def phone_settings(
    address: str,
    *,
    project_name: str,
    language: str,
    username: str = "",
    admin_password: str = "",
) -> dict[str, dict[str, Any]]:
    """Only what is not Collect's default: each character makes the code harder to scan.

    Without an admin password the locks keep nobody out who looks for them (openrosa.md §11.2).
    Scanning replaces all settings, so that it is also how a phone is put right again.
    """
    general = {
        "server_url": address,
        "form_update_mode": "match_exactly",
        "autosend": "wifi_and_cellular",
        "app_language": language,
    }
    if username:
        general["metadata_username"] = username[:MAX_NAME]
    admin: dict[str, Any] = {"admin_pw": admin_password} if admin_password else {}
    admin |= dict.fromkeys(LOCKED, False)
    return {"general": general, "admin": admin, "project": {"name": project_name}}


def qr_text(settings: dict[str, dict[str, Any]]) -> str:
    """The settings as Collect reads them: JSON, zlib, base64 (openrosa.md §11.3)."""
    text = json.dumps(settings, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()
