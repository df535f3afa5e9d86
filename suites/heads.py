"""The head of an answer: status line and fields, read as leniently as a recipient may, with what is wrong noted.

http.client and urllib3 give up where two Content-Lengths differ, where the status line names no version and where
something precedes it; they lose the fields behind a line that is none. Such answers have arrived and are to be judged.
"""

import http.client
import re
from dataclasses import dataclass
from typing import BinaryIO, Final

from contracts.judge.records import Flaw, Headers

MOST_INTERIM: Final = 64
"""Interim answers (1xx) that are read past. RFC 9110 section 15.2 sets no limit; something has to end."""
_MOST_LINES, _LONGEST = 100, 65536
"""Lines of a head, and bytes of each: http.client's limits."""
_MOST_DIGITS = 18
"""Digits of a length that some file could have."""
_SWITCHING = 101
_ENDS = (b"\r\n", b"\n")
_STATUS_LINE = re.compile(r"(HTTP\S*)[ \t]+([1-9][0-9]{2})(?:[ \t]+(.*))?", re.IGNORECASE)
"""RFC 9112 section 4; a version that is none is for the judge."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110 section 5.6.2."""


@dataclass(frozen=True, slots=True)
class Head:
    """Status line and fields. `version` is what the status line names; `fields` are in their order,
    with folded lines joined. A line that is no field is one whose name is the line, without a value.
    """

    version: str
    status_code: int
    reason: str
    fields: Headers
    flaws: tuple[Flaw, ...] = ()

    @property
    def lengths(self) -> frozenset[int]:
        """The lengths that Content-Length announces: several if they differ, or if it is a list (RFC 9112, 6.3)."""
        said = (value for name, value in self.fields if name.lower() == "content-length")
        parts = (part.strip() for value in said for part in value.split(","))
        return frozenset(int(part) for part in parts if part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS)

    @property
    def leaves_end_in_doubt(self) -> bool:
        """Whether nothing tells for sure where the next answer on the connection begins."""
        return len(self.lengths) > 1 or self.status_code == _SWITCHING

    def plain(self) -> bytes:
        """The head as a strict reader takes it.

        Of several lengths the least stands: waiting for bytes that do not come would lose the answer.
        """
        lengths = self.lengths
        kept = [
            f"{name}: {value}".replace("\r", " ")  # a line end to those who read on
            for name, value in self.fields
            if _TOKEN.fullmatch(name) and not (lengths and name.lower() == "content-length")
        ]
        length = [f"Content-Length: {min(lengths)}"] if lengths else []
        lines = (f"HTTP/1.1 {self.status_code} {self.reason}", *kept, *length, "", "")
        return "\r\n".join(lines).encode("iso-8859-1")


def read_head(reader: BinaryIO) -> Head:
    """The head of the final answer; interim ones before it are read past, save 101, which is final.

    Source: RFC 9110 section 15.2. Raises RemoteDisconnected where the connection ends before a status line,
    BadStatusLine for a first line without a status, and another HTTPException where there are too many lines.
    """
    flaws: tuple[Flaw, ...] = ()
    for _ in range(MOST_INTERIM + 1):
        line, is_preceded = _first_line(reader)
        if is_preceded:
            flaws = ("empty line before the status line",)
        if not line.endswith(b"\r\n"):
            flaws = (*flaws, "line feed alone")
        matched = _STATUS_LINE.fullmatch(line.decode("iso-8859-1").strip(" \t\r\n"))
        if matched is None:
            raise http.client.BadStatusLine(repr(line))
        version, status, reason = matched.groups()
        if reason is None and not line.rstrip(b"\r\n").endswith((b" ", b"\t")):
            flaws = (*flaws, "no blank after the status code")
        lines = _field_lines(reader)
        if int(status) >= 200 or int(status) == _SWITCHING:
            fields, more = fields_of(lines)
            return Head(version, int(status), reason or "", fields, tuple(dict.fromkeys((*flaws, *more))))
    raise http.client.HTTPException(f"no answer after {MOST_INTERIM} interim ones")


def fields_of(lines: list[bytes]) -> tuple[Headers, tuple[Flaw, ...]]:
    """The fields that lines of a head make, and what is wrong with them. Source: RFC 9112 sections 2.2, 5.1 and 5.2."""
    fields: list[tuple[str, str]] = []
    flaws: dict[Flaw, None] = {}
    for raw in lines:
        if raw.endswith(b"\n") and not raw.endswith(b"\r\n"):
            flaws["line feed alone"] = None
        line = raw.decode("iso-8859-1").rstrip("\r\n")
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and fields:
            flaws["folded field"] = None
            known, begun = fields.pop()
            fields.append((known, " ".join(filter(None, (begun, line.strip(" \t"))))))
        elif not colon or not _TOKEN.fullmatch(name.strip(" \t")):
            flaws["line that is no field"] = None
            fields.append((line.strip(" \t"), ""))
        else:
            if name != name.strip(" \t"):
                flaws["blank before a colon"] = None
            fields.append((name.strip(" \t"), value.strip(" \t")))
    return tuple(fields), tuple(flaws)


def _first_line(reader: BinaryIO) -> tuple[bytes, bool]:
    """The first line that is not empty, and whether one was."""
    for place in range(_MOST_LINES):
        line = _line(reader)
        if not line:
            raise http.client.RemoteDisconnected("Remote end closed connection without response")
        if line not in _ENDS:
            return line, place > 0
    raise http.client.HTTPException("no status line")


def _field_lines(reader: BinaryIO) -> list[bytes]:
    """The lines up to the empty one, or to the end of the connection."""
    lines: list[bytes] = []
    while (line := _line(reader)) and line not in _ENDS:
        lines.append(line)
        if len(lines) > _MOST_LINES:
            raise http.client.HTTPException(f"got more than {_MOST_LINES} headers")
    return lines


def _line(reader: BinaryIO) -> bytes:
    line = reader.readline(_LONGEST + 1)
    if len(line) > _LONGEST:
        raise http.client.LineTooLong("line of the head")
    return line
