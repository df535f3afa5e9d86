"""Documents as text whose every character knows its place in the document as given.

Pages come as plain text, Markdown, saved HTML, tables with pipes, and with their newlines lost. Here they all become
one kind of text; what only belongs to the form (tags, fences, pipes, line numbers) is gone, places are kept.

HTML is read with the standard library's parser, because lxml.html tells of an element its line alone, and of text
nothing: every note of a contract has the column too.
"""

import codecs
import html
import re
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import Final, TypeAlias

from contracts.sources import Source

Offsets: TypeAlias = "array[int]"


@dataclass(frozen=True)
class Text:
    """Text made from a document: `content[i]` stands at `offsets[i]` in the document, whose lines begin at `starts`."""

    document: str
    content: str
    offsets: Offsets
    starts: Offsets

    def place(self, index: int) -> Source:
        """The place in the document of the character of that index; of the last one for an index past the end."""
        if not self.offsets:
            return Source(self.document, 1, 1)
        offset = self.offsets[min(index, len(self.offsets) - 1)]
        line = bisect_right(self.starts, offset)
        return Source(self.document, line, offset - self.starts[line - 1] + 1)

    def replaced(self, pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]) -> "Text":
        """The text with each match replaced. What replaces a match stands, character by character, where it stood."""
        content: list[str] = []
        offsets = _none()
        done = 0
        for match in pattern.finditer(self.content):
            start, end = match.span()
            made = replacement(match)
            content += [self.content[done:start], made]
            offsets += self.offsets[done:start]
            offsets.extend(self.offsets[min(start + index, max(end - 1, start))] for index in range(len(made)))
            done = end
        if not done:
            return self
        offsets += self.offsets[done:]
        return Text(self.document, "".join([*content, self.content[done:]]), offsets, self.starts)

    def blanked(self, spans: Iterable[tuple[int, int]]) -> "Text":
        """The text with spaces in the place of everything in some spans, line breaks apart."""
        content: list[str] = []
        done = 0
        for start, end in sorted(spans):
            if end > done:
                start = max(start, done)
                content += [self.content[done:start], _SEEN.sub(" ", self.content[start:end])]
                done = end
        return replace(self, content="".join([*content, self.content[done:]])) if done else self


_SEEN: Final = re.compile(r"[^\n]")


def _none() -> Offsets:
    """No offsets yet: machine integers, for a page of some megabytes has as many of them."""
    return array("I")


def read_text(content: bytes, document: str) -> Text:
    """A document's bytes as text with places. Raises UnicodeDecodeError never: bytes that fit nothing are read as such.

    The encoding is that of the byte order mark, else UTF-16 where every other byte is zero, else UTF-8, else the one
    that an HTML page declares, else Windows-1252, which old pages are written in without saying so.
    """
    text = _decoded(content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    starts = array("I", [0, *(match.end() for match in re.finditer("\n", text))])
    return Text(document, text, array("I", range(len(text))), starts)


def is_binary(text: Text) -> bool:
    """Whether a document holds no text: more than one character in ten is a control character that no text has."""
    return len(_CONTROLS.findall(text.content, 0, _LOOKED_AT)) * 10 > min(len(text.content), _LOOKED_AT)


def normalised(text: Text) -> Text:
    """Text without the form it came in: what a person would read, with samples as they are sent."""
    if _is_html(text.content):
        text = _from_html(text)
    for _ in range(_MOST_ESCAPES):
        if not _is_escaped(text.content):
            break
        text = text.replaced(_REFERENCE, _unescaped)
    if _ESCAPED_MARKUP.search(text.content):
        text = text.replaced(_ESCAPED_CHARACTER, _literal)
    for pattern, replacement in _CLEANED:
        text = text.replaced(pattern, replacement)
    for spans in (_fences, _quote_marks, _list_marks, _line_numbers, _pipes, _list_marks):
        text = text.blanked(spans(text.content))
    return text.replaced(_BARE_TAG, _bracketed(text.content))


_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CONTROLS: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_LOOKED_AT: Final = 4096
"""Bytes or characters of a document that tell what kind it is."""


def _utf_16(start: bytes) -> str | None:
    """The encoding of text in UTF-16 without a mark: ASCII's other bytes are zero; None for other text."""
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = start[first::2].count(0), start[1 - first :: 2].count(0)
        if zeros * 10 > len(start) * 4 and not others:
            return name
    return None


_DECLARED: Final = re.compile(rb"<meta[^>]{0,200}?charset=[\"']?([\w-]+)", re.IGNORECASE)


def _decoded(content: bytes) -> str:
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), _utf_16(content[:_LOOKED_AT]))
    declared = _DECLARED.search(content[:4096])
    for name in (marked, "utf-8", declared.group(1).decode("ascii") if declared else None, "cp1252"):
        try:
            if name is not None:
                return content.decode(name).removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("latin-1")


# --- HTML -------------------------------------------------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLOCKS: Final = _words(
    """
    address article aside blockquote body br center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 head
    header hr html li main nav ol p pre section select option table tbody td textarea tfoot th thead title tr ul xmp
    """
)
_CELLS: Final = frozenset({"td", "th"})
_INLINE: Final = _words(
    """
    a abbr acronym b bdi bdo big button cite code del dfn em font i img input ins kbd label link mark meta nobr s samp
    small span strike strong sub sup tt u var wbr
    """
)
_SHORT: Final = frozenset({"lt", "gt", "amp", "quot", "nbsp"})
_UNSEEN: Final = frozenset({"script", "style", "noscript", "template"})
_ANY_HTML: Final = re.compile(
    r"<(?:!doctype\s+html|/?(?:html|body|div|pre|p|br|h[1-6]|span|font|table|tbody|tr|td|th|ul|li|form|input|a|b|title|head)\b)",
    re.IGNORECASE,
)
_WHOLE_HTML: Final = re.compile(r"<(?:!doctype\s+html|html|body)\b", re.IGNORECASE)
_RAW_SAMPLE: Final = re.compile(
    r"<(?:\?xml|(?:[\w-]+:)?Envelope)\b|<(?!html|svg|math)[\w:.-]+\s[^<>]{0,300}?xmlns(?::[\w.-]+)?\s?=", re.IGNORECASE
)
_FORMATTING: Final = frozenset({"a", "b", "br", "em", "font", "i", "mark", "span", "strong", "u", "wbr"})
_ESCAPED_TAG: Final = re.compile(r"&(?:amp;)*(?:lt|#60|#x3c);\s*[\w?/!]", re.IGNORECASE)
_TAG: Final = re.compile(r"<[\w?/!]")
_REFERENCE: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});")
_MOST_ESCAPES: Final = 3


def _is_html(content: str) -> bool:
    """Whether a document is a saved HTML page: it has HTML's tags, and its samples are not plain to see in it."""
    if content.count(">") * 2 < content.count(
        "<"
    ):  # tags that never end: the parser takes them in turn, each to the end
        return False
    tags = len(_ANY_HTML.findall(content))
    return bool(_WHOLE_HTML.search(content)) or (tags >= 3 and not _RAW_SAMPLE.search(content))


class _Page(HTMLParser):
    """The visible text of an HTML page, each character with its offset."""

    def __init__(self, content: str, starts: Offsets, *, raw: bool) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self.offsets = _none()
        self._content, self._starts, self._raw = content, starts, raw
        self._unseen: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._is_sample(tag):
            raw = self.get_starttag_text() or ""
            self._open += [] if raw.endswith("/>") else [tag]
            self._put(raw)
        elif tag in _UNSEEN:
            self._unseen.append(tag)
        else:
            self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._is_sample(tag):
            self._put(self.get_starttag_text() or "")
        else:
            self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]
            start = self._offset()
            end = self._content.find(">", start)
            self._put(self._content[start : end + 1])
        elif tag in self._unseen:
            self._unseen.remove(tag)
        else:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        self._put(data)

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name};")

    def handle_pi(self, data: str) -> None:
        if data.startswith("xml"):
            self._put(f"<?{data}>")

    def handle_comment(self, data: str) -> None:
        """An end tag that HTML does not know as one (`</_name>`) is taken for a comment."""
        start = self._offset()
        if self._open and self._content.startswith("</", start):
            self._put(self._content[start : self._content.find(">", start) + 1])

    def _is_sample(self, tag: str) -> bool:
        """Whether a tag is part of a sample that was never escaped, and none of the page's own."""
        if not self._raw or tag in _UNSEEN:
            return False
        if self._open:
            written = (self.get_starttag_text() or "")[1 : len(tag) + 1]
            return tag not in _FORMATTING or written != tag
        return tag not in _BLOCKS | _INLINE

    def _reference(self, reference: str) -> None:
        """A reference: its character, at the place of its first; as it stands where it is none that is known.

        One without a semicolon is most often none: a query's `&copy=1`.
        """
        if self._unseen:
            return
        offset = self._offset()
        if not self._content.startswith(reference, offset):
            reference = reference.removesuffix(";")
        known = reference.endswith(";") or reference[1:] in _SHORT
        character = html.unescape(reference) if known else reference
        self.pieces.append(character)
        self.offsets.extend([offset] * len(character))

    def _break(self, tag: str) -> None:
        if not self._unseen and tag in _BLOCKS:
            self.pieces.append("|" if tag in _CELLS else "\n")
            self.offsets.append(self._offset())

    def _put(self, text: str) -> None:
        if not self._unseen:
            offset = self._offset()
            self.pieces.append(text)
            self.offsets.extend(range(offset, offset + len(text)))

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column


def _from_html(text: Text) -> Text:
    raw = bool(_RAW_SAMPLE.search(text.content)) and not _ESCAPED_TAG.search(text.content)
    page = _Page(text.content, text.starts, raw=raw)
    page.feed(text.content)
    page.close()
    return replace(text, content="".join(page.pieces), offsets=page.offsets)


def _is_escaped(content: str) -> bool:
    """Whether tags stand there as references to their characters, and hardly any as themselves."""
    return len(_ESCAPED_TAG.findall(content)) > len(_TAG.findall(content))


def _unescaped(match: re.Match[str]) -> str:
    return html.unescape(match.group())


# --- what other forms leave behind ------------------------------------------------------------------------------------

_ESCAPED_MARKUP: Final = re.compile(r"\bxmlns(?::[\w.-]+)?\s?=\s?\\(?:[\"']|u0022)|\\u003c", re.IGNORECASE)
_ESCAPED_CHARACTER: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([\"'\\/nrt]))")
_ESCAPES: Final = {"n": "\n", "r": " ", "t": "\t"}


def _literal(match: re.Match[str]) -> str:
    """What an escape in a string literal stands for: samples are quoted from source code and JSON."""
    code, letter = match.groups()
    return _ESCAPES.get(letter, letter) if code is None else chr(int(code, 16))


_OPERATOR: Final = r"(?:[+.&,~]|\|\||<<|\.\.)"
_JOINED: Final = r"""
    (?P<quote>["'`]) [ ]*
    (?: {operator} [ ]* (?:_[ ]*)? \n [ ]* | \n [ ]* {operator} [ ]*  # an operator at one side of the line break,
      | (?:\) [ ]*)? ; [ ]* \n [ ]* [\w$.>-]+ [ ]*                    # or a statement that adds to the same string
        (?: [+.&]= | \( | =[ ]*[\w$]+[ ]*[+.&] ) [ ]*
    ) [@$rfu]? (?P=quote) (?=[ ]*(?:<|[\w:.-]+=))
"""
"""Between two literals of source code that make one text, of which the second begins with markup."""

_CLEANED: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t\v\f]"), lambda _: " "),  # to XML no white space
    (re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]"), lambda _: " "),  # in no XML document
    (re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]"), lambda _: ""),  # seen by nobody, and no part of a name
    (re.compile(r"\\([_<>*\[\]`#~=&!.-])"), lambda match: match.group(1)),  # Markdown's escapes
    (re.compile(r"\*\*(</?[\w:.-]+(?:\s?/?>)?|xmlns[\w:.-]*)\*\*"), lambda match: f"  {match.group(1)}  "),  # bold tags
    (re.compile(r"\[(https?://[^\]\s]+)\]\(<?https?://[^)\s]*\)"), lambda match: match.group(1)),
    (re.compile(r"(=\s*[\"'])<(https?://[^>\s\"']+)>(?=[\"'])"), lambda match: match.group(1) + match.group(2)),
    (re.compile(r"(?<=\w)(?=xmlns(?::[\w.-]+)?\s?=\s?[\"'])"), lambda _: " "),  # a tag whose line break was lost
    (re.compile(r"(</?(?:soap(?:-?env)?|env)) (?=(?:Envelope|Header|Body)\b)"), lambda match: f"{match.group(1)}:"),
    (re.compile(r"(?<=[>\"'])<br\s?/?>(?=[<\w])", re.IGNORECASE), lambda _: "\n"),  # line breaks within samples
    (re.compile(r"</?(?:font|span)\b[^<>]*>", re.IGNORECASE), lambda _: ""),  # colours that outlived their page
    (re.compile(r"(?<=>)(?:\s*\\[rnt])+(?=\s*[<\"'`])"), lambda _: " "),  # line breaks as literals write them
    (re.compile(r"(?<=>)\\(?=[ ]*\n)"), lambda _: ""),  # literals that go on in the next line
    (re.compile(_JOINED.format(operator=_OPERATOR), re.VERBOSE), lambda match: "\n" * match.group().count("\n")),
)
_FENCE: Final = re.compile(r"^[ |>]*(?:`{3,}|~{3,})[^\n]*$", re.MULTILINE)
_QUOTE_MARK: Final = re.compile(r"[ \t]*(?:(?:> ?)+|#+|//+|--|\*|'|rem\b|REM\b)(?= |$|<)")
_LIST_MARK: Final = re.compile(r"[ \t]*[-\u2022](?= |$)")
_LINE_NUMBER: Final = re.compile(r"\s*\[?(\d{1,5})(?:[\].:)|]|(?=\s|<|$))")
_RULE: Final = re.compile(r"^[ |:+-]*-{3}[ |:+-]*$", re.MULTILINE)
_EDGE_PIPE: Final = re.compile(r"^[ ]*\|+|\|+[ ]*$", re.MULTILINE)
_FEWEST: Final = 5
"""Lines in a row that have to look alike before what they begin with is taken for the form's."""
_FEWEST_ENDS: Final = 2
"""End tags in a list that is a sample: one may be a word of its own."""


_BARE_TAG: Final = re.compile(r"(?<=[>\s])([A-Za-z][\w-]*:[A-Za-z][\w.-]*)(?=\s*(?:<|$))", re.MULTILINE)


def _bracketed(content: str) -> Callable[[re.Match[str]], str]:
    """What puts a start tag's brackets back: Markdown takes `<soap:Body>` for a link, and leaves its name alone.

    Only for names whose end tags outnumber their start tags.
    """

    @cache
    def lacking() -> frozenset[str]:
        starts = Counter(re.findall(r"<([A-Za-z][\w-]*:[A-Za-z][\w.-]*)[\s>]", content))
        ends = Counter(re.findall(r"</([A-Za-z][\w-]*:[A-Za-z][\w.-]*)>", content))
        return frozenset(name for name, count in ends.items() if starts[name] < count)

    return lambda match: f"<{match.group(1)}>" if match.group(1) in lacking() else match.group(1)


def _fences(content: str) -> list[tuple[int, int]]:
    return [match.span() for match in _FENCE.finditer(content)]


def _lines(content: str) -> list[tuple[int, str]]:
    starts = [0, *(match.end() for match in re.finditer("\n", content))]
    return [(start, content[start : end - 1]) for start, end in pairwise([*starts, len(content) + 1])]


def _quote_marks(content: str) -> list[tuple[int, int]]:
    """The marks of Markdown's block quotes, and of comments in source code, where several lines in a row have them."""
    return [span for run in _runs(content, _QUOTE_MARK) for span in run]


def _list_marks(content: str) -> list[tuple[int, int]]:
    """The marks of lists that are samples: code that is shown in numbered lines is saved as a list, an entry a line."""
    runs = [run for run in _runs(content, _LIST_MARK) if content.count("</", run[0][0], run[-1][1]) >= _FEWEST_ENDS]
    return [span for run in runs for span in run]


def _runs(content: str, mark: re.Pattern[str]) -> Iterator[list[tuple[int, int]]]:
    """Where a mark stands at the beginning of several lines in a row, for each such run."""
    run: list[tuple[int, int]] = []
    for start, line in [*_lines(content), (len(content), "end")]:
        match = mark.match(line)
        if match:
            run.append((start, start + match.end()))
            continue
        if len(run) >= _FEWEST:
            yield run
        run = []


def _line_numbers(content: str) -> list[tuple[int, int]]:
    """Numbers that lines begin with, or that stand alone before each line, where they count up; blank lines do not
    count.
    """
    found: list[tuple[int, int]] = []
    run: list[tuple[int, int]] = []
    expected, is_between = None, False
    for start, line in _lines(content):
        match = _LINE_NUMBER.match(line)
        if match and (expected is None or int(match.group(1)) == expected):
            run.append((start, start + match.end()))
            expected, is_between = int(match.group(1)) + 1, not line[match.end() :].strip()
        elif line.strip() and is_between:
            is_between = False  # the line whose number stands alone before it
        elif line.strip():
            found += run if len(run) >= _FEWEST else []
            run = [(start, start + match.end())] if match else []
            expected = int(match.group(1)) + 1 if match else None
    return found + (run if len(run) >= _FEWEST else [])


def _pipes(content: str) -> list[tuple[int, int]]:
    """The pipes at the edges of a table's rows, and its rules. Those between cells stay: they tell cells apart."""
    return [match.span() for match in (*_RULE.finditer(content), *_EDGE_PIPE.finditer(content))]
