"""Values compared as XML Schema compares them: in the value space of their type."""

from collections.abc import Callable, Mapping

import xmlschema
from elementpath.datatypes import DateTime10

_ZERO_GUID = "00000000-0000-0000-0000-000000000000"


def same_value(type_name: str, one: str, other: str) -> bool:
    """Whether two literals of a built-in type (local name, `guid` included) mean the same value.

    Literals that are none of the type are compared as strings.
    """
    if one == other:
        return True
    read = _READERS.get(type_name, _text)
    try:
        return read(one) == read(other)
    except (ValueError, OverflowError, TypeError):
        return one == other


def is_default(type_name: str, literal: str) -> bool:
    """Whether a literal is what .NET holds for a value that was not given: such a member asks for nothing."""
    default = _DEFAULTS.get(type_name, "")
    return not literal.strip() if default == "" else same_value(type_name, literal, default)


def is_before(one: str, other: str) -> bool | None:
    """Whether one dateTime precedes another; None where the order is not determined, as between zoned and unzoned."""
    try:
        first, second = _date_time(one), _date_time(other)
    except (ValueError, OverflowError, TypeError):
        return None
    if (first.tzinfo is None) != (second.tzinfo is None):
        return None
    return bool(first < second)


def base_type(kind: xmlschema.XsdType) -> str:
    """Local name of the built-in type that a simple type restricts; `guid` for a type of that name."""
    if (kind.local_name or "").lower() == "guid":
        return "guid"
    current = kind
    while current.target_namespace != xmlschema.names.XSD_NAMESPACE and current.base_type is not None:
        current = current.base_type
    return str(current.local_name or "anyType")


def _integer(literal: str) -> int:
    return int(literal.strip())


def _boolean(literal: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}.get(literal.strip(), literal == "")


def _text(literal: str) -> str:
    """A string after line-end normalisation: XML readers never see a carriage return that was written raw."""
    return literal.replace("\r\n", "\n").replace("\r", "\n")


def _guid(literal: str) -> str:
    return literal.strip().strip("{}()").replace("-", "").lower()


def _date_time(literal: str) -> DateTime10:
    return DateTime10.fromstring(literal.strip())


_READERS: Mapping[str, Callable[[str], object]] = {
    "int": _integer,
    "short": _integer,
    "long": _integer,
    "integer": _integer,
    "byte": _integer,
    "boolean": _boolean,
    "dateTime": _date_time,
    "guid": _guid,
    "string": _text,
}

_DEFAULTS: Mapping[str, str] = {
    "int": "0",
    "short": "0",
    "long": "0",
    "boolean": "false",
    "dateTime": "0001-01-01T00:00:00",
    "guid": _ZERO_GUID,
}
