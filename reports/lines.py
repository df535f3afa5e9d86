"""The lines of a log, with what is wrong with them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reports.chain import START, is_next, seal_of
from reports.codec import FORMAT, Json
from reports.errors import ChainError, EvidenceError

_TYPES = frozenset({"header", "canary", "exchange", "group", "value", "minimised", "event", "not_exercised", "footer"})


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a log: its file, its number from 1, the offset it starts at, and its content."""

    file: Path
    number: int
    offset: int
    record: Json


class TornLineError(Exception):
    """The log's last line was not written to its end."""


def read_lines(path: Path) -> Iterator[Line]:
    """The records of a log, one at a time.

    Raises EvidenceError with file and line for a log that cannot be read, is of another format, or holds a line that is
    no record; ChainError for one that is not as it was written; TornLineError where the last line lacks its end, as a
    killed run leaves it.
    """
    try:
        with path.open("rb") as file:
            offset, seal = 0, START
            for number, raw in enumerate(file, 1):
                record = _record(path, number, raw)
                if not is_next(raw, seal):
                    raise ChainError(path, number, _BROKEN)
                yield Line(path, number, offset, record)
                offset += len(raw)
                seal = seal_of(raw) or START
            if not offset:
                raise EvidenceError(path, None, "is empty: no header, so nothing is known of the run")
    except OSError as error:
        raise EvidenceError(path, None, f"cannot be read: {error.strerror or error}") from error


_UNCONVERTED = "Have it sent anew as it is, byte for byte"
_BROKEN = "is not as it was written after the line before it: records were changed, removed, added or moved"


def read_line_at(path: Path, offset: int) -> Json:
    """The record that starts at an offset which `read_lines` gave."""
    with path.open("rb") as file:
        file.seek(offset)
        record: Json = json.loads(file.readline())
        return record


def _record(path: Path, number: int, raw: bytes) -> Json:
    for is_converted, how in ((raw.startswith(b"\xef\xbb\xbf"), "a byte order mark"), (raw.endswith(b"\r\n"), "CRLF")):
        if is_converted:
            raise ChainError(path, number, f"has {how}, which no log has: it was converted on its way. {_UNCONVERTED}")
    if not raw.endswith(b"\n") and number > 1:
        raise TornLineError
    try:
        record: Json = json.loads(raw)
    except (ValueError, RecursionError) as error:
        if number == 1:
            raise EvidenceError(path, number, f"is not the header of an evidence log: not JSON: {error}") from error
        raise ChainError(path, number, f"is not JSON: {error}. The log was edited or damaged") from error
    kind = record.get("type") if isinstance(record, dict) else None
    if kind not in _TYPES:
        kind_of_error = EvidenceError if number == 1 else ChainError
        raise kind_of_error(path, number, f"is no record of an evidence log (type {kind!r})")
    if (kind == "header") != (number == 1):
        problem = "a log begins with its header record" if number == 1 else "a second header: two logs run together"
        raise ChainError(path, number, problem)
    if kind == "header" and record.get("format") != FORMAT:
        found = record.get("format")
        raise EvidenceError(path, number, f"is of format {found!r}; this version of soapstone reads format {FORMAT}")
    return record
