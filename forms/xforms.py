"""Read an XForm: bytes → FormDefinition. The only reader of form definitions there is.

Sources: ODK XForms specification (binds, itext, body, secondary instances); openrosa.md §6.1 for
what Collect needs before it accepts a form.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from .definitions import (
    Bind,
    Choice,
    EntityDeclaration,
    ExpectedFile,
    ExternalInstance,
    Field,
    FormDefinition,
    Kind,
)
from .errors import InstanceRefused, Problem, WorkbookRefused
from .linting.dependencies import check_dependencies
from .logic import LogicProblem, check_logic
from .xforms_body import Control, iter_body_files, read_controls
from .xforms_head import (
    entities_version,
    iter_head_problems,
    iter_head_warnings,
    public_key,
    submission_url,
    title,
    version,
)
from .xforms_text import Itext, is_jr_source, jr_filename, read_itext, read_lists
from .xml import attribute, find_child, local_name, parse_xml

XFORMS = "http://www.w3.org/2002/xforms"
MAX_BYTES = 50_000_000
MAX_NODES = 3_000_000
MEDIA_TYPES = {"image": "image", "big-image": "image", "audio": "audio", "video": "video"}
_ACTIONS = {"setvalue", "setgeopoint", "recordaudio"}


def parse_xform(xform: bytes) -> FormDefinition:
    """Return the definition; raise WorkbookRefused with everything Collect would stumble over."""
    try:
        root = parse_xml(xform, max_bytes=MAX_BYTES, max_nodes=MAX_NODES)
    except InstanceRefused as error:
        raise WorkbookRefused([Problem("xform.not_xml", {"error": error})]) from error
    model = find_child(find_child(root, "head"), "model")
    primary = _primary_instance(model)
    problems = list(_problems(root, model, primary))
    if model is None or primary is None or problems:
        raise WorkbookRefused(problems)
    return _read(xform, root, model, primary)


def check_xform(xform: bytes) -> Iterator[LogicProblem]:
    """Yield what is wrong with the form's logic; nothing of what is no XForm at all."""
    root = parse_xml(xform, max_bytes=MAX_BYTES, max_nodes=MAX_NODES)
    model = find_child(find_child(root, "head"), "model")
    primary = _primary_instance(model)
    if model is not None and primary is not None:
        yield from check_logic(root, model, primary)
        yield from check_dependencies(root, model, primary)


def read_root_name(xform: bytes) -> str:
    """The name of the primary instance's root element, which Briefcase's keys hold."""
    root = parse_xml(xform, max_bytes=MAX_BYTES, max_nodes=MAX_NODES)
    primary = _primary_instance(find_child(find_child(root, "head"), "model"))
    return local_name(primary) if primary is not None else "data"


def _read(
    xform: bytes, root: etree._Element, model: etree._Element, primary: etree._Element
) -> FormDefinition:
    itext = read_itext(model)
    lists = read_lists(model, itext)
    binds = {str(b.get("nodeset")): _read_bind(b, itext) for b in _named(model, "bind")}
    controls = read_controls(find_child(root, "body"), itext)
    actions = {e.get("ref", "") for e in root.iter() if local_name(e) in _ACTIONS}
    tree = _TreeReader(binds, controls, lists, actions).read(primary, f"/{local_name(primary)}", "")
    return FormDefinition(
        xform=xform,
        xml_form_id=primary.get("id", ""),
        version=version(primary),
        title=title(root),
        languages=itext.languages,
        default_language=itext.default_language,
        root=tree,
        lists=lists,
        external_instances=tuple(_external_instances(model)),
        expected_files=tuple(_expected_files(root, model, primary)),
        entities=tuple(_entities(primary, binds)),
        entities_version=entities_version(model),
        public_key=public_key(model),
        submission_url=submission_url(model),
        warnings=tuple(iter_head_warnings(model)),
    )


class _TreeReader:
    """Joins the primary instance, the binds and the controls into one tree of fields."""

    def __init__(
        self,
        binds: dict[str, Bind],
        controls: dict[str, Control],
        lists: dict[str, tuple[Choice, ...]],
        actions: set[str],
    ) -> None:
        """`actions` are the nodes that an action of the form sets."""
        self.actions = actions
        self.binds = binds
        self.controls = controls
        self.lists = lists

    def read(self, element: etree._Element, xpath: str, path: str) -> Field:
        """Read the node and its children; `xpath` starts at the root element, `path` below it."""
        control = self.controls.get(xpath, Control())
        bind = self.binds.get(xpath, Bind())
        children = self._children(element, xpath, path)
        kind = Kind.REPEAT if control.is_repeat else Kind.GROUP if children else Kind.QUESTION
        if local_name(element) == "entity":
            kind = Kind.GROUP
        itemset = control.itemset
        choices = control.choices
        if itemset and itemset.list_name in self.lists:
            choices = self.lists[itemset.list_name]
        default = (element.text or "").strip() if not children else ""
        return Field(
            path=path,
            kind=kind,
            bind=bind,
            labels=control.labels,
            hints=control.hints,
            control=control.tag,
            appearance=control.appearance,
            select_multiple=control.tag in ("select", "rank"),
            choices=choices,
            itemset=itemset,
            default=default,
            children=children,
            count=control.count,
            is_note=not default and xpath not in self.actions and _only_shows(control, bind),
        )

    def _children(self, element: etree._Element, xpath: str, path: str) -> tuple[Field, ...]:
        fields: dict[str, Field] = {}
        for child in element:
            name = local_name(child)
            # A repeat's template and its first instance are one field.
            if name and name not in fields:
                fields[name] = self.read(child, f"{xpath}/{name}", f"{path}/{name}")
        return tuple(fields.values())


def _only_shows(control: Control, bind: Bind) -> bool:
    """True for a `note`: pyxform makes it text that nobody may write into."""
    is_filled = bind.calculate or bind.preload or control.choices
    is_text = control.tag == "input" and bind.type == "string"
    return is_text and bind.readonly == "true()" and not is_filled


def _problems(
    root: etree._Element, model: etree._Element | None, primary: etree._Element | None
) -> Iterator[Problem]:
    if local_name(root) != "html" or model is None or find_child(root, "body") is None:
        yield Problem("xform.shape")
    elif primary is None:
        yield Problem("xform.no_instance")
    else:
        yield from iter_head_problems(root, model, primary)


def _primary_instance(model: etree._Element | None) -> etree._Element | None:
    if model is None:
        return None
    instance = next(_named(model, "instance"), None)
    return next(iter(instance), None) if instance is not None else None


def _read_bind(element: etree._Element, itext: Itext) -> Bind:
    return Bind(
        type=element.get("type", "string").rpartition(":")[2],
        required=element.get("required", ""),
        relevant=element.get("relevant", ""),
        constraint=element.get("constraint", ""),
        calculate=element.get("calculate", ""),
        readonly=element.get("readonly", ""),
        constraint_messages=itext.texts(attribute(element, "constraintMsg")),
        required_messages=itext.texts(attribute(element, "requiredMsg")),
        preload=attribute(element, "preload"),
        preload_params=attribute(element, "preloadParams"),
        save_to=attribute(element, "saveto"),
        restricted_to=attribute(element, "restricted_save_to"),
        kept=attribute(element, "kept"),
        sensitivity=attribute(element, "sensitivity").strip().lower(),
    )


def _external_instances(model: etree._Element) -> Iterator[ExternalInstance]:
    for instance in _named(model, "instance"):
        src = instance.get("src", "")
        if src.startswith("jr://instance/"):
            continue  # the last saved instance, kept by the phone itself
        if is_jr_source(src):
            yield ExternalInstance(instance.get("id", ""), src, jr_filename(src))


def _expected_files(
    root: etree._Element, model: etree._Element, primary: etree._Element
) -> Iterator[ExpectedFile]:
    """Yield each file once: instances, media of labels, default images, what controls name."""
    found: dict[str, str] = {}
    for instance in _external_instances(model):
        found.setdefault(instance.filename, "file")
    for value in model.iter(f"{{{XFORMS}}}value"):
        form = value.get("form", "")
        text = (value.text or "").strip()
        if form in MEDIA_TYPES and is_jr_source(text):
            found.setdefault(jr_filename(text), MEDIA_TYPES[form])
    for element in primary.iter():
        text = (element.text or "").strip()
        if text.startswith("jr://images/"):
            found.setdefault(jr_filename(text), "image")
    for name in iter_body_files(find_child(root, "body")):
        found.setdefault(name, "file")
    yield from (ExpectedFile(name, kind) for name, kind in found.items())


def _entities(primary: etree._Element, binds: dict[str, Bind]) -> Iterator[EntityDeclaration]:
    places: dict[str, etree._Element] = {}
    for element in primary.iter():
        if local_name(element) != "entity" or "dataset" not in element.attrib:
            continue
        above = list(element.iterancestors())[: -_depth(primary)]
        if len(above) < 2 or local_name(above[0]) != "meta":
            continue
        xpath = "/" + "/".join(local_name(e) for e in reversed([element, *above]))
        # A repeat's template and its first instance are one place.
        if places.setdefault(xpath, above[1]) is not above[1]:
            continue
        logic = {
            part.lstrip("/@"): bind.calculate
            for part, bind in (
                (n[len(xpath) :], b) for n, b in binds.items() if n.startswith(xpath)
            )
            if part
        }
        container = "/" + "/".join(xpath.split("/")[2:-2])
        attributes = frozenset(str(name) for name in element.attrib)
        yield EntityDeclaration(container, element.get("dataset", ""), logic, attributes)


def _depth(element: etree._Element) -> int:
    return sum(1 for _ in element.iterancestors())


def _named(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    return (e for e in parent if local_name(e) == name)
