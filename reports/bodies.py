"""Bodies of messages as a reader sees them: escaped, indented without adding a byte, capped, harmless."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape
from itertools import groupby
from typing import Literal
from urllib.parse import unquote_plus

from markupsafe import Markup, escape

from reports.views import utf8_of

_DEEPEST = 12
"""Steps of indentation that the style sheet knows; deeper elements stand no further to the right."""

NO_STAND_INS: Mapping[str, str] = {}

LONGEST_TEXT = 1000
"""Characters shown of what was expected and found; the log and verdict.json have it whole."""

_HEX_BYTES = 1024
# What opens a comment, CDATA section or instruction does not occur within: hostile openings are read once.
_PIECE = re.compile(
    r"<!--(?:(?!<!--|-->).)*+-->|<!\[CDATA\[(?:(?!<!\[|\]\]>).)*+\]\]>|<\?(?:(?!<\?|\?>).)*+\?>|<[^<>]*+>|[^<]++|<",
    re.DOTALL,
)
_PARAMETER = re.compile(r"[^?&]++|[?&]")
_DECLARATION = re.compile(r"\A\ufeff?<\?xml[^<>]*\?>\s*")
_MOST_COMPARED = 1000
"""Pieces of a message beyond which no differences are looked for: it takes the square of their number."""

_TAG = re.compile(r"<(/?)([^\s/>]*)([^>]*?)(/?)>", re.DOTALL)

# Controls, bidirectional overrides, invisible and unpaired characters: shown by number, so that none can mislead.
_HIDDEN = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class ShownBody:
    """A body for the report. `markup` is safe HTML; `note` says what was changed for reading; None if nothing."""

    markup: Markup
    size: int
    omitted: int
    note: str | None


def shown_body(
    body: bytes, limit: int, sample: bytes | None = None, stand_ins: Mapping[str, str] = NO_STAND_INS
) -> ShownBody:
    """The first `limit` bytes of a body: XML with its elements on lines of their own, other text, or bytes.

    With a sample, what does not stand there too is marked; `stand_ins` that have one name are taken for the same.
    """
    kept = body[:limit]
    text, encoding = _text_of(kept)
    if text is None:
        kept = body[:_HEX_BYTES]
        return ShownBody(_hexadecimal(kept), len(body), len(body) - len(kept), "not text: bytes in hexadecimal")
    is_single_line = text.lstrip("\ufeff").startswith("<") and "\n" not in _DECLARATION.sub("", text).strip()
    notes = [f"decoded from {encoding.upper()}"] if encoding != "utf-8" else []
    notes += ["line breaks between elements are added for reading"] if is_single_line else []
    pieces = _pieces(text)
    marked = _differing(pieces, _pieces(_text_of(sample[:limit])[0] or ""), stand_ins) if sample else frozenset()
    markup = _indented(pieces, marked) if is_single_line else _joined(pieces, range(len(pieces)), marked)
    return ShownBody(markup, len(body), len(body) - len(kept), "; ".join(notes) or None)


def shortened(text: str, limit: int = LONGEST_TEXT) -> str:
    """Text that says how much of it was left out, if it is longer than a reader would read."""
    return text if len(text) <= limit else f"{text[:limit]} ... and {len(text) - limit:,} characters more"


def visible(text: str) -> Markup:
    """Text as safe HTML in which no character is invisible."""
    pieces = []
    start = 0
    for found in _HIDDEN.finditer(text):
        pieces += [escape(text[start : found.start()]), Markup("<i>U+{:04X}</i>").format(ord(found.group()))]
        start = found.end()
    return Markup("").join([*pieces, escape(text[start:])])


def marked_text(text: str, sample: str, stand_ins: Mapping[str, str] = NO_STAND_INS) -> Markup:
    """A line of a request, with what does not stand in the sample's line marked."""
    pieces = _pieces(text)
    return _joined(pieces, range(len(pieces)), _differing(pieces, _pieces(sample), stand_ins))


def mark_values(markup: Markup, values: Iterable[str]) -> Markup:
    """The markup of a shown body with elements whose whole text is one of the values marked."""
    marked = str(markup)
    for value in values:
        shown = visible(value)
        marked = marked.replace(f"&gt;{shown}&lt;/", f"&gt;<mark>{shown}</mark>&lt;/")
    return Markup(marked)


def _text_of(data: bytes) -> tuple[str | None, str]:
    """The text of data, cut where a character may be torn; None where it is none."""
    decoded, encoding = utf8_of(data)
    for torn in range(4):
        try:
            return decoded[: len(decoded) - torn].decode(), encoding
        except UnicodeDecodeError:
            continue
    return None, encoding


def _pieces(text: str) -> list[str]:
    """The tags and the text of XML, or the parameters of a form or a query."""
    found: list[str] = (_PIECE if "<" in text else _PARAMETER).findall(text)
    return found


def _differing(pieces: Sequence[str], sample: Sequence[str], stand_ins: Mapping[str, str]) -> frozenset[int]:
    """The places of the pieces that the sample does not have in that order; none where comparing takes too long."""
    if max(len(pieces), len(sample)) > _MOST_COMPARED:
        return frozenset()
    one, other = ([_named(each, stand_ins) for each in both] for both in (sample, pieces))
    matched = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    kept = {index for block in matched for index in range(block.b, block.b + block.size)}
    return frozenset(index for index, piece in enumerate(pieces) if index not in kept and piece.strip())


def _named(piece: str, stand_ins: Mapping[str, str]) -> str:
    """A piece with the name of the secret whose stand-in it is: parts of a run have other stand-ins for it."""
    name, equals, value = piece.partition("=")
    if equals and not piece.startswith("<"):
        return f"{name}={stand_ins.get(unquote_plus(value), value)}"
    return stand_ins.get(unescape(piece), piece)


def _joined(pieces: Sequence[str], places: Iterable[int], marked: frozenset[int]) -> Markup:
    """The pieces at some places; neighbours that are marked share one mark."""
    runs = groupby(places, key=marked.__contains__)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(text) if is_marked else text
        for is_marked, run in runs
        for text in [Markup("").join(_piece(pieces[index]) for index in run)]
    )


def _indented(pieces: Sequence[str], marked: frozenset[int]) -> Markup:
    """One block element for each line that an indented document has; the text within is the body's own."""
    lines = [
        Markup('<span class="l d{}">{}</span>').format(min(depth, _DEEPEST), _joined(pieces, places, marked))
        for depth, places in _lines(pieces)
    ]
    return Markup("").join(lines)


def _lines(pieces: Sequence[str]) -> Iterator[tuple[int, list[int]]]:
    """The places of the pieces by line, with the depth of each line: an element that holds text only stays on one."""
    depth = indent = 0
    line: list[int] = []
    only_text_since_opening = False
    for place, piece in enumerate(pieces):
        kind = _kind(piece)
        if kind == "close":
            depth = max(0, depth - 1)
        joins = kind == "text" or (kind == "close" and only_text_since_opening)
        if line and not joins:
            yield indent, line
            line = []
        if not line:
            indent = depth
        line.append(place)
        depth += kind == "open"
        only_text_since_opening = kind == "open" or (kind == "text" and only_text_since_opening)
    if line:
        yield indent, line


def _kind(piece: str) -> Literal["open", "close", "alone", "text"]:
    tag = _TAG.fullmatch(piece)
    if piece.startswith(("<?", "<!")):
        return "alone"
    if tag is None:
        return "text"
    if tag.group(1):
        return "close"
    return "alone" if tag.group(4) else "open"


def _piece(piece: str) -> Markup:
    if piece.startswith(("<?", "<!")):
        return Markup("<em>{}</em>").format(visible(piece))
    tag = _TAG.fullmatch(piece)
    if tag is None:
        return visible(piece)
    slash, name, attributes, end = tag.groups()
    return Markup("&lt;{}<b>{}</b>{}{}&gt;").format(slash, visible(name), visible(attributes), end)


def _hexadecimal(data: bytes) -> Markup:
    rows = (data[start : start + 16] for start in range(0, len(data), 16))
    lines = (
        f"{index * 16:06x}  {row.hex(' '):<47}  {''.join(chr(byte) if 32 <= byte < 127 else '.' for byte in row)}"
        for index, row in enumerate(rows)
    )
    return escape("\n".join(lines))
