"""Types from the words and values that stand in samples, as tables."""

import re
from collections.abc import Mapping
from typing import Final

from contracts.derive.declarations import OPEN

VALUE_TYPES: Final = frozenset(
    {
        "boolean", "byte", "unsignedByte", "short", "unsignedShort", "int", "unsignedInt", "long", "unsignedLong",
        "float", "double", "decimal", "dateTime", "date", "time", "char", "guid",
    }
)  # fmt: skip
"""Types that .NET maps to value types: there is always a value. It maps all others to classes, which may be null."""

REFERENCE_TYPES: Final = frozenset(
    {
        "string", "base64Binary", "hexBinary", "anyURI", "QName", "duration", "normalizedString", "token", "language",
        "Name", "NCName", "NMTOKEN", "NMTOKENS", "integer", "nonNegativeInteger", "positiveInteger",
        "nonPositiveInteger", "negativeInteger", "gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay",
    }
)  # fmt: skip

WORDS: Final[Mapping[str, str]] = {
    **{name: name for name in VALUE_TYPES | REFERENCE_TYPES},
    "ID": "NCName", "IDREF": "NCName", "ENTITY": "NCName", "IDREFS": "NMTOKENS", "ENTITIES": "NMTOKENS",
    "bytes": "string", "anySimpleType": "string", "anyAtomicType": "string",
}  # fmt: skip
"""Placeholder word -> the type that it stands for. Those of identity constraints lose them: samples repeat values."""

FOREIGN_WORDS: Final[Mapping[str, str]] = {
    "cadena": "string", "texto": "string", "alfanum\u00e9rico": "string", "alfanumerico": "string", "entero": "integer",
    "num\u00e9rico": "decimal", "numerico": "decimal", "fecha": "date", "booleano": "boolean", "inteiro": "integer",
    "caractere": "string", "num\u00e9rique": "decimal", "cha\u00eene": "string", "chaine": "string", "texte": "string",
    "entier": "integer", "bool\u00e9en": "boolean", "stringa": "string", "testo": "string", "intero": "integer",
    "zeichenkette": "string", "ganzzahl": "integer", "zahl": "decimal", "datum": "date", "tekst": "string",
    "alphanumeric": "string", "alphanum": "string", "\u0441\u0442\u0440\u043e\u043a\u0430": "string",
    "\u0434\u0430\u0442\u0430": "date",
}  # fmt: skip
"""What tables of parameters in other languages call types, in lower case: everyday words outside a column of types."""

LOOSE_WORDS: Final[Mapping[str, str]] = {
    **FOREIGN_WORDS,
    **{name.lower(): name for name in VALUE_TYPES | REFERENCE_TYPES},
    "bool": "boolean", "datetime": "dateTime", "int16": "short", "int32": "int", "int64": "long",
    "uint16": "unsignedShort", "uint32": "unsignedInt", "uint64": "unsignedLong", "number": "decimal",
    "numeric": "decimal", "single": "float", "str": "string", "text": "string", "varchar": "string", "char": "string",
    "uuid": "guid", "timestamp": "dateTime", "base64": "base64Binary", "uri": "anyURI", "url": "anyURI",
}  # fmt: skip
"""As `WORDS`, for the names that tables of parameters use, in lower case."""

ANY_XML: Final = re.compile(r"xml(?:\s*xml)*|dataset")
"""Placeholder words for XML of any kind; Mono's page prints one for each wildcard."""

_OR: Final = re.compile(r"\s+or\s+")
_OTHER_OR: Final = re.compile(r"[^\s]+(?:\s(?:oder|ou|o|of|eller|tai|lub|или|veya|または|或|또는)\s[^\s]+)+")
_EMPHASISED: Final = re.compile(r"([*_`]{1,3})([^*_`]+)\1")
_BRACKETED: Final = re.compile(r"[\[({<]+(.+?)[\])}>]+")


def placeholder(text: str) -> str:
    """What stands in a leaf, without the emphasis and brackets that set it off, on one line."""
    text = " ".join(text.split())
    if match := _EMPHASISED.fullmatch(text):
        text = match.group(2).strip()
    match = _BRACKETED.fullmatch(text)
    return match.group(1).strip() if match and (match.group(1).strip() in WORDS or _OR.search(match.group(1))) else text


def type_of_word(text: str) -> str | None:
    """The type that a placeholder word stands for, whatever its case; None for a word that stands for none."""
    return WORDS.get(text) or (LOOSE_WORDS.get(text.lower()) if text.lower() in _SPELLED else None)


_SPELLED: Final = frozenset(name.lower() for name in WORDS)


_PROSE: Final = re.compile(r"(?:either|one of|any of|whether|e\.g\.|for example)\s(?!or\s)(?=\S+\s\S)", re.IGNORECASE)
"""How a text begins that tells of values in words, as placeholders of stacks never do."""


def listed(text: str) -> list[str]:
    """The values of an enumeration that a text lists (`A or B or C`); none where it lists none."""
    if _PROSE.match(text):
        return []
    values = [each.strip() for each in _OR.split(text)]
    if len(values) < 2 and _OTHER_OR.fullmatch(text):
        values = re.split(r"\s(?:oder|ou|o|of|eller|tai|lub|или|veya|または|或|또는)\s", text)
    return list(dict.fromkeys(values)) if len(values) > 1 and all(values) else []


_VALUES: Final = (
    ("boolean", re.compile("true|false")),
    ("long", re.compile(r"[+-]?\d{1,18}")),
    ("decimal", re.compile(r"[+-]?\d+\.\d+")),
    ("dateTime", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")),
    ("guid", re.compile("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")),
    ("duration", re.compile(r"-?P(?:\d+[YMD])*(?:T(?:\d+[HM])*(?:\d+(?:\.\d+)?S)?)?")),
    ("base64Binary", re.compile(r"(?:[A-Za-z0-9+/]{4})*[A-Za-z0-9+/]{2,3}={1,2}")),
    ("anyURI", re.compile(r"[a-z][a-z0-9+.-]*://\S+")),
)
_TOKEN: Final = re.compile(r"[^\W\d][\w.-]*")
EXACT: Final = frozenset({"boolean", "dateTime", "guid", "duration", "base64Binary"})
"""Types whose values look like those of no other: the value documents the type."""


def type_of_value(text: str) -> str | None:
    """The type that a sample value of a ServiceStack page shows; None for text that shows none.

    One word that is no type's default is a member of an open enumeration.
    """
    if text in ("String", "string"):
        return "string"
    found = next((name for name, pattern in _VALUES if pattern.fullmatch(text)), None)
    return found or (OPEN if _TOKEN.fullmatch(text) else None)


_PLAIN: Final = (
    ("boolean", re.compile("true|false")),
    ("long", re.compile(r"0|-?[1-9]\d{0,5}")),
    ("decimal", re.compile(r"-?\d{1,9}\.\d{1,4}")),
    ("dateTime", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")),
)
"""Types by a value that somebody wrote: long rows of digits, and those with a zero first, name things (telephones)."""


def type_of_plain(text: str) -> str:
    """The type that a value of a sample looks like where no default values are printed; text for most."""
    return next((name for name, pattern in _PLAIN if pattern.fullmatch(text)), "string")
