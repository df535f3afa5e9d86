"""The lexical spaces of the types that the pages name: text in, value out.

White space around a value is collapsed, as XML Schema part 2 section 4.3.6 has it. What is not in the lexical
space raises `LexicalError`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

Value = int | str | bool | None


class LexicalError(ValueError):
    """The text is not a literal of the type."""


_INTEGER = re.compile(r"[+-]?[0-9]+")
_GUID = re.compile(r"\{%s\}|\(%s\)|%s" % ((r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}",) * 3))
_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_WHITE_SPACE: Final = " \t\r\n"
TICKS_PER_SECOND: Final = 10_000_000
DEFAULT_INSTANT: Final = 86_400 * TICKS_PER_SECOND
"""0001-01-01T00:00:00 in ticks of 100 nanoseconds; day 1 is the first day of year 1."""
DEFAULT_GUID: Final = "00000000-0000-0000-0000-000000000000"


def read_string(text: str) -> str:
    return text


def _integer(bits: int) -> Callable[[str], int]:
    limit = 1 << (bits - 1)

    def read(text: str) -> int:
        literal = text.strip(_WHITE_SPACE)
        if not _INTEGER.fullmatch(literal):
            raise LexicalError("not a whole number")
        digits = literal.lstrip("+-").lstrip("0") or "0"
        # Python refuses to convert very long digit strings; all of them are out of range.
        value = int(digits) if len(digits) <= 20 else limit + 1
        value = -value if literal.startswith("-") else value
        if not -limit <= value < limit:
            raise LexicalError(f"out of the range of {bits} bits")
        return value

    return read


def read_boolean(text: str) -> bool:
    literal = text.strip(_WHITE_SPACE)
    if literal not in ("true", "false", "1", "0"):
        raise LexicalError("not a boolean")
    return literal in ("true", "1")


def read_guid(text: str) -> str:
    """The GUID in lower case with hyphens; .NET reads it in braces and without hyphens too."""
    literal = text.strip(_WHITE_SPACE)
    if not _GUID.fullmatch(literal):
        raise LexicalError("not a GUID")
    digits = re.sub("[^0-9a-f]", "", literal.lower())
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def read_date_time(text: str) -> int:
    """The instant in ticks of 100 nanoseconds; without a zone it is UTC. Years are 0001 to 9999."""
    match = _DATE_TIME.fullmatch(text.strip(_WHITE_SPACE))
    if not match:
        raise LexicalError("not a dateTime")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction = match.group(7) or ""
    end_of_day = (hour, minute, second) == (24, 0, 0) and not fraction.strip("0")
    if not end_of_day and (hour > 23 or minute > 59 or second > 59):
        raise LexicalError("no such time of day")
    try:
        days = date(year, month, day).toordinal()
    except ValueError as error:
        raise LexicalError("no such day") from error
    seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - _offset(match.group(8))
    return seconds * TICKS_PER_SECOND + int(fraction[:7].ljust(7, "0"))


def _offset(zone: str | None) -> int:
    """Seconds east of UTC. At most 14 hours: XML Schema part 2 section 3.2.7.3."""
    if zone is None or zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if minutes > 59 or hours * 60 + minutes > 14 * 60:
        raise LexicalError("no such zone")
    seconds = hours * 3_600 + minutes * 60
    return -seconds if zone[0] == "-" else seconds


def write_date_time(instant: int) -> str:
    """The dateTime without a zone, as the pages print it."""
    days, ticks = divmod(instant, 86_400 * TICKS_PER_SECOND)
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    time = f"{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    decimals = f".{fraction:07}".rstrip("0") if fraction else ""
    return f"{date.fromordinal(days).isoformat()}T{time}{decimals}"


READERS: Mapping[str, Callable[[str], Value]] = {
    "string": read_string,
    "short": _integer(16),
    "int": _integer(32),
    "long": _integer(64),
    "boolean": read_boolean,
    "guid": read_guid,
    "dateTime": read_date_time,
}
DEFAULTS: Mapping[str, Value] = {
    "string": None,
    "short": 0,
    "int": 0,
    "long": 0,
    "boolean": False,
    "guid": DEFAULT_GUID,
    "dateTime": DEFAULT_INSTANT,
}
"""What a member that is absent has, by type."""
