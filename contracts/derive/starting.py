"""The rulings that a new service starts with: what derivation needs, and what only a person can know, as comments."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from contracts.derive.description import LeafSuggestion, OperationDescription, ServiceDescription
from contracts.derive.writing import schema_files, scratch_folder, toml_value
from contracts.schema import Schema

_VALUES: Final[Mapping[str, str]] = {
    "string": "text", "normalizedString": "text", "token": "text", "language": "en", "Name": "name", "NCName": "name",
    "NMTOKEN": "name", "NMTOKENS": "name", "boolean": "true", "byte": "1", "unsignedByte": "1", "short": "1",
    "unsignedShort": "1", "int": "1", "unsignedInt": "1", "long": "1", "unsignedLong": "1", "integer": "1",
    "nonNegativeInteger": "1", "positiveInteger": "1", "nonPositiveInteger": "-1", "negativeInteger": "-1",
    "decimal": "1.5", "float": "1.5", "double": "1.5", "dateTime": "2024-01-15T09:30:00", "date": "2024-01-15",
    "time": "09:30:00", "duration": "PT1M", "gYear": "2024", "gYearMonth": "2024-01", "gMonth": "--01",
    "gMonthDay": "--01-15", "gDay": "---15", "base64Binary": "AQID", "hexBinary": "010203", "anyURI": "urn:example",
    "QName": "name", "OpenEnumeration": "Unknown", "char": "65",
    "guid": "6f9619ff-8b86-4011-b42d-00c04fc964ff", "anySimpleType": "text",
}  # fmt: skip
"""Type -> a plain value of it, for leaves of which a page shows none."""

_BYTE: Final = "0001"
"""A byte as a number, as forms have it, that is base64, too."""
_WIDE: Final = ("long", "integer")
_PROCESSED: Final = (0, 127)
"""What every integer type holds, for members whose width a page does not show."""

_CREDENTIAL: Final = re.compile(
    r"pass(?:word|wd|key|code|phrase)?$|pwd|secret|token|session(?:id|uid|key)?$|api_?key|auth|credential|licen[sc]e_?key|"
    r"^sid$|pin_?code|^pin$",
    re.IGNORECASE,
)
_ACCOUNT: Final = re.compile(r"^(?:user|login|account)(?:_?name|_?id)?$|^usr", re.IGNORECASE)

_HEAD: Final = """\
# {name}: rulings on what its pages leave open, and what only its owner knows. Begun by `soapstone derive`: read each
# line, and give a reason of your own where you change one. What a ruling may say stands in docs/add-your-service.md.
format = 1
service = {service}
title = {title}
family = {family}
"""

_OPERATION: Final = """
[[operation]]
name = {name}
# What a call does: "read", "session" (opens or ends one) or "write". "write" until somebody who knows says otherwise:
# such calls go to foreign targets only where the configuration allows it.
effect = "write"
does = {does}
"""


def starting_rulings(description: ServiceDescription, *, before: str = "", known: Iterable[str] = ()) -> str:
    """The text of a service's file: `before`, or a new head, and a table for each operation that is not known."""
    known = set(known)
    text = before or _HEAD.format(
        name=description.title,
        service=toml_value(description.name),
        title=toml_value(description.title),
        family=toml_value(description.family),
    )
    added = [_operation(description.name, each) for each in description.operations if each.name not in known]
    return text.rstrip("\n") + "\n" + "".join(added)


def _operation(service: str, operation: OperationDescription) -> str:
    head = _OPERATION.format(name=toml_value(operation.name), does=toml_value(f"calls {operation.name}"))
    types = _Types(service, operation)
    return head + "".join(table for leaf in operation.leaves for table in _leaf(leaf, types))


def _leaf(leaf: LeafSuggestion, types: "_Types") -> Iterator[str]:
    """The ruling on one leaf; a comment where no value of its type is known."""
    name = leaf.path.rpartition("/")[2]
    is_secret = bool(_CREDENTIAL.search(name))
    value = types.value(leaf)
    if value is None:
        yield f"\n# {leaf.path} ({leaf.type_name}): give it a value that all bindings take, in a table as above.\n"
        return
    table = f"\n[[operation.leaf]]\npath = {toml_value(leaf.path)}\n"
    if is_secret or _ACCOUNT.search(name):
        secret = "secret = true\n" if is_secret else ""
        made_up = types.made_up(leaf) or value
        reason = "By its name, only the target's owner can give it."
        yield f"{table}credential = true\n{secret}made_up = {toml_value(made_up)}\nreason = {toml_value(reason)}\n"
        return
    table += f"value = {toml_value(value)}\n"
    if leaf.type_name in _WIDE and value.isdigit():
        table += f"process_range = {list(_PROCESSED)}\n"
    reason = "The value that the page prints." if leaf.value == value else "A plain value of its type."
    yield f"{table}reason = {toml_value(reason)}\n"


class _Types:
    """The types of an operation's leaves, compiled only where a leaf's type is none that is built in."""

    def __init__(self, service: str, operation: OperationDescription) -> None:
        self._service, self._operation = service, operation

    def value(self, leaf: LeafSuggestion) -> str | None:
        """A valid value for a leaf: the one that the source shows, else a plain one; None if none is known.

        Where bindings differ (a form has characters and bytes otherwise than XML), it is valid over all of them.
        """
        bodies = {binding.request.body for binding in self._operation.bindings}
        if leaf.type_name in _VALUES and leaf.value is None and len(bodies) == 1:
            return _VALUES[leaf.type_name]
        shown = [] if leaf.value is None else [leaf.value]
        return next(self._accepted(leaf, [*shown, *dict.fromkeys(_VALUES.values()), _BYTE]), None)

    def made_up(self, leaf: LeafSuggestion) -> str | None:
        """A value that no service can have handed out, if the leaf's type allows one."""
        name = re.sub(r"(?<=[a-z])(?=[A-Z])|_", "-", leaf.path.rpartition("/")[2]).lower()
        candidates = [f"soapstone-no-such-{name}", "soapstone", "5f0c3a52-7d1e-4b86-9a43-c2e10d6b8f97"]
        return next(self._accepted(leaf, candidates), None)

    def _accepted(self, leaf: LeafSuggestion, candidates: Iterable[str]) -> Iterator[str]:
        """Those of some values that the leaf takes everywhere; then the values that its type lists."""
        types = [
            element.type
            for root in self._roots
            if (element := self._schema.element(leaf.path.split("/"), root)) is not None
            and (element.type.is_simple() or element.type.has_simple_content())  # a list over SOAP is no leaf there
        ]
        listed = (str(each) for kind in types for each in _simple(kind).enumeration or ())
        return (
            each for each in (*candidates, *listed) if types and all(_simple(kind).is_valid(each) for kind in types)
        )

    @cached_property
    def _roots(self) -> list[str]:
        """The roots of the requests as the compiled schema knows them."""
        shapes = [binding.request for binding in self._operation.bindings]
        contents = [content for shape in shapes for content in (shape.header, shape.body) if content is not None]
        return [
            content.element or self._schema.wrapper(content.type_name or "")
            for content in contents
            if not content.is_empty
        ]

    @cached_property
    def _schema(self) -> Schema:
        """The operation's schema. Compiled in a folder that is gone afterwards: it is complete once compiled."""
        shapes = [binding.request for binding in self._operation.bindings]
        names = {content.type_name for shape in shapes for content in (shape.header, shape.body) if content}
        with scratch_folder() as folder:
            for name, content in schema_files(self._operation.schemas).items():
                (folder / name).write_text(content, "utf-8")
            schema = Schema(folder, {name for name in names if name})
            _ = schema.exact
        return schema


def _simple(kind: Any) -> Any:
    """The simple type of a type or of its content."""
    return kind if kind.is_simple() else kind.content
