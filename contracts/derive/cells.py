"""What one cell of a table of parameters says: a type, how often a member may stand, the words that it may be.

Tables are written by hand and in many ways: these are the words that they have in common.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from contracts.derive.words import FOREIGN_WORDS, LOOSE_WORDS

Column: TypeAlias = Literal["name", "type", "required", "optional", "occurrence", "values", "flag", "other"]

_COLUMNS: Final[Mapping[Column, str]] = {
    "name": "name|parameter|parameters|field|element|attribute|argument|property|tag|member|param|node|key|variable|"
    "parameter name|field name|element name|tag name|xml tag|xml element|input|output|identifier|"
    "campo|nombre|parámetro|parametro|elemento|atributo|etiqueta|identificador|nombre del campo|nome|nome do campo|"
    "feld|feldname|attribut|champ|nom|paramètre|balise|élément|naam|veld|pole|nazwa|имя|параметр|поле|название|"
    "参数|参数名|参数名称|字段|字段名|名称|項目|項目名",
    "type": "type|data type|datatype|data-type|format|xsd type|xml type|data format|"
    "tipo|tipo de dato|tipo de datos|tipo de dado|tipo dato|tipo di dato|typ|datentyp|datatyp|type de données|"
    "typ danych|тип|тип данных|类型|数据类型|参数类型|データ型|型",
    "required": "required|mandatory|req|is required|is mandatory|obligatory|required?|mandatory?|compulsory|"
    "obligatorio|requerido|obrigatório|obrigatorio|obbligatorio|obligatoire|requis|pflicht|pflichtfeld|erforderlich|"
    "verplicht|wymagane|wymagany|обязательный|обязательность|обязательно|必填|是否必填|必须|是否必须|必須",
    "optional": "optional|is optional|optional?|opcional|optionnel|facultatif|facultativo|opzionale|optioneel",
    "occurrence": "occurrence|occurrences|occurs|cardinality|multiplicity|presence|use|usage|required/optional|"
    "mandatory/optional|optional/required|optional/mandatory|m/o|r/o|o/m|min/max|min/max occurs|obligation|"
    "ocurrencia|ocurrencias|ocorrência|cardinalidad|cardinalidade|cardinalité|kardinalität|häufigkeit",
    "values": "values|allowed values|possible values|valid values|permitted values|accepted values|enumeration|options|"
    "valores|valores posibles|valores permitidos|valores possíveis|mögliche werte|zulässige werte|valeurs possibles|"
    "valori ammessi",
    "flag": "nillable|nullable|repeatable|repeats|multiple|unique|read only|read-only|list|array",
    "other": "description|comment|comments|note|notes|remark|remarks|meaning|default|default value|example|examples|"
    "sample|length|size|max length|details|explanation|value|since|version|restrictions|constraints|label|title|"
    "no|no.|nr|nr.|s.no|s.no.|position|"
    "descripción|descripcion|descrição|descricao|descrizione|beschreibung|bedeutung|omschrijving|opis|описание|说明|"
    "描述|備考|longitud|tamaño|tamanho|länge|longueur|lunghezza|observaciones|observações|bemerkung|bemerkungen|"
    "ejemplo|beispiel|exemple|exemplo|esempio|voorbeeld|valor|wert|valeur",
}  # fmt: skip
"""Kind of column -> its headings, in the languages that such pages are written in."""
_COLUMN_OF: Final[Mapping[str, Column]] = {
    word: column for column, words in _COLUMNS.items() for word in words.split("|")
}
_FLAGS: Final = frozenset({"required", "optional", "flag"})
"""Columns whose cells say yes or no."""
_COLUMN: Final = "|".join(re.escape(word) for word in sorted(_COLUMN_OF, key=len, reverse=True))
_PIECE: Final = re.compile(r"\w+")
_WORDS_OF_COLUMNS: Final = frozenset(word for name in _COLUMN_OF for word in _PIECE.findall(name)[:1])
_FEWEST_HEADINGS: Final = 2
_HEADER: Final = re.compile(rf"(?<![\w/])(?:{_COLUMN})(?:\s+(?:{_COLUMN}))+(?![\w/?])", re.IGNORECASE)
_LABELS: Final = "|".join(
    re.escape(word)
    for word in sorted(_COLUMN_OF, key=len, reverse=True)
    if word not in ("no", "list", "array", "label")
)
_LABEL: Final = re.compile(rf"(?<![\w/-])(?P<label>{_LABELS})[*_`]{{0,3}}\s?(?::|[ ]*\|)[*_`| ]*(?=\S)", re.IGNORECASE)
"""The heading of a column before what it says of one member: `Type: int`, or in a table of two columns.

Not the headings that are what a cell says, too.
"""
_LIST_MARK: Final = re.compile(r"\s*(?:[*+\u2022-]\s+)?[*_`]{0,3}")
_MARKUP: Final = "*_`:# "


@lru_cache(maxsize=4096)
def column_of(cell: str) -> Column | None:
    """The kind of column that a cell is the heading of; None for none."""
    plain = re.sub(r"\s*\([^()]*\)$", "", cell.strip(_MARKUP).lower())
    return _COLUMN_OF.get(" ".join(plain.split()))


def label_in(text: str, start: int = 0) -> tuple[Column, int] | None:
    """The column whose heading a text begins with as a label, as in `Type: int`, and where what it says begins."""
    mark = _LIST_MARK.match(text, start)
    match = _LABEL.match(text, start if mark is None else mark.end())
    return None if match is None else (_COLUMN_OF[match.group("label").lower()], match.end())


def labels_in(text: str) -> Iterator[tuple[Column, str, int]]:
    """What each label in a text says, with its column and its place."""
    matches = list(_LABEL.finditer(text))
    for number, match in enumerate(matches):
        end = matches[number + 1].start() if number + 1 < len(matches) else len(text)
        yield _COLUMN_OF[match.group("label").lower()], text[match.end() : end], match.end()


def header_in(cell: str) -> tuple[int, int, tuple[Column, ...], tuple[Column, ...]] | None:
    """The headings of several columns that stand in one cell, for what was between them is lost.

    From, to, the columns before that of names, and those from it on.
    """
    if sum(word in _WORDS_OF_COLUMNS for word in _PIECE.findall(cell.lower())) < _FEWEST_HEADINGS:
        return None  # most cells are prose: they are told from a header more quickly so
    for match in _HEADER.finditer(cell):
        words = list(re.finditer(_COLUMN, match.group(), re.IGNORECASE))
        columns = [_COLUMN_OF[word.group().lower()] for word in words]
        first = next((index for index, column in enumerate(columns) if column == "name"), len(columns))
        first += columns[first : first + 2] == ["name", "name"]  # the title of the table runs into its headings
        if set(columns[first:]) and set(columns) & {"type", "required", "optional", "occurrence"}:
            start = words[0 if "type" in columns[:first] else first].start()
            return match.start() + start, match.end(), tuple(columns[:first]), tuple(columns[first:])
    return None


# --- types ------------------------------------------------------------------------------------------------------------

_TYPE_WORD: Final = r"(?:xsd?:)?(?P<type>[^\W\d_]+\d{0,2})(?:\s?\(\s?\d+(?:\s?,\s?\d+)?\s?\)|\s?\[\d*\])?"
_TYPE: Final = re.compile(rf"[(*_`\[ ]*{_TYPE_WORD}[)*_`\] .,;]*")
_LEADING_TYPE: Final = re.compile(rf"{_TYPE_WORD}(?![\w-])")
_BRACKETS: Final = re.compile(r"[(\[{]([^()\[\]{}]*(?:\(\s?\d+(?:\s?,\s?\d+)?\s?\)[^()\[\]{}]*)?)[)\]}]")


def type_in(cell: str, *, is_headed: bool = False) -> tuple[str, int] | None:
    """The type that a cell names and nothing else, and where in it."""
    match = _TYPE.fullmatch(cell)
    return None if match is None else _known_type(match, is_headed=is_headed)


def leading_type(text: str) -> tuple[str, int, int] | None:
    """The type that a text begins with, where in it, and where it ends."""
    match = _LEADING_TYPE.match(text)
    known = None if match is None else _known_type(match, is_headed=True)
    return None if match is None or known is None else (*known, match.end())


_MORE_THAN_TYPES: Final = frozenset({"text", "name", "language", "token", "number", *FOREIGN_WORDS})
"""Words that name a type in a column of types, and mean what they say elsewhere."""


def _known_type(match: re.Match[str], *, is_headed: bool) -> tuple[str, int] | None:
    word = match.group("type").lower()
    if word not in LOOSE_WORDS or (word in _MORE_THAN_TYPES and not is_headed):
        return None
    return LOOSE_WORDS[word], match.start("type")


def bracketed(text: str) -> Iterator[list[tuple[str, int]]]:
    """The words in each pair of brackets, parted by commas and the like, each with its place in the text."""
    for match in _BRACKETS.finditer(text):
        parts = re.finditer(r"[^,;|/]+", match.group(1))
        stripped = ((part.group().strip(_MARKUP), part) for part in parts)
        yield [(word, match.start(1) + part.start() + part.group().index(word[0])) for word, part in stripped if word]


# --- occurrence -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Occurrence:
    """How often a member stands; `high` is None for unbounded. `says_high` if the cell speaks of more than presence."""

    low: int
    high: int | None = 1
    says_high: bool = False


_YES: Final = frozenset(
    [
        "yes", "y", "true", "x", "\u2713", "\u2714", "\u221a", "1", "always", "ja", "oui", "si", "s\u00ed", "sim", "s",
        "tak", "\u0434\u0430", "\u662f",
    ]
)  # fmt: skip
_NO: Final = frozenset(
    [
        "no", "n", "false", "0", "never", "nein", "non", "n\u00e3o", "nao", "nee", "nie", "\u5426",
        "-", "\u2013", "\u2014", "\u2717",
    ]
)  # fmt: skip
_REQUIRED: Final = re.compile(
    r"(?:is |always )?(?:required|mandatory|obligatory|compulsory|obligatori[oa]|requerid[oa]|"
    r"obrigat[\u00f3o]ri[oa]|obbligatori[oa]|obligatoire|requis|erforderlich|verplicht)",
    re.IGNORECASE,
)
_OPTIONAL: Final = re.compile(
    r"(?:is )?(?:optional|conditional|(?:not|isn't) (?:required|mandatory)|can be omitted|may be omitted)|opcional|"
    r"optionnel(?:le)?|facultati(?:f|ve|vo)|opzionale|optioneel",
    re.IGNORECASE,
)
_LETTERS: Final[Mapping[str, int]] = {"m": 1, "r": 1, "o": 0, "c": 0}
_RANGE: Final = re.compile(
    r"\[?\s?(\d+)\s?(?:\.\.+|-|\u2013|:|,|to)\s?(\d+|\*|n|m|unbounded|many)\s?\]?", re.IGNORECASE
)
_COUNT: Final = re.compile(r"(\d+)|(\*|0\+)|(\+|1\+)|(\?)")


def occurrence_in(cell: str, column: Column | None = None) -> Occurrence | None:
    """How often a member stands by a cell of that column; by a cell of any other only where it says so in words."""
    word = cell.strip(_MARKUP + ".") or cell.strip()
    if _OPTIONAL.fullmatch(word):
        return Occurrence(0)
    if _REQUIRED.fullmatch(word):
        return Occurrence(1)
    if column in ("required", "optional"):
        return _flag(word.lower(), column)
    return _count(word) if column == "occurrence" else None


def _flag(word: str, column: Column) -> Occurrence | None:
    if word in _LETTERS:
        return Occurrence(_LETTERS[word]) if column == "required" or word != "m" else None
    if word not in _YES | _NO:
        return None
    return Occurrence(int((word in _YES) == (column == "required")))


def _count(word: str) -> Occurrence | None:
    """A cardinality: `0..1`, `1-n`, `1`, `*`, `M`."""
    if word.lower() in _LETTERS:
        return Occurrence(_LETTERS[word.lower()])
    if match := _RANGE.fullmatch(word):
        return _bounded(int(match.group(1)), int(match.group(2)) if match.group(2).isdigit() else None)
    if match := _COUNT.fullmatch(word):
        number, any_number, some, _ = match.groups()
        if number is not None:
            return _bounded(int(number), int(number))
        return Occurrence(int(some is not None), None if any_number or some else 1, True)
    return None


def _bounded(low: int, high: int | None) -> Occurrence | None:
    return None if high is not None and (high < max(low, 1)) else Occurrence(low, high, True)


def says_flag(cell: str) -> bool:
    """Whether a cell says yes or no, and nothing else."""
    return cell.strip(_MARKUP + ".").lower() in _YES | _NO or occurrence_in(cell) is not None


def leading_flag(text: str) -> int | None:
    """Where the yes or no that a text begins with ends; None for none."""
    for words in (3, 2, 1):
        match = re.match(r"\S+" + r"\s\S+" * (words - 1), text)
        if match and (says_flag(match.group()) or (words == 1 and _count(match.group()) is not None)):
            return match.end()
    return None


def flag_columns(columns: tuple[Column, ...]) -> list[Column]:
    """The columns of a table whose cells say yes or no, in their order."""
    return [column for column in columns if column in _FLAGS]


# --- lists of words ---------------------------------------------------------------------------------------------------

_WORD: Final = r"(?:\"[^\"]{1,40}\"|'[^']{1,40}'|`[^`]{1,40}`|[^\s,;/|.()\[\]\"'`][^\s,;/|()\[\]\"'`]{0,40}?)"
_BETWEEN: Final = r"(?:\s*,\s*(?:or|and)\s+|\s+(?:or|and)\s+|\s*[,/|]\s*)"
_LIST: Final = rf"{_WORD}(?:{_BETWEEN}{_WORD})+"
_ANNOUNCED: Final = re.compile(
    rf"(?:(?:one|any|either) of|(?:possible|allowed|valid|permitted|accepted|legal) values?(?: (?:are|is))?|"
    rf"values? (?:are|is)|values:|either)\s*:?\s*[\[({{]?\s*({_LIST})(?=[\])}}.;]|\s*$|\s+\()",
    re.IGNORECASE,
)
_PLAIN: Final = re.compile(rf"({_WORD}(?:(?:\s+or\s+|\s?/\s?|\s?\|\s?){_WORD})+)[.]?")
_HEADED: Final = re.compile(rf"[\[({{]?\s*({_LIST})\s*[\])}}]?[.]?")
_NO_WORD: Final = re.compile(
    r"(?:\.\.+|\u2026|etc|any|other|others|more|n/a|none specified|\d+\s?-\s?\d+)\.?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Listed:
    """The words that a cell lists, each with its place in it. `is_announced` if the table says that it is a list."""

    words: tuple[tuple[str, int], ...]
    is_announced: bool


def list_in(cell: str, *, is_headed: bool = False) -> Listed | None:
    """The words that a cell lists: all of a cell in a column of values, what follows `one of`, or `A or B` alone."""
    match = _HEADED.fullmatch(cell) if is_headed else None
    match = match or _ANNOUNCED.search(cell)
    is_announced = match is not None
    match = match or _PLAIN.fullmatch(cell)
    if match is None:
        return None
    if not re.search(r"[,/|]|\sor\s", match.group(1)):  # `2000 and later` is no list
        return None
    separator = re.compile(_BETWEEN if is_announced else r"\s+or\s+|\s?/\s?|\s?\|\s?")
    words: list[tuple[str, int]] = []
    start = match.start(1)
    for piece in [*separator.finditer(match.group(1)), None]:
        end = match.end(1) if piece is None else match.start(1) + piece.start()
        word = cell[start:end].strip("\"'`*_ ")
        words.append((word, cell.index(word, start) if word else start))
        start = end if piece is None else match.start(1) + piece.end()
    kept = dict(words)
    is_none = any(not word or _NO_WORD.fullmatch(word) for word in kept) or len(kept) < _FEWEST
    if is_none or all(word.lower() in LOOSE_WORDS for word in kept):
        return None
    return Listed(tuple(kept.items()), is_announced)


_FEWEST: Final = 2
"""Words that make a list: one shows a member and no list."""
