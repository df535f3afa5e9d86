"""Descriptions written as the files of a contract: the same bytes for the same description, all of them or none."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Final

from lxml import etree

from contracts.derive.description import (
    OperationDescription,
    RequirementDescription,
    SchemaDocument,
    ServiceDescription,
)
from contracts.errors import ContractError, Place
from contracts.model import Binding, Content, MessageShape
from contracts.names import SOURCE, XML, XSD
from contracts.schema import ENTRY
from contracts.sources import PAGE

RULINGS: Final = "service.toml"
CONTRACT: Final = "contract.toml"
BARE: Final = "no-namespace.xsd"

_NOTES = f"""s:at is line:column of the first sample that shows the component ({PAGE} unless it names another
     document; of a simple type, of each that shows a value), s:basis what its name, type and position rest on;
     s:type-basis, s:min-basis and s:nil-basis what its type, occurrence and nillability rest on, where that is not
     s:basis, and s:type-at, s:min-at and s:nil-at where the page says so, where that is not s:at. """
_DERIVED = f"Derived: {_NOTES}"
_ENTRY_NOTE = "Entry: every namespace of this operation's messages. "
_WIDTH = 120
REFERRING = ("type", "ref", "base", "itemType", "memberTypes", "substitutionGroup", "refer")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def contract_files(service: str, operation: OperationDescription) -> dict[str, bytes]:
    """The files of an operation, by path relative to its folder: contract, schemas and source documents."""
    return {
        **{document.name: document.content for document in operation.documents},
        CONTRACT: contract_toml(service, operation).encode(),
        **{name: content.encode() for name, content in schema_files(operation.schemas).items()},
    }


def write_service(description: ServiceDescription, rulings: bytes, into: Path, kept: Path | None = None) -> Path:
    """The folder `into/<service>`, written from a description and the text of its rulings.

    Everything is written into a temporary folder beside it, which then takes its place: nothing half-written stays,
    whatever happens. `kept` is a folder whose other operations stay (that of the service before). Raises
    ContractError if the place cannot be written.
    """
    target = into / description.name
    try:
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{description.name}-", dir=into) as scratch:
            made = Path(scratch) / "new"
            write_files(description, rulings, made, kept)
            _put_in_place(made, target, Path(scratch) / "old")
    except OSError as error:
        raise ContractError(Place(target), f"cannot be written: {_why(error)}") from error
    return target


def _why(error: OSError) -> str:
    """The reason of an error, or the first of several that copying a folder collects."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list) and error.args[0]:
        said = str(error.args[0][0][-1])
        return re.sub(r"^\[Errno \d+\] |: '.*", "", said)
    return error.strerror or str(error)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that is gone afterwards. Raises ContractError where temporary files cannot be written."""
    try:
        with tempfile.TemporaryDirectory(prefix="soapstone-") as folder:
            yield Path(folder)
    except OSError as error:
        problem = f"temporary files cannot be written: {_why(error)}"
        raise ContractError(
            Place(tempfile.tempdir or "TMPDIR"), problem, hint="Free some space, or set TMPDIR"
        ) from error


def write_files(description: ServiceDescription, rulings: bytes, folder: Path, kept: Path | None = None) -> None:
    """Writes a service's files into a new folder, over a copy of those in `kept`. Raises OSError."""
    if kept is not None and kept.is_dir():
        shutil.copytree(kept, folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RULINGS).write_bytes(rulings)
    written: set[Path] = set()  # documents that operations share are written once
    made: list[Path] = []
    for operation in description.operations:
        home = folder / operation.name
        if home.is_dir() and not any(home.samefile(each) for each in made):
            shutil.rmtree(home)
        home.mkdir()  # fails where the file system takes two names that differ in their case for one
        made.append(home)
        for name, content in contract_files(description.name, operation).items():
            file = (home / name) if not name.startswith("../") else folder / name.removeprefix("../")
            if file not in written:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
                written.add(file)


def _put_in_place(made: Path, target: Path, old: Path) -> None:
    """Renames a finished folder to where it belongs; the one that was there goes, or comes back if that fails."""
    if not target.exists():
        made.rename(target)
        return
    target.rename(old)
    try:
        made.rename(target)
    except OSError:
        old.rename(target)
        raise


# --- contract.toml ----------------------------------------------------------------------------------------------------


def contract_toml(service: str, operation: OperationDescription) -> str:
    """The text of an operation's contract.toml."""
    names = [document.name for document in operation.documents]
    head: dict[str, object] = {"format": 1, "service": service, "operation": operation.name}
    if names != [PAGE]:
        head["documents"] = names
    tables = [
        f"# Derived from {', '.join(names)} and ../{RULINGS}.\n{_lines(head)}",
        *(f"[[binding]]\n{_lines(_binding_row(each))}" for each in operation.bindings),
        *(f"[[requirement]]\n{_lines(_requirement_row(each))}" for each in operation.requirements),
    ]
    return "\n".join(tables)


def _lines(row: Mapping[str, object]) -> str:
    return "".join(f"{key} = {toml_value(value)}\n" for key, value in row.items() if value is not None)


def toml_value(value: object) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        inner = ", ".join(f"{toml_key(str(key))} = {toml_value(each)}" for key, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def toml_key(name: str) -> str:
    """A key as TOML writes it: bare where it may be."""
    return name if _BARE.fullmatch(name) else toml_value(name)


def _binding_row(binding: Binding) -> dict[str, object]:
    return {
        "protocol": binding.protocol,
        "at": binding.source.note,
        "method": binding.method,
        "path": binding.path,
        "documented_path": binding.documented_path,
        "documented_host": binding.documented_host,
        "request_media_type": binding.request_media_type,
        "request_charset": binding.request_charset,
        "response_media_types": list(binding.response_media_types),
        "noted_media_types": list(binding.noted_media_types) or None,
        "soap_action": binding.soap_action,
        "accept": binding.accept,
        "status_code": binding.status_code,
        "envelope_attributes": dict(binding.envelope_attributes) or None,
        **_shape_row("request", binding.request),
        **_shape_row("response", binding.response),
        **(_shape_row("error", binding.error) if binding.error else {}),
    }


def _shape_row(role: str, shape: MessageShape) -> dict[str, object]:
    parts = {"header": shape.header, "body": shape.body}
    return dict(_content_row(f"{role}.{part}", content) for part, content in parts.items() if content is not None)


def _content_row(key: str, content: Content) -> tuple[str, object]:
    if content.element is not None:
        return f"{key}.element", content.element
    return (f"{key}.type", content.type_name) if content.type_name is not None else (f"{key}.empty", True)


def _requirement_row(requirement: RequirementDescription) -> dict[str, object]:
    return {
        "id": requirement.id,
        "level": requirement.level,
        "basis": requirement.basis,
        **{f"at.{protocol}": source.note for protocol, source in requirement.at.items()},
        "check": requirement.check,
        "sends": requirement.sends,
        **{f"parameters.{toml_key(key)}": value for key, value in requirement.parameters.items()},
        "needs_observation": requirement.needs_observation or None,
        "depends_on": list(requirement.depends_on) or None,
        "does": requirement.does,
        "requires": requirement.requires,
        "accepts": list(requirement.accepts),
    }


# --- schemas ----------------------------------------------------------------------------------------------------------


def schema_files(schemas: Sequence[SchemaDocument]) -> dict[str, str]:
    """The XSD files of an operation, by name: one for each namespace, and the entry, which imports them all.

    Components in no namespace stand in the entry itself. Where a namespace's document refers to them, they stand in
    a document of their own that the entry includes: validators do not import the document that they began with.
    """
    names = file_names(each.namespace for each in schemas if each.namespace is not None)
    texts = {
        names[each.namespace]: _document(each.root, names, _DERIVED) for each in schemas if each.namespace is not None
    }
    bare = next((each.root for each in schemas if each.namespace is None), None)
    plain = etree.Element(f"{{{XSD}}}schema", nsmap={"xs": XSD})
    if bare is None:
        return {ENTRY: _document(plain, names, _ENTRY_NOTE, imported=list(names)), **texts}
    if not any(None in _namespaces_called(each.root) for each in schemas if each.namespace is not None):
        return {ENTRY: _document(bare, names, f"{_ENTRY_NOTE.strip()}\n     {_NOTES}", imported=list(names)), **texts}
    etree.SubElement(plain, f"{{{XSD}}}include", schemaLocation=BARE)
    return {
        ENTRY: _document(plain, names, _ENTRY_NOTE, imported=list(names)),
        BARE: _document(bare, names, _DERIVED),
        **texts,
    }


def file_names(namespaces: Iterable[str]) -> dict[str, str]:
    """A file name for each namespace, made of the last words of its URI: as many as tell them apart."""
    uris = list(dict.fromkeys(namespaces))
    words = {uri: _words(uri) for uri in uris}
    names: dict[str, str] = {}
    for uri in uris:
        count = next(
            (n for n in range(1, len(words[uri]) + 1) if _tells(words, uri, n)),
            None,
        )
        stem = "-".join(words[uri][-count:]) if count else f"namespace-{uris.index(uri) + 1}"
        names[uri] = f"{stem}.xsd"
    return names


def _tells(words: Mapping[str, Sequence[str]], uri: str, count: int) -> bool:
    """Whether the last words of a URI make a name: more than a version number, and no other's, the entry's included."""
    mine = words[uri][-count:]
    says = sum(len(word) for word in mine if not re.fullmatch(r"v?\d+", word)) >= 3
    others = [each[-count:] for other, each in words.items() if other != uri]
    return says and mine not in others and mine != ["schema"]


def _words(uri: str) -> list[str]:
    """The words of a URI in lower case, without scheme."""
    rest = re.sub(r"^[a-z][a-z0-9+.-]*:(//)?(www\.)?", "", uri, flags=re.IGNORECASE)
    return [word.lower() for word in re.findall(r"[A-Za-z0-9]+", rest)]


def _document(
    root: etree._Element, names: Mapping[str, str], comment: str, imported: Sequence[str] | None = None
) -> str:
    """A schema document as text, with the imports that its components call for, or with those that are named."""
    made = deepcopy(root)
    own = made.get("targetNamespace")
    called = set(_namespaces_called(made)) if imported is None else set(imported)
    if None in called and own is not None:
        made.insert(0, etree.Element(f"{{{XSD}}}import", schemaLocation=BARE))
    for index, uri in enumerate(uri for uri in names if uri in called and uri != own):
        made.insert(index, etree.Element(f"{{{XSD}}}import", namespace=uri, schemaLocation=names[uri]))
    etree.indent(made)
    lines = etree.tostring(made, encoding="unicode").split("\n")
    text = "\n".join(each for line in lines for each in _folded(line))
    return f'<?xml version="1.0" encoding="utf-8"?>\n<!-- {comment}-->\n{text}\n'


def _folded(line: str) -> Iterator[str]:
    """A line, or its start tag with the attributes that say most about it on lines of their own.

    White space between attributes is all that changes: a serialised attribute's value holds no line break and no `<`.
    """
    tag = re.match(r'( *)<[\w:]+(?: [\w:.-]+="[^"<]*")*/?>$', line)
    if tag is None or len(line) <= _WIDTH:
        yield line
        return
    margin = tag.group(1) + "    "
    broken = re.sub(r" (xmlns:(?!xs=|s=)[\w.-]+=|targetNamespace=)", rf"\n{margin}\1", line)
    yield from re.sub(r" (s:[a-z-]+=)", rf"\n{margin}\1", broken, count=1).split("\n")


def _namespaces_called(root: etree._Element) -> Iterator[str | None]:
    """The namespaces that the QNames of a schema document name; None for none at all."""
    for element in root.iter(f"{{{XSD}}}*"):
        for name in REFERRING:
            for qname in element.get(name, "").split():
                prefix, colon, _ = qname.rpartition(":")
                uri = XML if prefix == "xml" else element.nsmap.get(prefix if colon else None)
                if uri not in (XSD, SOURCE):
                    yield uri
