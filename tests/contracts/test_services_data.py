"""The shipped contracts say what their pages say: formats, positions, samples and rulings."""

import json
import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from xml.parsers import expat

import jsonschema
import pytest
import xmlschema
from lxml import etree

import contracts
from contracts.names import DIFFGRAM, ENVELOPE_NAMESPACE, SOURCE, XSD, XSI_NIL, local_name
from contracts.schema import ENTRY, Schema

ROOT = Path(contracts.__file__).parent
FOLDERS = sorted(path.parent for path in ROOT.glob("services/*/*/contract.toml"))
TOML_FILES = sorted([*ROOT.glob("services/*/service.toml"), *ROOT.glob("services/*/*/contract.toml")])
XSD_FILES = sorted(ROOT.rglob("*.xsd"))
SERVICES = {"ecgridos", "mobileconnect", "partstream", "studebaker", "utws"}

PLACEHOLDER_VALUES = {
    "int": "-2147483648",
    "short": "-32768",
    "long": "-9223372036854775808",
    "string": "text",
    "Discard or SummaryOnly or Details": "SummaryOnly",
}
"""What replaces ASMX's placeholder words; the samples of the other families are values as printed."""

DATA_SET = (
    f'<content><xs:schema xmlns="" xmlns:xs="{XSD}"><xs:element name="NewDataSet"/></xs:schema>'
    f'<d:diffgram xmlns:d="{DIFFGRAM}"><NewDataSet/></d:diffgram></content>'
)
"""What replaces the placeholders `schema` and `xml`."""

WILDCARDS = {XSD: r"<(xsd:schema|schema xmlns=\"[^\"]+\")>schema<", DIFFGRAM: "xml<"}
"""Namespace of a wildcard -> what the page prints in its place, as a pattern."""

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
"""What 3DPartStream's page indents its samples with; to XML it is text."""

NOTED_TEXT = {
    "ecgridos": {
        "9:416": "xml<",
        "13:432": "xml<",
        "16:49": "SessionID=",
        "16:66": "Minutes1=",
        "17:1": "HTTP/1.1 200 OK",
        "17:221": "xml<",
        "20:149": "SessionID=",
        "21:221": "xml<",
    },
    "mobileconnect": {
        "7:1": "To override the Content-type",
        "15:1": "Content-Type: text/xml; charset=utf-8",
        "38:1": "Content-Type: application/xml",
        "47:57": "Unknown<",
        "53:11": "ClientDataSubmissionFailure<",
    },
    "partstream": {
        "27:1": "Id of the active session",
        "77:1": NO_BREAK_SPACE,
        "75:1": "SOAP-ENV:encodingStyle=",
        "111:24": "SWServiceLogin<",
    },
    "studebaker": {
        "8:10": "/login/",
        "8:17": "Log the user in, and retrieve a login token",
        "8:60": "An invalid username/password will return an empty response",
        "10:77": ".xml suffix or ?format=xml",
    },
    "utws": {"76:20": "Discard or SummaryOnly or Details<", "161:20": "Discard or SummaryOnly or Details<"},
}
"""Positions that contract.toml and service.toml note and at which no tag starts -> what stands there."""


@dataclass(frozen=True)
class Sample:
    """One XML document printed on a page: the position of its first character and its text."""

    line: int
    column: int
    text: str

    @cached_property
    def root(self) -> etree._Element:
        """The root element."""
        return etree.fromstring(self.text.encode())

    def positions(self) -> dict[tuple[str, ...], str]:
        """Position on the page of the first start tag at each path of local names, root included."""
        found: dict[tuple[str, ...], str] = {}
        open_tags: list[str] = []
        parser = expat.ParserCreate("utf-8")

        def start(name: str, _attributes: dict[str, str]) -> None:
            open_tags.append(name.rpartition(":")[2])
            line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber
            shift = self.column - 1 if line == 1 else 0
            found.setdefault(tuple(open_tags), f"{self.line + line - 1}:{column + 1 + shift}")

        parser.StartElementHandler = start
        parser.EndElementHandler = lambda _name: open_tags.pop()
        parser.Parse(self.text.encode(), True)
        return found


@dataclass(frozen=True)
class Part:
    """Header or Body content, or the document of a sample: the root under which the schema knows it."""

    declared: str
    path: tuple[str, ...]
    element: etree._Element


class Data:
    """One operation's folder, read without the loader: what stands in its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.page = (folder / "page.txt").read_text("utf-8")
        self.lines = self.page.split("\n")
        self.contract: dict[str, Any] = tomllib.loads((folder / "contract.toml").read_text("utf-8"))
        service = tomllib.loads((folder.parent / "service.toml").read_text("utf-8"))
        self.rulings: dict[str, Any] = next(
            each for each in service["operation"] if each["name"] == self.contract["operation"]
        )
        self.bindings: list[dict[str, Any]] = self.contract["binding"]
        self.schema = Schema(folder, self._type_names())

    def _type_names(self) -> set[str]:
        shapes = [binding.get(role, {}) for binding in self.bindings for role in ("request", "response", "error")]
        return {content["type"] for shape in shapes for content in shape.values() if "type" in content}

    def at(self, position: str) -> str:
        """The page's text from a position to the end of its line."""
        line, column = map(int, position.split(":"))
        assert line <= len(self.lines)
        assert column <= len(self.lines[line - 1])
        return self.lines[line - 1][column - 1 :]

    def declaration(self, declared: str, path: tuple[str, ...]) -> xmlschema.XsdElement | None:
        """The element declaration at a path below a declared root."""
        found = self.schema.exact.maps.elements.get(declared)
        for step in path:
            found = found and next((child for child in found if child.local_name == step), None)
        return found

    def declared_root(self, content: dict[str, str]) -> str:
        """The name under which the schema declares a content: its element, or the wrapper of its type."""
        return content["element"] if "element" in content else self.schema.wrapper(content["type"])

    def samples(self) -> list[tuple[dict[str, Any], str, Sample]]:
        """The samples in the page's order: their binding, role (request, response, error) and text."""
        bare = [binding for binding in self.bindings if binding["protocol"] not in ENVELOPE_NAMESPACE]
        bodies = [binding[role]["body"]["element"] for binding in bare for role in ("request", "response")]
        roots = {"Envelope", *map(local_name, bodies)}
        pattern = rf"(?:<\?xml[^>]*\?>\s*)?<((?:[\w-]+:)?(?:{'|'.join(roots)}))[\s>].*?</\1>"
        found = []
        for match in re.finditer(pattern, self.page, re.DOTALL):
            before = self.page[: match.start()]
            text = match.group().replace(NO_BREAK_SPACE, " ")
            sample = Sample(before.count("\n") + 1, match.start() - before.rfind("\n"), text)
            binding = [each for each in self.bindings if _pair(each["at"]) <= (sample.line, sample.column)][-1]
            earlier = sum(1 for each, _, _ in found if each is binding)
            roles = ("response",) if "http_" in binding["protocol"] else ("request", "response", "error")
            found.append((binding, roles[earlier], sample))
        return found

    def parts(self, binding: dict[str, Any], role: str, sample: Sample) -> Iterator[Part]:
        """What of a sample the schema declares."""
        shape = binding[role]
        if binding["protocol"] not in ENVELOPE_NAMESPACE:
            yield Part(shape["body"]["element"], (local_name(sample.root.tag),), sample.root)
            return
        for section, content in shape.items():
            name = section.capitalize()
            (element,) = (each for each in sample.root if local_name(each.tag) == name)
            if "element" in content:
                (child,) = element
                yield Part(content["element"], ("Envelope", name, local_name(child.tag)), child)
            else:
                wrapped = deepcopy(element)
                wrapped.tag = self.schema.wrapper(content["type"])
                wrapped.attrib.clear()
                yield Part(wrapped.tag, ("Envelope", name), wrapped)

    def request_roots(self) -> list[str]:
        """The declared roots of the first binding's request; all bindings share them."""
        return [self.declared_root(content) for content in self.bindings[0]["request"].values()]

    def answer_roots(self) -> list[str]:
        """The declared roots of every documented answer."""
        return [
            self.declared_root(content)
            for binding in self.bindings
            for role in ("response", "error")
            for content in binding.get(role, {}).values()
        ]


def _pair(position: str) -> tuple[int, int]:
    line, column = position.split(":")
    return int(line), int(column)


@cache
def data(folder: Path) -> Data:
    return Data(folder)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix().removeprefix("services/")


each_operation = pytest.mark.parametrize("folder", FOLDERS, ids=_name)
each_sample = pytest.mark.parametrize(
    "folder, index",
    [(folder, index) for folder in FOLDERS for index in range(len(data(folder).samples()))],
    ids=lambda value: _name(value) if isinstance(value, Path) else str(value),
)


def _filled(element: etree._Element) -> etree._Element:
    """A copy with values in the place of placeholders."""
    copy = deepcopy(element)
    for each in copy.iter():
        if each.tag == f"{{{XSD}}}schema":
            parent = each.getparent()
            parent[:] = list(etree.fromstring(DATA_SET))
            parent.text = None
            return copy
        each.text = PLACEHOLDER_VALUES.get(each.text, each.text)
    return copy


def _verdicts(schema: Schema, element: etree._Element) -> tuple[bool, bool]:
    """Whether lxml and xmlschema hold an element valid."""
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    return schema.fast.validate(alone), schema.exact.is_valid(alone)


def test_all_five_services_ship() -> None:
    assert {folder.parent.name for folder in FOLDERS} == SERVICES


@pytest.mark.parametrize("file", TOML_FILES, ids=_name)
def test_toml_is_valid_by_its_format(file: Path) -> None:
    form = json.loads((ROOT / "formats" / f"{file.stem}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(form)
    jsonschema.Draft202012Validator(form).validate(tomllib.loads(file.read_text("utf-8")))


@pytest.mark.parametrize("file", XSD_FILES, ids=_name)
def test_xsd_compiles_alone_in_both_validators(file: Path) -> None:
    etree.XMLSchema(etree.parse(file))
    xmlschema.XMLSchema10(str(file), allow="sandbox")


@each_operation
def test_entry_imports_every_schema_document_of_its_folder(folder: Path) -> None:
    imports = etree.parse(folder / ENTRY).iterfind(f"{{{XSD}}}import")
    documents = {path.name for path in folder.glob("*.xsd")} - {ENTRY}
    assert {each.get("schemaLocation") for each in imports} == documents


@each_operation
def test_schema_of_the_operation_compiles_in_both_validators(folder: Path) -> None:
    assert data(folder).schema.fast is not None
    assert data(folder).schema.exact.validity == "valid"


@each_operation
def test_every_component_notes_the_position_of_what_it_names(folder: Path) -> None:
    wrong = []
    for file in folder.glob("*.xsd"):
        for each in etree.parse(file).iter(etree.Element):
            positions = each.get(f"{{{SOURCE}}}at", "").split()
            wrong += [
                (file.name, each.get("name"), position)
                for position in positions
                if not _names_component(data(folder), each, position)
            ]
    assert wrong == []


def _names_component(operation: Data, component: etree._Element, position: str) -> bool:
    text = operation.at(position)
    match local_name(component.tag):
        case "element":
            return re.match(rf"<([\w-]+:)?{re.escape(component.get('name'))}(?![\w-])", text) is not None
        case "enumeration":
            return re.match(rf"{re.escape(component.get('value'))}\b", text) is not None
        case "any":
            return re.match(WILDCARDS[component.get("namespace")], text) is not None
        case "simpleType":
            line, column = _pair(position)
            return operation.lines[line - 1][column - 2] == ">" and re.match(r"[^<]+</", text) is not None
        case _:
            return False


@each_operation
def test_every_component_has_a_basis_and_documented_ones_a_position(folder: Path) -> None:
    kinds = [f"{{{XSD}}}{kind}" for kind in ("element", "any", "enumeration")]
    wrong = []
    for file in folder.glob("*.xsd"):
        for each in etree.parse(file).iter(*kinds):
            notes = {local_name(key): value for key, value in each.attrib.items() if key.startswith(f"{{{SOURCE}}}")}
            is_member = not each.tag.endswith("enumeration") and each.getparent().tag != f"{{{XSD}}}schema"
            is_documented = notes.get("basis") == "documented"
            if (
                "basis" not in notes
                or (is_documented and "at" not in notes)
                or (is_documented and is_member and "min-basis" not in notes)
                or (is_documented and each.get("nillable") == "true" and "nil-basis" not in notes)
            ):
                wrong.append((file.name, each.get("name"), notes))
    assert wrong == []


@each_operation
def test_every_printed_element_is_declared_where_it_is_first_printed(folder: Path) -> None:
    operation, first = data(folder), {}
    for binding, role, sample in operation.samples():
        positions = sample.positions()
        for part in operation.parts(binding, role, sample):
            for path, position in positions.items():
                if path[: len(part.path)] == part.path:
                    first.setdefault((part.declared, path[len(part.path) :]), position)
    declared = {}
    for root, path in first:
        found = operation.declaration(root, path)
        if found is not None and found.elem.get(f"{{{SOURCE}}}at") is not None:
            declared[root, path] = found.elem.get(f"{{{SOURCE}}}at")
    undeclared = {
        (root, path) for root, path in first if (root, path) not in declared and not (path and path[-1] == "schema")
    }
    wrappers = {(root, ()) for root in operation.answer_roots() + operation.request_roots() if "content-of" in root}
    assert undeclared == wrappers
    assert declared == {key: first[key] for key in declared}


@each_sample
def test_documented_sample_is_valid_once_its_placeholders_are_replaced(folder: Path, index: int) -> None:
    operation = data(folder)
    binding, role, sample = operation.samples()[index]
    for part in operation.parts(binding, role, sample):
        assert _verdicts(operation.schema, _filled(part.element)) == (True, True)


@each_sample
def test_envelope_of_a_documented_sample_is_valid_by_its_standard(folder: Path, index: int) -> None:
    binding, _, sample = data(folder).samples()[index]
    if binding["protocol"] not in ENVELOPE_NAMESPACE:
        assert local_name(sample.root.tag) != "Envelope"
        return
    file = ROOT / "standards" / "envelopes" / f"{binding['protocol']}-envelope.xsd"
    assert etree.XMLSchema(etree.parse(file)).validate(sample.root)
    assert xmlschema.XMLSchema10(str(file), allow="local").is_valid(sample.root)


@each_operation
def test_every_binding_has_its_samples(folder: Path) -> None:
    operation = data(folder)
    roles = [(binding["protocol"], role) for binding, role, _ in operation.samples()]
    expected = []
    for binding in operation.bindings:
        wanted = ["response"] if "http_" in binding["protocol"] else ["request", "response"]
        wanted += ["error"] * ("type" in binding.get("error", {}).get("body", {}))
        expected += [(binding["protocol"], role) for role in wanted]
    assert roles == expected


@pytest.mark.parametrize("index", [1, 3, 4, 5])
def test_placeholders_of_a_data_set_are_invalid_as_printed(index: int) -> None:
    operation = data(ROOT / "services/ecgridos/ReportInstantStats")
    (part,) = operation.parts(*operation.samples()[index])
    assert _verdicts(operation.schema, part.element) == (False, False)


SCHEMA_PART, DIFFGRAM_PART = f'<s:schema xmlns:s="{XSD}"/>', f'<d:diffgram xmlns:d="{DIFFGRAM}"/>'


@pytest.mark.parametrize("content, valid", [
    (SCHEMA_PART + DIFFGRAM_PART, True),
    (DIFFGRAM_PART + SCHEMA_PART, False),
    (SCHEMA_PART, False),
    (DIFFGRAM_PART, False),
    (SCHEMA_PART + "xml", False),
    (SCHEMA_PART + DIFFGRAM_PART + "xml", False),
    (SCHEMA_PART + SCHEMA_PART, False),
    (SCHEMA_PART + DIFFGRAM_PART * 2, False),
    (SCHEMA_PART + "<NewDataSet xmlns=''/>", False),
    ("", False),
])  # fmt: skip
def test_a_data_set_is_a_schema_then_a_diffgram_and_no_text(content: str, valid: bool) -> None:
    operation = data(ROOT / "services/ecgridos/ReportInstantStats")
    over_get = f'<DataSet xmlns="https://os.ecgrid.io/">{content}</DataSet>'
    over_soap = f"<ReportInstantStatsResult>{content}</ReportInstantStatsResult>"
    over_soap = f'<ReportInstantStatsResponse xmlns="https://os.ecgrid.io/">{over_soap}</ReportInstantStatsResponse>'
    for document in (over_get, over_soap):
        assert _verdicts(operation.schema, etree.fromstring(document)) == (valid, valid)


@pytest.mark.parametrize("index", [1, 3])
def test_no_result_is_a_legal_null_data_set_over_soap(index: int) -> None:
    operation = data(ROOT / "services/ecgridos/ReportInstantStats")
    (part,) = operation.parts(*operation.samples()[index])
    part.element[:] = []
    assert _verdicts(operation.schema, part.element) == (True, True)


def test_nil_is_a_legal_null_data_set_over_get_and_post() -> None:
    operation = data(ROOT / "services/ecgridos/ReportInstantStats")
    root = etree.Element(operation.bindings[-1]["response"]["body"]["element"])
    assert _verdicts(operation.schema, root) == (False, False)
    root.set(XSI_NIL, "true")
    assert _verdicts(operation.schema, root) == (True, True)


@each_operation
def test_bindings_repeat_what_the_page_prints_of_http(folder: Path) -> None:
    operation = data(folder)
    for binding in operation.bindings:
        position = binding["at"]
        line, _ = _pair(position)
        head = "\n".join([operation.at(position), *operation.lines[line : line + 5]])
        if "documented_path" not in binding:
            assert head.startswith("<SOAP-ENV:Envelope")
            continue
        assert re.match(rf"{binding['method']} {re.escape(binding['documented_path'])}[ ?]", head)
        assert f"Host: {binding['documented_host']}" in head
        media_type, charset = binding.get("request_media_type"), binding.get("request_charset")
        if media_type is not None:
            assert f"Content-Type: {media_type}" + (f"; charset={charset}" if charset else "") in head
        assert ("SOAPAction:" in head) == ("soap_action" in binding)
        assert "soap_action" not in binding or f'SOAPAction: "{binding["soap_action"]}"' in head
        rest = "\n".join([operation.at(position), *operation.lines[line:]])
        printed = re.search(rf"HTTP/1.1 {binding['status_code']} OK\s+Content-Type: ([^;\s]+)", rest)
        assert printed is not None
        assert printed.group(1) in binding["response_media_types"]


@each_operation
def test_form_parameters_are_the_children_of_the_request_element(folder: Path) -> None:
    operation = data(folder)
    for binding in operation.bindings:
        if "http_" in binding["protocol"]:
            printed = re.findall(r"(\w+)=string", operation.at(binding["at"]))
            declared = operation.declaration(binding["request"]["body"]["element"], ())
            assert [child.local_name for child in declared] == printed


@each_operation
def test_every_noted_position_stands_at_what_it_names(folder: Path) -> None:
    operation = data(folder)
    notes = [
        *(("", each["at"]) for each in operation.rulings.get("ruling", []) if "at" in each),
        *((_last(each["path"]), each["at"]) for each in operation.rulings.get("business_error", []) if "at" in each),
        *((_subject(each), each["at"]) for each in operation.rulings.get("relation", [])),
        *(
            (_component(operation, protocol, each), position)
            for each in operation.contract["requirement"]
            for protocol, position in each["at"].items()
        ),
    ]
    texts = NOTED_TEXT[folder.parent.name]
    wrong, unused = [], set(texts)
    for name, position in notes:
        text = operation.at(position)
        unused.discard(position)
        tag = rf"<([\w-]+:)?{name}(?![\w-])" if name else r"<[\w-]"
        if not (text.startswith(texts[position]) if position in texts else re.match(tag, text)):
            wrong.append((name, position, text[:40]))
    assert wrong == []
    assert unused == set()


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _subject(relation: dict[str, Any]) -> str:
    """Name of the response's component that a relation speaks of."""
    keys = ("member", "then", "response_leaf", "response_items")
    return _last(next((relation[key] for key in keys if key in relation), ""))


def _component(operation: Data, protocol: str, requirement: dict[str, Any]) -> str:
    """Name of the element at which a requirement's position stands; empty where any does."""
    if "component" in requirement.get("parameters", {}):
        return requirement["parameters"]["component"]
    (binding,) = (each for each in operation.bindings if each["protocol"] == protocol)
    body = binding["response"]["body"]
    roots = {"payload_root": body.get("element", ""), "payload_schema": body.get("element", "Envelope")}
    return local_name(roots.get(requirement.get("check", ""), ""))


@each_operation
def test_requirements_are_named_after_their_operation_and_known_to_each_other(folder: Path) -> None:
    operation = data(folder)
    requirements = operation.contract["requirement"]
    identifiers = [each["id"] for each in requirements + operation.rulings.get("relation", [])]
    prefix = f"{folder.parent.name}/{folder.name}/"
    assert len(identifiers) == len(set(identifiers))
    assert all(each.startswith(prefix) for each in identifiers)
    assert all(set(each["at"]) <= {b["protocol"] for b in operation.bindings} for each in requirements)
    assert {other for each in requirements for other in each.get("depends_on", [])} <= set(identifiers)


@each_operation
def test_every_response_schema_needs_observation(folder: Path) -> None:
    covered = {
        protocol
        for each in data(folder).contract["requirement"]
        if each.get("check") == "payload_schema" and each.get("needs_observation")
        for protocol in each["at"]
    }
    assert covered == {binding["protocol"] for binding in data(folder).bindings}


def _leaves(element: xmlschema.XsdElement, path: tuple[str, ...] = ()) -> Iterator[tuple[str, xmlschema.XsdElement]]:
    """The leaves below an element: their paths and declarations."""
    if element.type.is_simple():
        yield "/".join(path), element
        return
    for child in element:
        yield from _leaves(child, (*path, child.local_name))


@each_operation
def test_every_request_leaf_has_a_ruling_and_every_ruling_a_leaf(folder: Path) -> None:
    operation = data(folder)
    leaves = dict(leaf for root in operation.request_roots() for leaf in _leaves(operation.declaration(root, ())))
    rulings = {each["path"]: each for each in operation.rulings["leaf"]}
    assert set(rulings) == set(leaves)
    assert len(rulings) == len(operation.rulings["leaf"])
    for path, ruling in rulings.items():
        assert leaves[path].type.is_valid(ruling.get("value", ruling.get("made_up"))), path


@each_operation
def test_paths_of_rulings_lead_to_components_of_request_or_answer(folder: Path) -> None:
    operation = data(folder)
    answers, requests = operation.answer_roots(), operation.request_roots()
    for path in _answer_paths(operation.rulings):
        assert any(operation.declaration(root, tuple(path.split("/"))) is not None for root in answers), path
    for path in _request_paths(operation.rulings):
        assert any(operation.declaration(root, tuple(path.split("/"))) is not None for root in requests), path


def _answer_paths(rulings: dict[str, Any]) -> Iterator[str]:
    if "success_needs" in rulings:
        yield rulings["success_needs"]
    for each in [*rulings.get("secret", []), *rulings.get("business_error", [])]:
        yield from (each[key] for key in ("path", "text_path") if key in each)
    for each in rulings.get("relation", []):
        yield from (each[key] for key in ("response_items", "response_leaf") if key in each)
        members = [*each.get("members", []), *(each[key] for key in ("member", "first", "then") if key in each)]
        yield from (f"{each['response_items']}/{member}" for member in members)


def _request_paths(rulings: dict[str, Any]) -> Iterator[str]:
    for each in rulings.get("relation", []):
        yield from (each[key] for key in ("request_items", "request_leaf", "lower", "upper") if key in each)


@each_operation
def test_error_elements_are_declared(folder: Path) -> None:
    operation = data(folder)
    elements = [each["element"] for each in operation.rulings.get("business_error", []) if "element" in each]
    for element in [*elements, *operation.answer_roots()]:
        assert operation.declaration(element, ()) is not None


def _members(element: xmlschema.XsdElement) -> Iterator[xmlschema.XsdElement]:
    """Every element declared below one."""
    for child in element:
        if isinstance(child, xmlschema.XsdElement):
            yield child
            yield from _members(child)


@pytest.mark.parametrize("service", ["mobileconnect", "studebaker"])
def test_members_of_reference_type_are_nillable_and_no_others(service: str) -> None:
    (folder,) = (each for each in FOLDERS if each.parent.name == service)
    operation = data(folder)
    roots = [operation.declaration(root, ()) for root in {*operation.request_roots(), *operation.answer_roots()}]
    members = [member for root in roots for member in _members(root)]
    assert members
    for member in members:
        is_reference = member.type.is_complex() or member.type.local_name == "string"
        assert (member.min_occurs, member.nillable) == (0, is_reference), member.name


@pytest.mark.parametrize("path, value, valid", [
    ("Result", "Unknown", True),
    ("Result", "Success", True),
    ("Result", "", False),
    ("Result", " ", False),
    ("PageIndex", "9223372036854775807", True),
    ("PageIndex", "9223372036854775808", False),
    ("PageIndex", "1.0", False),
    ("ProcessedAt", "2024-02-29T12:00:00.1234567+02:00", True),
    ("ProcessedAt", "2024-01-01", False),
    ("LogEntries/UserClientSessionLog/ReferUid", "0123abcd-ABCD-4b86-9a43-c2e10d6b8f97", True),
    ("LogEntries/UserClientSessionLog/ReferUid", "{0123abcd-ABCD-4b86-9a43-c2e10d6b8f97}", False),
    ("LogEntries/UserClientSessionLog/ReferUid", "0123abcdABCD4b869a43c2e10d6b8f97", False),
])  # fmt: skip
def test_types_inferred_from_values_take_what_such_members_hold(path: str, value: str, valid: bool) -> None:
    operation = data(ROOT / "services/mobileconnect/UserClientSessionLogRequest")
    root = operation.bindings[0]["response"]["body"]["element"]
    assert operation.declaration(root, tuple(path.split("/"))).type.is_valid(value) is valid


def _answer(version: str, body: str) -> etree._Element:
    return etree.fromstring(f'<s:Envelope xmlns:s="{ENVELOPE_NAMESPACE[version]}" xmlns:x="urn:x">{body}</s:Envelope>')


def _fault(version: str, body: str) -> etree._Element:
    return etree.fromstring(f'<s:Fault xmlns:s="{ENVELOPE_NAMESPACE[version]}" xmlns:x="urn:x">{body}</s:Fault>')


REASON = '<s:Reason><s:Text xml:lang="en">r</s:Text></s:Reason>'


@pytest.mark.parametrize("version, element, valid", [
    ("soap11", _answer("soap11", "<s:Header><bare/></s:Header><s:Body><bare/><x:b/></s:Body>"), True),
    ("soap11", _answer("soap11", "<s:Body/><x:after/>"), True),
    ("soap11", _answer("soap11", "<s:Body/><after/>"), False),
    ("soap11", _answer("soap11", "<s:Body/><s:Header/>"), False),
    ("soap11", _answer("soap11", "<s:Header/>"), False),
    ("soap11", _fault("soap11", "<faultcode>s:Client</faultcode><faultstring/><detail/>"), True),
    ("soap11", _fault("soap11", "<faultcode>s:Client.x</faultcode><faultstring xml:lang='en'/>"), True),
    ("soap11", _fault("soap11", "<faultcode>500</faultcode><faultstring/>"), False),
    ("soap11", _fault("soap11", "<faultcode>none:Client</faultcode><faultstring/>"), False),
    ("soap11", _fault("soap11", "<faultstring/>"), False),
    ("soap11", _fault("soap11", "<s:faultcode>s:Client</s:faultcode><faultstring/>"), False),
    ("soap12", _answer("soap12", "<s:Header><x:h/><s:Upgrade/></s:Header><s:Body><bare/></s:Body>"), True),
    ("soap12", _answer("soap12", "<s:Header><bare/></s:Header><s:Body/>"), False),
    ("soap12", _answer("soap12", "<s:Body/><x:after/>"), False),
    ("soap12", _answer("soap12", "<s:Body s:encodingStyle='urn:x'/>"), False),
    ("soap12", _fault("soap12", f"<s:Code><s:Value>s:Sender</s:Value></s:Code>{REASON}<s:Detail/>"), True),
    ("soap12", _fault("soap12", f"<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>x:y</s:Value></s:Subcode>"
                                f"</s:Code>{REASON}<s:Node>urn:n</s:Node><s:Role>urn:r</s:Role>"), True),
    ("soap12", _fault("soap12", f"<s:Code><s:Value>s:Client</s:Value></s:Code>{REASON}"), False),
    ("soap12", _fault("soap12", f"<s:Code><s:Value>x:Sender</s:Value></s:Code>{REASON}"), False),
    ("soap12", _fault("soap12", "<s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text/></s:Reason>"), False),
    ("soap12", _fault("soap12", f"{REASON}<s:Code><s:Value>s:Sender</s:Value></s:Code>"), False),
])  # fmt: skip
def test_envelopes_and_faults_are_valid_as_their_standard_says(
    version: str, element: etree._Element, valid: bool
) -> None:
    file = ROOT / "standards" / "envelopes" / f"{version}-envelope.xsd"
    assert etree.XMLSchema(etree.parse(file)).validate(element) is valid
    assert xmlschema.XMLSchema10(str(file), allow="local").is_valid(element) is valid
