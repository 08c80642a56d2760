"""Headers of every OData answer, and refusals of `$metadata`, which are XML (central-api.md §2)."""

from __future__ import annotations

from flask import Blueprint, Response
from lxml import etree

from server.http import refusals

from ..envelopes import http_refusal, refusal


def add_version(response: Response) -> Response:
    response.headers["OData-Version"] = "4.0"
    return response


def register_xml(bp: Blueprint) -> None:
    """Turn refusals inside the blueprint into XML."""
    refusals.register(
        bp,
        refusal=lambda problem: _to_xml(refusal(problem)),
        http_refusal=lambda error: _to_xml(http_refusal(error)),
    )


def _to_xml(response: Response) -> Response:
    """The same as in JSON; whatever details there are stay text."""
    said = response.get_json()
    root = etree.Element("error", code=str(said.get("code", response.status_code)))
    etree.SubElement(root, "message").text = _printable(said["message"])
    details = etree.SubElement(root, "details")
    for name, value in said.get("details", {}).items():
        etree.SubElement(details, "detail", name=name).text = _printable(str(value))
    response.set_data(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
    response.content_type = "text/xml; charset=utf-8"
    return response


def _printable(text: str) -> str:
    """Without what XML forbids."""
    return "".join(c for c in text if c >= " " and not 0xFFFE <= ord(c) <= 0xFFFF)
