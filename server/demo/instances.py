"""Answers → the XML that ODK Collect sends."""

from xml.sax.saxutils import escape, quoteattr

from server.demo.nodes import Entity, Group, Node

_DECLARATION = "<?xml version='1.0' encoding='UTF-8' ?>"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "ev": "http://www.w3.org/2001/xml-events",
        "orx": "http://openrosa.org/xforms",
        "entities": "http://www.opendatakit.org/xforms/entities",
        "odk": "http://www.opendatakit.org/xforms",
        "h": "http://www.w3.org/1999/xhtml",
        "jr": "http://openrosa.org/javarosa",
        "xsd": "http://www.w3.org/2001/XMLSchema",
    }.items()
)


def write_instance(answers: Group, *, form_id: str, version: str) -> bytes:
    attributes = f"id={quoteattr(form_id)} version={quoteattr(version)} {_NAMESPACES}"
    return f"{_DECLARATION}<data {attributes}>{_write_group(answers)}</data>".encode()


def _write_group(group: Group) -> str:
    return "".join([_write_node(name, value) for name, value in group])


def _write_node(name: str, value: Node) -> str:
    if isinstance(value, str):
        return f"<{name}>{escape(value)}</{name}>" if value else f"<{name} />"
    if isinstance(value, Entity):
        return _write_entity(value)
    return f"<{name}>{_write_group(value)}</{name}>"


def _write_entity(entity: Entity) -> str:
    flags = " ".join(f"{name}={quoteattr(value)}" for name, value in entity.flags)
    return (
        f'<entity dataset="{entity.entity_list}" {flags} id="{entity.id}">'
        f"<label>{escape(entity.label)}</label></entity>"
    )
