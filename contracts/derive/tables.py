"""The tables and lists of parameters on narrative pages: what they say of which member, with the place of each word.

A row begins with the name of an element that samples show: so rows are found whatever became of the table's lines. In
lines and pipes, one cell below the other, in a list, or with all line breaks lost, it is the same table.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise, takewhile, zip_longest
from typing import Final

from contracts.derive.cells import (
    Column,
    Occurrence,
    bracketed,
    column_of,
    flag_columns,
    header_in,
    label_in,
    labels_in,
    leading_flag,
    leading_type,
    list_in,
    occurrence_in,
    says_flag,
    type_in,
)
from contracts.derive.declarations import Word
from contracts.derive.markup import Node
from contracts.derive.samples import Role, Sample, role_said
from contracts.derive.text import Text
from contracts.names import local_name
from contracts.sources import Source


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a table says: a type, an occurrence or a list of words, and where it says it.

    Not `is_sure`: what may be meant for another element, or may be no list at all. Not `is_own`: what is said of an
    element of that name in another message.
    """

    value: "str | Occurrence | tuple[Word, ...]"
    source: Source
    is_sure: bool = True
    is_own: bool = True


@dataclass(slots=True)
class Row:
    """What a row of a table or an entry of a list says of the member that it names.

    `role` is what the heading above it speaks of; None where it does not say.
    """

    name: str
    source: Source
    role: Role | None
    type: Told | None = None
    occurrence: Told | None = None
    words: Told | None = None


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell: its text, where that stands, and whether a line begins with it."""

    text: str
    index: int
    is_first: bool


@dataclass(frozen=True)
class Prose:
    """What a page says around its samples, gap by gap: each with the samples before and after it."""

    text: Text
    samples: tuple[Sample, ...]

    @cached_property
    def gaps(self) -> tuple[tuple[int, int, Sample | None, Sample | None], ...]:
        """From, to, the sample before and the one after; divided where a line names the operation that comes after."""
        found: list[tuple[int, int, Sample | None, Sample | None]] = []
        start, before = 0, None
        for sample in [*self.samples, None]:
            end = len(self.text.content) if sample is None else sample.index
            found += self._divided(start, max(start, end), before, sample)
            start, before = (end if sample is None else max(start, sample.end)), sample
        return tuple(found)

    def _divided(
        self, start: int, end: int, before: Sample | None, after: Sample | None
    ) -> Iterator[tuple[int, int, Sample | None, Sample | None]]:
        payload = None if after is None else after.payload
        heading = None
        if payload is not None and before is not None:
            pattern = re.compile(rf"^\W*{re.escape(payload.local)}\W*$", re.MULTILINE)
            heading = pattern.search(self.text.content, start, end)
        if heading is None:
            yield start, end, before, after
            return
        yield start, heading.start(), before, None
        yield heading.start(), end, before, after

    def rows(self, own: Collection[Sample], names: Collection[str]) -> Iterator[Row]:
        """The rows about some elements, in what is said before the samples of an operation, and after its last."""
        for start, end, before, after in self.gaps:
            if (after if after is not None else before) in own or not own:
                yield from _Gap(self.text, start, end, names).rows()

    def unshown(self, own: Collection[Sample], names: Collection[str]) -> Iterator[tuple[str, Source]]:
        """The names, each with its place, that rows of an operation's tables have and none of its samples shows.

        A row has a name and a type in cells of one line; a table of which no row names what is shown is another's.
        """
        for start, end, before, after in self.gaps:
            if (after if after is not None else before) in own or not own:
                for block in _BLOCK.finditer(self.text.content, start, end):
                    rows = list(_names_in(block.group(), block.start()))
                    if any(name in names for name, _ in rows):
                        yield from ((name, self.text.place(at)) for name, at in rows if name not in names)


_BLOCK: Final = re.compile(r"(?:^[^\n]*(?:\||\t)[^\n]*(?:\n|\Z))+", re.MULTILINE)
"""Lines with pipes or tabs, one below the other."""


def _names_in(block: str, start: int) -> Iterator[tuple[str, int]]:
    """The names that the lines of a block begin with, or have after a type, where they have a type as well."""
    for line in re.finditer(r"[^\n]+", block):
        cells = [each for each in re.finditer(r"[^|\t]+", line.group()) if each.group().strip()]
        typed = [type_in(each.group().strip()) is not None for each in cells]
        first = typed.index(False) if False in typed else len(cells)
        name = _WHOLE_NAME.fullmatch(cells[first].group().strip()) if first < len(cells) and any(typed) else None
        if name is not None and "." not in name.group(1):
            yield name.group(1), start + line.start() + cells[first].start() + cells[first].group().index(name.group(1))


_SEPARATOR: Final = re.compile(r"\||\n|(?<![.!?:;])[ ]{2,}|[ ]{3,}")
_RULE: Final = re.compile(r"(?:^|\s)[-:=+~_]{3,}(?=\s|$)|^[-:=+~_ ]+$")
_MARKUP: Final = re.compile(r"<([^\W\d][\w.:-]*)[^<>]*>[^<>]*</\1\s*>")
"""A sample of one element within the words of a page: no row of a table."""
_WORD: Final = re.compile(r"(?<![\w.-])[^\W\d][\w.-]*")
_WHOLE_NAME: Final = re.compile(r"(?:\s*(?:[*+\u2022-]|\d+[.)])(?=\s))?[\s<`*\"'@/]*([^\W\d](?:[\w.-]*\w)?)[>`*\"'/]*")
_AFTER_NAME: Final = re.compile(r"[>`*\"'/]*")
_BETWEEN: Final = re.compile(r"\s[:\u2013\u2014-]\s|:\s")
_DASH: Final = re.compile(r"\s*[:\u2013\u2014-]\s")
_LIST_MARK: Final = re.compile(r"(?:^|\s)(?:[*+\u2022-]|\d+[.)])\s*[<`*\"'@/]*$")
_PRESENCE: Final = frozenset({"required", "optional", "occurrence"})
_TELLING: Final = frozenset({"type", *_PRESENCE, "values"})
"""Columns of which a header has one at least."""
_TYPE_BEFORE: Final = re.compile(r"(?<![\w.-])([^\W\d_]+\d{0,2}(?:\[\])?)(?::\s?|\s+)[`*\"'<@$]*$")
_IN_SIGNATURE: Final = re.compile(r"[(,]\s*$")
_TYPE_FIRST: Final = re.compile(r"[(\[]?[^\W\d_]+\d{0,2}(?:\(\d+\))?\s?(?:[,.;:)\]]|[-\u2013\u2014]\s)")
_HEADING: Final = 5
"""Words that the heading of a table has at most."""
_MOST_CELLS: Final = 12
"""Cells that belong to a name where the table has no header."""
_MARKS: Final = 12
"""Characters before a name in which a list's mark stands."""
_MOST_SAID: Final = 600
"""Characters of an entry that are read."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A name that begins a row, from `index` to `end`; `kind` is the type that is written before it, and where."""

    name: str
    index: int
    end: int
    kind: tuple[str, int] | None = None


@dataclass
class _Gap:
    """The words between two samples while rows are looked for in them."""

    text: Text
    start: int
    end: int
    names: Collection[str]
    before: tuple[Column, ...] = ()
    columns: tuple[Column, ...] = ()
    role: Role | None = None
    content: str = field(init=False)

    def __post_init__(self) -> None:
        """Blanks what is markup and no table."""
        self.content = _MARKUP.sub(lambda match: " " * len(match.group()), self.text.content[self.start : self.end])

    def rows(self) -> Iterator[Row]:
        """Every row and list entry."""
        cells = list(self._cells())
        cells = cells if _has_types_first(cells) else list(self._apart(cells))
        number = 0
        while number < len(cells):
            number, found = self._read(cells, number)
            yield from (row for row in found if row.type or row.occurrence or row.words)

    def _cells(self) -> Iterator[_Cell]:
        start, is_first = 0, True
        for match in [*_SEPARATOR.finditer(self.content), None]:
            end = len(self.content) if match is None else match.start()
            piece = _RULE.sub(lambda rule: " " * len(rule.group()), self.content[start:end])
            if piece.strip():
                yield _Cell(piece.strip(), start + len(piece) - len(piece.lstrip()), is_first)
                is_first = False
            if match is not None:
                is_first = is_first or match.group() == "\n"
                start = match.end()

    def _apart(self, cells: Sequence[_Cell]) -> Iterator[_Cell]:
        """The cells, with those apart that ran into each other where a line break was lost: `at most since`, `date`."""
        for cell, following in zip_longest(cells, cells[1:]):
            place = None if following is None or following.is_first else self._runs_on(cell.text, following.text)
            if place is None:
                yield cell
            else:
                yield _Cell(cell.text[:place].rstrip(), cell.index, cell.is_first)
                yield _Cell(cell.text[place:], cell.index + place, False)

    def _runs_on(self, cell: str, following: str) -> int | None:
        """Where in a cell another begins: a name before a cell that says a type or a flag, a header's first column."""
        place = cell.rfind(" ") + 1
        last = cell[place:]
        begins_row = self._whole(last) is not None and (type_in(following) or says_flag(following))
        begins_header = column_of(last) == "name" and column_of(cell) is None and column_of(following) is not None
        return place if place and (begins_row or begins_header) else None

    def _whole(self, text: str) -> tuple[str, int, int] | None:
        """The name that a text is, with from and to, where it is one and nothing else."""
        match = _WHOLE_NAME.fullmatch(text)
        return (
            None if match is None or match.group(1) not in self.names else (match.group(1), match.start(1), len(text))
        )

    def _named_in(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Every name in a text, with from and to: names are looked up, for there may be hundreds."""
        for match in _WORD.finditer(text):
            name = match.group()
            name = name if name in self.names else name.rstrip(".-")
            if name in self.names:
                yield name, match.start(), match.start() + len(name)

    # --- cells --------------------------------------------------------------------------------------------------------

    def _read(self, cells: Sequence[_Cell], number: int) -> tuple[int, list[Row]]:
        """The rows that begin in a cell, and the number of the cell to go on with."""
        cell = cells[number]
        width = self._header(cells[number : number + _MOST_CELLS + 1])
        if width:
            before = _TITLE.search(cells[number - 1].text) if number and not cell.is_first else None
            self._note_role(before.group() if before else "")
            return number + width, []
        inside = header_in(cell.text)
        if inside is not None:
            start, end, self.before, self.columns = inside
            self._note_role(cell.text[:start])
            return number + 1, list(self._run_on(_Cell(cell.text[end:], cell.index + end, False)))
        name = self._whole(cell.text) or self._labelled_name(cell.text)
        if name is not None:
            return self._row(cells, number, _Entry(name[0], cell.index + name[1], cell.index + name[2]))
        found = list(self._run_on(cell))
        if not found and len(cell.text.split()) <= _HEADING and not cell.text.endswith("."):
            self._note_role(cell.text)
        return number + 1, found

    def _header(self, cells: Sequence[_Cell]) -> int:
        """How many of the next cells are the headings of a table's columns; 0 where they are none."""
        line = self._headings_of(_line_of(cells))
        columns = line or ([] if _is_title(cells) else self._headings_in(cells))
        first = columns.index("name") if "name" in (line or columns[:2]) else len(columns)
        if len(columns) - first < 2 and not (line and first < len(columns) and "type" in line):
            return 0
        self.before, self.columns = tuple(columns[:first]), tuple(columns[first:])
        return len(columns)

    def _headings_of(self, line: Sequence[_Cell]) -> list[Column]:
        """The columns that a line is the header of, headings that nobody has heard of among them; none for a row."""
        columns = [column_of(cell.text) for cell in line]
        is_row = any(type_in(cell.text) for cell, column in zip(line, columns, strict=True) if column is None)
        is_row = is_row or (bool(self.columns) and bool(line) and self._whole(line[0].text) is not None)
        return [] if is_row or not _TELLING.intersection(columns) else [column or "other" for column in columns]

    def _headings_in(self, cells: Sequence[_Cell]) -> list[Column]:
        """The columns whose headings the next cells are, one below the other or where lines are lost."""
        columns: list[Column] = []
        for cell in cells:
            column = column_of(cell.text)
            begins_row = self._whole(cell.text) is not None and (cell.is_first or column == "other")
            if column is None or (columns and ((column == "name" and "name" in columns) or begins_row)):
                break
            columns.append(column)
        return columns

    def _note_role(self, words: str) -> None:
        self.role = role_said(" ".join(words.split()[-_HEADING:])) or self.role

    def _row(self, cells: Sequence[_Cell], number: int, entry: _Entry) -> tuple[int, list[Row]]:
        """The row that a name in a cell of its own begins: the cells beside it, or those below."""
        labelled = self._labelled(cells, number, entry)
        if labelled is not None:
            return labelled
        following = cells[number + 1 : number + (len(self.columns) or _MOST_CELLS)]
        is_below = bool(following) and following[0].is_first
        own: list[_Cell] = []
        for cell in following:
            is_type = type_in(cell.text) is not None and not any(type_in(each.text) for each in own)
            if (cell.is_first and not is_below) or (self._begins_other(cell.text) and not is_type):
                break
            if is_below and not self.columns and not _says(cell.text):
                break
            own.append(cell)
        row = self._new(entry)
        for cell, column in zip(self._cells_before(cells, number), self.before, strict=False):
            if column == "type":
                self._type(row, cell.text, cell.index, is_headed=True)
            elif column in _PRESENCE:
                self._occurrence(row, cell.text, cell.index, column)
        if is_below and not own and not self.columns and _begins_with_type(following[0].text):
            self._fill_from_text(row, following[0].text, following[0].index)
            return number + 2, [row]
        self._fill(row, own)
        return number + 1 + len(own), [row]

    def _cells_before(self, cells: Sequence[_Cell], number: int) -> Sequence[_Cell]:
        """The cells before a name in its line, where the table has as many columns before that of names."""
        line = cells[max(0, number - len(self.before)) : number + 1]
        is_whole = len(line) == len(self.before) + 1 and not any(cell.is_first for cell in line[1:])
        return line[:-1] if is_whole else ()

    def _labelled_name(self, text: str) -> tuple[str, int, int] | None:
        """The name that a text gives under a label: `Name: depot`."""
        label = label_in(text)
        name = self._whole(text[label[1] :]) if label is not None and label[0] == "name" else None
        return None if name is None or label is None else (name[0], label[1] + name[1], label[1] + name[2])

    def _labelled(self, cells: Sequence[_Cell], number: int, entry: _Entry) -> tuple[int, list[Row]] | None:
        """The row whose columns are labels in the lines below a name, as `Type: int`; None where there are none."""
        end = number + 1
        is_value = False
        for cell in cells[number + 1 : number + 1 + _MOST_CELLS]:
            if end == number + 1 and label_in(self.content, cell.index) is None:
                return None
            is_value = is_value and not cell.is_first
            is_other = self._begins_other(cell.text) or self._labelled_name(cell.text) or _is_heading(cell)
            if not is_value and is_other:
                break
            is_value = not is_value and column_of(cell.text) is not None
            end += 1
        if end == number + 1:
            return None
        row = self._new(entry)
        self._fill_labelled(row, self.content[entry.end : cells[end - 1].index + len(cells[end - 1].text)], entry.end)
        return end, [row]

    def _fill_labelled(self, row: Row, said: str, at: int) -> None:
        """Takes what labels say of a name."""
        for column, value, index in labels_in(said):
            line = value.split("\n")[0].rstrip(" |*_`")
            if column == "type":
                kind = leading_type(line)
                if kind is not None and row.type is None:
                    row.type = Told(kind[0], self._place(at + index + kind[1]))
            elif column in _PRESENCE:
                flag = leading_flag(line)
                self._occurrence(row, line if flag is None else line[:flag], at + index, column)
            elif column in ("values", "other"):
                self._words(row, line, at + index, is_headed=column == "values")
            self._in_brackets(row, line, at + index)

    def _begins_other(self, cell: str) -> bool:
        """Whether a cell begins another row, or another table."""
        is_name = self._whole(cell) is not None or re.fullmatch(r"<[^\W\d][\w.:-]*\s?/?>", cell) is not None
        return is_name or column_of(cell) == "name"

    def _new(self, entry: _Entry) -> Row:
        return Row(entry.name, self._place(entry.index), self.role)

    def _place(self, index: int) -> Source:
        return self.text.place(self.start + index)

    def _fill(self, row: Row, own: Sequence[_Cell]) -> None:
        """Takes from the cells of a row what each says; by their columns, if none of them is missing."""
        is_whole = len(own) == len(self.columns) - 1
        columns: Sequence[Column | None] = self.columns[1:] if is_whole else [None] * len(own)
        flags = flag_columns(self.columns)
        flagged = [cell for cell in own if says_flag(cell.text)]
        meant = dict(zip((cell.index for cell in flagged), flags, strict=False)) if len(flags) == len(flagged) else {}
        for cell, column in zip(own, columns, strict=True):
            kind = column or meant.get(cell.index) or ("occurrence" if "occurrence" in self.columns else None)
            if column in (None, "type") or "type" not in self.columns:
                self._type(row, cell.text, cell.index, is_headed=column == "type")
            if kind != "flag":
                self._occurrence(row, cell.text, cell.index, kind)
            if column in (None, "values", "other"):
                self._words(row, cell.text, cell.index, is_headed=column == "values")
            self._in_brackets(row, cell.text, cell.index)

    def _type(self, row: Row, text: str, index: int, *, is_headed: bool = False) -> None:
        known = type_in(text, is_headed=is_headed)
        if known is not None and row.type is None:
            row.type = Told(known[0], self._place(index + known[1]))

    def _occurrence(self, row: Row, text: str, index: int, column: Column | None = None) -> None:
        found = occurrence_in(text, column)
        if found is not None and row.occurrence is None:
            row.occurrence = Told(found, self._place(index))

    def _words(self, row: Row, text: str, index: int, *, is_headed: bool = False) -> None:
        listed = list_in(text[:_MOST_SAID], is_headed=is_headed)
        if listed is None or (row.words is not None and (row.words.is_sure or not listed.is_announced)):
            return
        words = tuple(Word(word, self._place(index + at), "documented") for word, at in listed.words)
        row.words = Told(words, words[0].source, listed.is_announced)

    def _in_brackets(self, row: Row, text: str, index: int) -> None:
        """Takes what the first brackets say that say anything: those further on may be another row's."""
        for group in bracketed(text[:_MOST_SAID]):
            for word, at in group:
                self._type(row, word, index + at)
                self._occurrence(row, word, index + at)
            if any(type_in(word) or occurrence_in(word) for word, _ in group):
                return

    # --- text that runs on --------------------------------------------------------------------------------------------

    def _run_on(self, cell: _Cell) -> Iterator[Row]:
        """The rows and list entries in one piece of text: each goes on to where the next begins."""
        entries = list(self._entries(cell))
        start = cell.index
        for number, entry in enumerate(entries):
            following = entries[number + 1] if number + 1 < len(entries) else None
            end = cell.index + len(cell.text)
            if following is not None:
                end = following.index if following.kind is None else following.kind[1]
            before = self.content[max(start, entry.index - _MOST_SAID) : entry.index]
            self._note_role(" ".join(_CAPITALISED.findall(before)[-1:]))
            row = self._new(entry)
            if entry.kind is not None:
                self._type(row, *entry.kind)
            said = _own_words(self.content[entry.end : end])
            if label_in(said.lstrip(" *_`:.-\u2013\u2014(")):
                self._fill_labelled(row, said, entry.end)
            else:
                self._fill_from_text(row, said, entry.end)
            start = entry.end
            yield row

    def _entries(self, cell: _Cell) -> Iterator[_Entry]:
        found = list(self._named_in(cell.text))
        typed = {name for name, _, end in found if leading_type(_said(cell.text, end)[0]) is not None}
        last = -1
        for name, start, name_end in found:
            if last >= 0 and type_in(name) and not cell.text[last:start].strip():
                continue  # the type of the name before it, which an element has for its name
            said, end = _said(cell.text, name_end)
            kind = self._type_before(cell, start, last)
            before = cell.text[max(0, start - _MARKS) : start]
            is_marked = before.endswith("<") and cell.text[name_end : name_end + 1] == ">"
            is_at_start = (start < _MARKS and not before.strip("<`*\"'@/ ")) or _LIST_MARK.search(before) is not None
            if (
                is_marked
                or (self.columns and self._begins_columns(said))
                or (len(typed) > 1 and name in typed and leading_type(said) is not None)
                or (said[:1] in ("(", "[", "{") and _says_something(said))
                or (is_at_start and _DASH.match(said) and _says_something(said))
                or (kind is not None and _begins_row(cell.text, kind[1] - cell.index, said))
                or label_in(said.lstrip(" *_`:.-\u2013\u2014(")) is not None
            ):
                last = end
                yield _Entry(name, cell.index + start, cell.index + end, kind)

    def _type_before(self, cell: _Cell, start: int, last: int) -> tuple[str, int] | None:
        """The type that is written before a name, as in `int depot`, and where it stands; None for none.

        `last` is where the name before ends: what follows that directly is its own.
        """
        match = _TYPE_BEFORE.search(cell.text, max(0, start - _MARKS * 2), start)
        if match is None or type_in(match.group(1)) is None or (self.columns and "type" not in self.before):
            return None
        is_others = last >= 0 and not cell.text[last : match.start(1)].strip(" :()-")
        return None if is_others else (match.group(1), cell.index + match.start(1))

    def _begins_columns(self, said: str) -> bool:
        """Whether a text goes on as a row of the table does: with a type, or with a yes or no."""
        kinds = set(self.columns[1:3])
        return ("type" in kinds and leading_type(said) is not None) or (
            bool(kinds & {*_PRESENCE, "flag"}) and leading_flag(said) is not None
        )

    def _fill_from_text(self, row: Row, rest: str, at: int) -> None:
        """What a text says of the name before it: column by column as far as they can be told apart, then as words."""
        for column in self.columns[1:] or ("type", "optional"):
            shift = len(rest) - len(rest.lstrip())
            rest, at = rest[shift:], at + shift
            done = self._column(row, column, rest, at)
            if done is None:
                break
            rest, at = rest[done:], at + done
        last = re.search(r"(?<!\S)\S+\s*$", rest) if self.columns and self.columns[-1] in _PRESENCE else None
        if last is not None and occurrence_in(last.group().strip(), self.columns[-1]) is not None:
            self._occurrence(row, last.group().strip(), at + last.start(), self.columns[-1])
            rest = rest[: last.start()]
        self._in_brackets(row, rest, at)
        start = 0
        for match in [*_BETWEEN.finditer(rest), None]:
            piece = rest[start : None if match is None else match.start()]
            index = at + start + len(piece) - len(piece.lstrip(" :-\u2013\u2014"))
            piece = piece.strip(" :-\u2013\u2014")
            self._type(row, piece, index)
            self._occurrence(row, piece, index)
            self._words(row, piece, index)
            start = len(rest) if match is None else match.end()
        self._words(row, rest.rstrip(), at)

    def _column(self, row: Row, column: Column, rest: str, at: int) -> int | None:
        """Takes what one column says from where a text begins; how much it took, None where its end cannot be told."""
        if column == "type":
            kind = leading_type(rest)
            if kind is not None and row.type is None:
                row.type = Told(kind[0], self._place(at + kind[1]))
            return kind[2] if kind is not None else 0
        if column not in {*_PRESENCE, "flag"}:
            return None
        end = leading_flag(rest)
        if end is None or (not self.columns and occurrence_in(rest[:end]) is None):
            return 0
        if column != "flag":
            self._occurrence(row, rest[:end], at, column if self.columns else None)
        return end


def _has_types_first(cells: Sequence[_Cell]) -> bool:
    """Whether the headings of a table have types before names: no cell can be told from the next by its type then."""
    kinds = [column_of(cell.text) for cell in cells]
    return any(one == "type" and other == "name" for one, other in pairwise(kinds))


def _is_title(cells: Sequence[_Cell]) -> bool:
    """Whether the first of some cells is alone in its line, before a line of several: the title of a table."""
    return len(cells) > 2 and cells[0].is_first and cells[1].is_first and not cells[2].is_first


def _is_heading(cell: _Cell) -> bool:
    """Whether a line is the heading of another table: it says whose members it lists, in a few words."""
    is_short = cell.is_first and len(cell.text.split()) <= _HEADING and label_in(cell.text) is None
    return is_short and not cell.text.endswith(".") and role_said(cell.text) is not None


def _begins_with_type(text: str) -> bool:
    """Whether what is said below a name begins with its type: `int, required. Which depot`."""
    return _TYPE_FIRST.match(text) is not None and leading_type(text.lstrip("([")) is not None


def _begins_row(text: str, kind: int, said: str) -> bool:
    """Whether a type and a name begin a line, or a list's entry, and what follows is said of them.

    So does each pair of a signature: `find(int depot, date since)`.
    """
    before = text[max(0, kind - _MARKS) : kind]
    if _IN_SIGNATURE.search(before):
        return said[:1] in (",", ")")
    is_at_start = (kind < _MARKS and not before.strip("<`*\"'@/ ")) or _LIST_MARK.search(before) is not None
    return is_at_start and (not said or said[0] in "-\u2013\u2014:(,;=[")


def _line_of(cells: Sequence[_Cell]) -> Sequence[_Cell]:
    """The cells of the line that the first of some begins; none where it begins none, or where lines are lost."""
    others = list(takewhile(lambda cell: not cell.is_first, cells[1 : _MOST_CELLS + 1]))
    return [cells[0], *others] if cells[0].is_first and 0 < len(others) < _MOST_CELLS else []


def _own_words(said: str) -> str:
    """What is said of one name, without the list mark of the next, or the heading of what comes after the table."""
    said = _NEXT_MARK.sub("", said[:_MOST_SAID])
    heading = _NEXT_HEADING.search(said)
    return said if heading is None or role_said(heading.group()) is None else said[: heading.start()]


_NEXT_MARK: Final = re.compile(r"\s(?:[*+\u2022-]|\d+[.)])?[\s<`*\"'@]*$")
_NEXT_HEADING: Final = re.compile(r"(?:\s+(?:(?!Yes\b|No\b)[A-Z][\w/.+-]+|\d\.\d|of|and|for|/)){1,7}\W*$")
_TITLE: Final = re.compile(r"[A-Z]\w*(?:\s+\w+)?\W*$")
"""The title of a table where it runs into what stands before it."""
_CAPITALISED: Final = re.compile(r"[A-Z]\w*")


def _said(text: str, end: int) -> tuple[str, int]:
    """What follows a name that ends there, and where its own marks end."""
    after = _AFTER_NAME.match(text, end)
    end = after.end() if after else end
    return text[end : end + _MOST_SAID].lstrip(), end


def _says(cell: str) -> bool:
    """Whether a cell says a type, an occurrence or a list, and nothing else."""
    listed = list_in(cell[:_MOST_SAID])
    return type_in(cell) is not None or occurrence_in(cell) is not None or (listed is not None and listed.is_announced)


def _says_something(said: str) -> bool:
    """Whether what follows a name says a type, an occurrence or a list of words."""
    said = said[:_MOST_SAID]
    words = [word for group in bracketed(said) for word, _ in group] + [
        each.strip(" :-\u2013\u2014") for each in _BETWEEN.split(said)
    ]
    return any(type_in(word) or occurrence_in(word) for word in words) or list_in(said.strip(" :-")) is not None


@dataclass(frozen=True)
class Tables:
    """What the tables of an operation's pages say. `shown` are the paths at which samples show a name, by role."""

    rows: Sequence[Row] = ()
    shown: Mapping[str, Mapping[Role, Collection[tuple[str, ...]]]] = field(default_factory=dict)

    def types(self, name: str, role: Role) -> list[Told]:
        """What is said of an element's type: in its role, else in another's table, which is no certain word."""
        own = [row.type for row in self._of(name, role) if row.type is not None]
        said = [row.type for row in self._by_name.get(name, ()) if row.type is not None]
        other = [replace(each, is_sure=False, is_own=False) for each in said]
        return self._graded(own or other, name, role)

    def words(self, name: str, role: Role) -> list[Told]:
        """The lists of words that an element's value is said to be of."""
        return [row.words for row in self._of(name, role) if row.words is not None]

    def occurrences(self, name: str, role: Role) -> list[Told]:
        """How often an element is said to stand: nothing is taken where several elements of a role have that name."""
        if self._is_ambiguous(name, role):
            return []
        return [
            row.occurrence
            for row in self._of(name, role)
            if row.occurrence is not None and (row.role is not None or role == self._first_role(name))
        ]

    def _of(self, name: str, role: Role) -> list[Row]:
        return [row for row in self._by_name.get(name, ()) if row.role in (None, role)]

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.name, []).append(row)
        return found

    def _graded(self, told: Sequence[Told], name: str, role: Role) -> list[Told]:
        is_ambiguous = self._is_ambiguous(name, role)
        return [replace(each, is_sure=each.is_sure and not is_ambiguous) for each in told]

    def _is_ambiguous(self, name: str, role: Role) -> bool:
        return len(self.shown.get(name, {}).get(role, ())) > 1

    def _first_role(self, name: str) -> Role | None:
        """Whose members a table lists that does not say: those of the request, if it has them."""
        return next((role for role in _ROLES if role in self.shown.get(name, {})), None)


_ROLES: Final[tuple[Role, ...]] = ("request", "response", "error")


def tables_of(prose: Iterable[Prose], samples: Sequence[Sample]) -> Tables:
    """What the pages say of the elements and parameters that an operation's samples show."""
    shown: dict[str, dict[Role, set[tuple[str, ...]]]] = {}
    for sample in samples:
        for path in _paths(sample):
            shown.setdefault(path[-1], {}).setdefault(sample.role, set()).add(path)
    return Tables([row for each in prose for row in each.rows(samples, shown)], shown)


def unshown_rows(prose: Iterable[Prose], samples: Sequence[Sample]) -> Iterator[tuple[str, Source]]:
    """What rows of an operation's tables name, with its place, and no sample of it shows: no element, no attribute."""
    shown = {path[-1] for sample in samples for path in _paths(sample)}
    shown |= {local_name(each.tag) for sample in samples for node in _nodes(sample) for each in node.attributes}
    for each in prose:
        yield from each.unshown(samples, shown)


def _nodes(sample: Sample) -> Iterator[Node]:
    nodes = [] if sample.root is None else [sample.root]
    while nodes:
        node = nodes.pop()
        yield node
        nodes += node.children


def _paths(sample: Sample) -> Iterator[tuple[str, ...]]:
    yield from ((parameter.name,) for parameter in sample.parameters)
    roots: list[tuple[Node, tuple[str, ...]]] = [] if sample.root is None else [(sample.root, ())]
    while roots:
        node, outer = roots.pop()
        path = (*outer, node.local)
        yield path
        roots += [(child, path) for child in node.children]
