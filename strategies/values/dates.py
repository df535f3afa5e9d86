"""Dates, times, their parts, and durations (XML Schema part 2, sections 3.2.6 to 3.2.14)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from hypothesis.strategies import SearchStrategy

from strategies.values.choices import Made
from strategies.values.definitions import Bound, Definition
from strategies.values.kinds import Kind, Within
from strategies.values.model import Choose, Edge, Edges, Maker, Misfit, Misfits

_DAY: Final = 86_400

# --- the calendar, years before the first and beyond the 9999th included ----------------------------------------------


def days_of(year: int, month: int, day: int) -> int:
    """Days from 0001-01-01 of the proleptic Gregorian calendar; `year` is astronomical, 0 comes before 1."""
    shifted = year - (month < 3)
    era, of_era = divmod(shifted, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 306


def date_of(days: int) -> tuple[int, int, int]:
    """Year, month and day so many days after 0001-01-01."""
    era, of_era = divmod(days + 306, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    return year + era * 400 + (month >= 10), month + 3 if month < 10 else month - 9, day


def _year_text(year: int) -> str:
    """A year as XSD 1.0 writes it: there is none numbered 0 (section 3.2.7.1)."""
    return f"{year:04}" if year > 0 else f"-{1 - year:04}"


def _year_of(text: str) -> int:
    year = int(text)
    return year if year > 0 else year + 1


# --- the types, each a line of whole numbers --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """A type's values in order, as whole numbers: of seconds, days, months or years.

    `usual` is the range that is drawn from where no facet narrows it; `cyclic` types have no values beyond it. From one
    value to the next it is so many `seconds`, or more.
    """

    read: Callable[[str], int]
    write: Callable[[int], str]
    usual: tuple[int, int]
    cyclic: bool = False
    seconds: int = 28 * _DAY


_ZONE: Final = r"(?:Z|[+-]\d\d:\d\d)"
_WITH_ZONE: Final = re.compile(rf"^(.*?)({_ZONE})?$")


def _read_date(text: str) -> int:
    year, month, day = text.rsplit("-", 2)
    return days_of(_year_of(year), int(month), int(day))


def _write_date(days: int) -> str:
    year, month, day = date_of(days)
    return f"{_year_text(year)}-{month:02}-{day:02}"


def _read_time(text: str) -> int:
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(float(seconds))


def _write_time(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _read_date_time(text: str) -> int:
    date, _, time = text.partition("T")
    return _read_date(date) * _DAY + _read_time(time)


def _write_date_time(seconds: int) -> str:
    return f"{_write_date(seconds // _DAY)}T{_write_time(seconds % _DAY)}"


def _read_year_month(text: str) -> int:
    year, month = text.rsplit("-", 1)
    return _year_of(year) * 12 + int(month) - 1


def _write_year_month(months: int) -> str:
    return f"{_year_text(months // 12)}-{months % 12 + 1:02}"


def _read_month_day(text: str) -> int:
    """A leap year holds every day of any year."""
    return days_of(2000, int(text[2:4]), int(text[5:7])) - days_of(2000, 1, 1)


def _write_month_day(days: int) -> str:
    _, month, day = date_of(days_of(2000, 1, 1) + days)
    return f"--{month:02}-{day:02}"


_LINES: Final[Mapping[str, _Line]] = {
    "dateTime": _Line(_read_date_time, _write_date_time, (_DAY, days_of(9999, 12, 31) * _DAY), seconds=1),
    "date": _Line(_read_date, _write_date, (1, days_of(9999, 12, 30)), seconds=_DAY),
    "time": _Line(_read_time, _write_time, (0, _DAY - 1), cyclic=True, seconds=1),
    "gYearMonth": _Line(_read_year_month, _write_year_month, (13, 9999 * 12)),
    "gYear": _Line(_year_of, _year_text, (2, 9998)),
    "gMonthDay": _Line(_read_month_day, _write_month_day, (0, 365), cyclic=True, seconds=_DAY),
    "gMonth": _Line(lambda text: int(text[2:4]), lambda month: f"--{month:02}", (1, 12), cyclic=True),
    "gDay": _Line(lambda text: int(text[3:5]), lambda day: f"---{day:02}", (1, 31), cyclic=True, seconds=_DAY),
}
"""A day and more inside the limits of four-digit years, so that an offset stays within them."""

_ZONES: Final = ("", "", "Z", "+00:00", "+02:00", "-05:00", "+05:45", "-11:00")
_HAS_SECONDS: Final = ("dateTime", "time")


@dataclass(frozen=True, slots=True)
class _Range:
    """What bounds leave of a line in one zone: its ends, and the zone to write; None for any zone."""

    low: int
    high: int
    zone: str | None


def _ranges(line: _Line, definition: Definition) -> list[_Range]:
    """What bounds leave of a line in the zone of each: values are written as one of the bounds is."""
    low, low_zone = _read(line, definition.minimum, 1)
    high, high_zone = _read(line, definition.maximum, -1)
    if low is not None and high is not None and low_zone != high_zone:
        found = [
            _Range(low + _later(line, low_zone, zone), high - _later(line, zone, high_zone), zone)
            for zone in (low_zone, high_zone)
        ]
        return [each for each in found if each.low <= each.high] or [_Range(low, low, low_zone)]
    usual_low, usual_high = line.usual
    if low is None:
        low = usual_low if high is None or high > usual_low or line.cyclic else high - 10_000 * _unit(line)
    if high is None:
        high = usual_high if low < usual_high or line.cyclic else low + 10_000 * _unit(line)
    return [_Range(min(low, high), max(low, high), low_zone if definition.minimum else high_zone)]


def _later(line: _Line, zone: str | None, other: str | None) -> int:
    """By how much a value of the other zone has to be written greater to be no earlier than one of the zone.

    One without a zone may lie in any: it is earlier or later than another only if it is so in all (section 3.2.7.4).
    """
    if zone == other:
        return 0
    earliest, latest = _offset(other, _FARTHEST), _offset(zone, -_FARTHEST)
    return -((latest - earliest) // line.seconds)


def _offset(zone: str | None, unknown: int) -> int:
    """Seconds that the clocks of a zone are ahead."""
    if not zone:
        return unknown
    return 0 if zone == "Z" else int(f"{zone[0]}1") * (int(zone[1:3]) * 3600 + int(zone[4:]) * 60)


_FARTHEST: Final = 14 * 3600
"""Seconds that clocks are ahead or behind at most (section 3.2.7.3)."""


def _unit(line: _Line) -> int:
    return _DAY if line.write is _write_date_time else 1


def _read(line: _Line, bound: Bound | None, inwards: int) -> tuple[int | None, str | None]:
    """The whole number at or just inside a bound, and the bound's zone."""
    if bound is None:
        return None, None
    found = _WITH_ZONE.match(bound.text)
    assert found is not None
    text, zone = found.group(1), found.group(2) or ""
    number = line.read(text)
    has_fraction = bool(re.search(r"\.\d*[1-9]", text))
    if has_fraction:
        return number + (inwards > 0), zone
    return number + inwards * bound.is_exclusive, zone


def _maker(name: str, definition: Definition, _: Within) -> Maker:
    line = _LINES[name]
    ranges = _ranges(line, definition)

    def make(choose: Choose) -> str:
        limits = ranges[choose(0, len(ranges) - 1) if len(ranges) > 1 else 0]
        number = choose(limits.low, limits.high)
        fraction = choose(0, 999) if name in _HAS_SECONDS else 0
        zone = _ZONES[choose(0, len(_ZONES) - 1)] if limits.zone is None else limits.zone
        shown = f".{fraction:03}" if fraction % 4 == 3 and number < limits.high else ""
        return f"{line.write(number)}{shown}{zone}"

    return make


def _date_time_texts(definition: Definition, _: Within) -> SearchStrategy[str] | None:
    """As the maker's, with fewer choices: for the type itself, which most messages have."""
    if definition.is_derived:
        return None
    last = int((datetime.max - datetime.min).total_seconds()) - _DAY
    return Made(lambda choose: _date_time(choose(_DAY, last), choose(0, 999), choose(0, len(_ZONES) - 1)))


def _date_time(seconds: int, fraction: int, zone: int) -> str:
    """The lexical form of an instant; one in four has a fraction of a second."""
    shown = f".{fraction:03}" if fraction % 4 == 3 else ""
    date = datetime.fromordinal(seconds // _DAY + 1).date().isoformat()
    return f"{date}T{_write_time(seconds % _DAY)}{shown}{_ZONES[zone]}"


# --- edges ------------------------------------------------------------------------------------------------------------

# No blanks around: white space collapses (section 4.3.6), but lxml refuses it around dates.
_DATE_TIMES: Final = (
    ("first-year", "0001-01-01T00:00:00"), ("last-second", "9999-12-31T23:59:59"),
    ("leap-day", "2024-02-29T12:00:00"), ("utc", "2024-06-30T23:59:59Z"),
    ("fraction-of-seven-digits", "2024-01-01T00:00:00.1234567"), ("offset-east", "2024-01-01T00:00:00+05:30"),
    ("offset-west", "2024-01-01T00:00:00-08:00"), ("fraction-of-one-digit", "2024-01-01T00:00:00.5"),
    ("farthest-east", "2024-01-01T00:00:00+14:00"), ("farthest-west", "2024-01-01T00:00:00-14:00"),
    ("leap-day-of-a-century", "2000-02-29T00:00:00"), ("end-of-day", "2024-01-01T24:00:00"),
    ("five-digit-year", "12024-01-01T00:00:00"), ("before-the-common-era", "-0044-03-15T12:00:00"),
    ("fraction-of-twelve-digits", "2024-01-01T00:00:00.123456789012"), ("first-year-utc", "0001-01-01T00:00:00Z"),
    ("last-second-west", "9999-12-31T23:59:59-01:00"), ("zero-offset-west", "2024-01-01T00:00:00-00:00"),
    ("end-of-day-with-fraction", "2024-12-31T24:00:00.0"), ("summer-time-gap", "2024-03-31T02:30:00"),
)  # fmt: skip
_NO_DATE_TIMES: Final = (
    ("word", "abc"), ("empty", ""), ("leap-day-of-a-common-year", "2019-02-29T00:00:00"),
    ("no-seconds", "2020-01-01T00:00"), ("blank-for-t", "2020-01-01 00:00:00"),
    ("thirteenth-month", "2020-13-01T00:00:00"), ("year-zero", "0000-01-01T00:00:00"), ("date", "2020-01-01"),
    ("month", "2020-01"), ("time", "00:00:00"), ("date-with-zone", "2020-01-01Z"),
    ("beyond-the-farthest-offset", "2020-01-01T00:00:00+15:00"), ("short-offset", "2020-01-01T00:00:00+2"),
    ("two-digit-year", "20-01-01T00:00:00"), ("thirty-second-day", "2020-01-32T00:00:00"),
    ("sixtieth-minute", "2020-01-01T00:60:00"), ("twenty-fifth-hour", "2020-01-01T25:00:00"),
    ("later-than-the-end-of-day", "2020-01-01T24:00:01"), ("slashes", "01/02/2020 00:00:00"),
    ("lower-case-t", "2020-01-01t00:00:00"), ("seconds-since-1970", "1577836800"),
    ("point-without-digits", "2020-01-01T00:00:00."),
)  # fmt: skip
_DATES: Final = (
    ("leap-day", "2024-02-29"), ("first-day", "0001-01-01"), ("last-day", "9999-12-31"), ("utc", "2024-06-30Z"),
    ("offset-east", "2024-01-01+05:30"), ("offset-west", "2024-01-01-08:00"), ("farthest-east", "2024-01-01+14:00"),
    ("farthest-west", "2024-01-01-14:00"), ("leap-day-of-a-century", "2000-02-29"), ("five-digit-year", "12024-01-01"),
    ("first-day-utc", "0001-01-01Z"), ("last-day-west", "9999-12-31-01:00"),
    ("before-the-common-era", "-0044-03-15"),
)  # fmt: skip
_NO_DATES: Final = (
    ("word", "abc"), ("empty", ""), ("leap-day-of-a-common-year", "2019-02-29"), ("thirteenth-month", "2020-13-01"),
    ("day-zero", "2020-01-00"), ("year-zero", "0000-01-01"), ("with-time", "2020-01-01T00:00:00"),
    ("month", "2020-01"), ("one-digit-month", "2020-1-1"), ("slashes", "01/02/2020"), ("points", "01.02.2020"),
    ("no-hyphens", "20200101"), ("beyond-the-farthest-offset", "2020-01-01+15:00"), ("two-digit-year", "20-01-01"),
)  # fmt: skip
_TIMES: Final = (
    ("midnight", "00:00:00"), ("last-second", "23:59:59"), ("utc", "12:30:00Z"), ("end-of-day", "24:00:00"),
    ("fraction", "12:00:00.5"), ("fraction-of-seven-digits", "12:00:00.1234567"), ("offset-east", "12:00:00+05:30"),
    ("offset-west", "12:00:00-08:00"), ("farthest-east", "12:00:00+14:00"), ("farthest-west", "12:00:00-14:00"),
    ("fraction-of-twelve-digits", "12:00:00.123456789012"),
)  # fmt: skip
_NO_TIMES: Final = (
    ("word", "abc"), ("empty", ""), ("no-seconds", "12:00"), ("twenty-fifth-hour", "25:00:00"),
    ("later-than-the-end-of-day", "24:00:01"), ("sixtieth-minute", "12:60:00"), ("sixtieth-second", "12:00:60"),
    ("one-digit-hour", "1:00:00"), ("half-of-the-day", "12:00:00 PM"), ("with-date", "2020-01-01T12:00:00"),
    ("beyond-the-farthest-offset", "12:00:00+15:00"),
)  # fmt: skip
_EDGES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "dateTime": _DATE_TIMES,
    "date": _DATES,
    "time": _TIMES,
    "gYearMonth": (
        ("usual", "2024-02"), ("first", "0001-01"), ("last", "9999-12"), ("utc", "2024-02Z"), ("zone", "2024-02-08:00"),
        ("five-digit-year", "12024-01"), ("before-the-common-era", "-0044-03"),
    ),
    "gYear": (
        ("usual", "2024"), ("first", "0001"), ("last", "9999"), ("utc", "2024Z"), ("zone", "2024+14:00"),
        ("five-digit-year", "12024"), ("before-the-common-era", "-0044"),
    ),
    "gMonthDay": (
        ("usual", "--06-15"), ("leap-day", "--02-29"), ("first", "--01-01"), ("last", "--12-31"), ("utc", "--06-15Z"),
        ("zone", "--06-15-14:00"),
    ),
    "gMonth": (("usual", "--06"), ("first", "--01"), ("last", "--12"), ("utc", "--06Z"), ("zone", "--06+05:30")),
    "gDay": (("usual", "---15"), ("first", "---01"), ("last", "---31"), ("utc", "---15Z"), ("zone", "---15-05:00")),
}  # fmt: skip
_MISFITS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "dateTime": _NO_DATE_TIMES,
    "date": _NO_DATES,
    "time": _NO_TIMES,
    "gYearMonth": (
        ("word", "abc"), ("empty", ""), ("thirteenth-month", "2024-13"), ("month-zero", "2024-00"),
        ("date", "2024-02-01"),
        ("one-digit-month", "2024-2"), ("year-zero", "0000-01"), ("year", "2024"),
    ),
    "gYear": (
        ("word", "abc"), ("empty", ""), ("two-digits", "24"), ("plus-sign", "+2024"), ("year-zero", "0000"),
        ("month", "2024-02"), ("zeros-of-five-digits", "02024"),
    ),
    "gMonthDay": (
        ("word", "abc"), ("empty", ""), ("thirtieth-of-february", "--02-30"), ("one-hyphen", "-06-15"),
        ("thirteenth-month", "--13-01"), ("date", "2024-06-15"), ("no-hyphens", "06-15"),
    ),
    "gMonth": (
        ("word", "abc"), ("empty", ""), ("thirteenth", "--13"), ("zero", "--00"), ("number", "6"), ("one-digit", "--6"),
        ("day", "---06"),
    ),
    "gDay": (
        ("word", "abc"), ("empty", ""), ("thirty-second", "---32"), ("zero", "---00"), ("number", "15"),
        ("two-hyphens", "--15"), ("one-digit", "---5"),
    ),
}  # fmt: skip


def _edges(name: str, definition: Definition) -> Edges:
    line = _LINES[name]
    for which, bound, inwards in (("maximum", definition.maximum, -1), ("minimum", definition.minimum, 1)):
        number, zone = _read(line, bound, inwards)
        if bound is None or number is None:
            continue
        if not bound.is_exclusive:
            yield Edge(f"at-{which}", bound.text)
        for step in (number, number + inwards):
            yield Edge(f"inside-{which}", f"{line.write(step)}{zone}")
    yield from (Edge(edge, text) for edge, text in _EDGES[name])


def _misfits(name: str, definition: Definition) -> Misfits:
    yield from (Misfit(misfit, text, definition.type_name) for misfit, text in _MISFITS[name])
    line = _LINES[name]
    for which, bound, outwards in (("above-maximum", definition.maximum, 1), ("below-minimum", definition.minimum, -1)):
        if bound is None:
            continue
        at, zone = _read(line, Bound("", bound.text), -outwards)
        steps = (0, 1, 1000) if bound.is_exclusive else (1, 1000)
        for step in steps:
            number = (at or 0) + outwards * step
            if not line.cyclic or line.usual[0] <= number <= line.usual[1]:
                yield Misfit(which, f"{line.write(number)}{zone}", bound.facet)


# --- durations --------------------------------------------------------------------------------------------------------

_DURATION: Final = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?"
)
_DURATIONS: Final = (
    ("usual", "P1D"), ("zero", "PT0S"), ("all-parts", "P1Y2M3DT4H5M6.7S"), ("negative", "-P1Y"), ("month", "P1M"),
    ("minute", "PT1M"), ("not-normalised", "PT36H"), ("many-days", "P400D"), ("fraction", "PT0.5S"),
    ("zero-parts", "P0Y0M0DT0H0M0S"), ("leading-zeros", "P007D"), ("large", "P9999Y"), ("negative-zero", "-P0D"),
    ("many-months", "P25M"), ("fraction-of-nine-digits", "PT1.123456789S"), ("week-as-days", "P7D"),
)  # fmt: skip
_NO_DURATIONS: Final = (
    ("word", "abc"), ("empty", ""), ("designator-alone", "P"), ("time-designator-alone", "P1YT"),
    ("no-designator", "1Y"),
    ("week", "P1W"), ("fraction-of-a-day", "P1.5D"), ("wrong-order", "P1D1Y"), ("number", "3600"),
    ("clock", "01:00:00"),
    ("sign-within", "P-1D"), ("plus-sign", "+P1D"), ("seconds-without-t", "P1S"), ("lower-case", "p1d"),
    ("point-without-digits", "PT1.S"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Duration:
    """Months and seconds: durations are ordered only as far as these agree (section 3.2.6.2)."""

    months: int
    seconds: int

    @classmethod
    def of(cls, text: str) -> "_Duration":
        found = _DURATION.fullmatch(text.strip())
        assert found is not None
        sign = -1 if found.group(1) else 1
        years, months, days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:7])
        return cls(sign * (years * 12 + months), sign * (days * _DAY + hours * 3600 + minutes * 60 + seconds))

    @property
    def text(self) -> str:
        sign = "-" if self.months < 0 or self.seconds < 0 else ""
        months, seconds = abs(self.months), abs(self.seconds)
        date = _named((months // 12, "Y"), (months % 12, "M"), (seconds // _DAY, "D"))
        time = _named((seconds % _DAY // 3600, "H"), (seconds % 3600 // 60, "M"), (seconds % 60, "S"))
        return f"{sign}P{date}{f'T{time}' if time else ''}" if date or time else "PT0S"


def _named(*parts: tuple[int, str]) -> str:
    return "".join(f"{number}{name}" for number, name in parts if number)


def _bounds_of(definition: Definition) -> tuple[_Duration | None, _Duration | None]:
    low, high = definition.minimum, definition.maximum
    return (_Duration.of(low.text) if low else None, _Duration.of(high.text) if high else None)


def _duration_maker(definition: Definition, _: Within) -> Maker:
    """Months alone or seconds alone within bounds, which are total orders; any mixture where nothing bounds them."""
    low, high = _bounds_of(definition)
    if low is None and high is None:
        return _free_duration
    months = _span(low.months if low else None, high.months if high else None, 120)
    seconds = _span(low.seconds if low else None, high.seconds if high else None, 1000 * _DAY)
    is_by_months = any(bound is not None and bound.months for bound in (low, high))

    def make(choose: Choose) -> str:
        if is_by_months and choose(0, 3):
            return _Duration(choose(*months), 0).text
        return _Duration(0, choose(*seconds)).text

    return make


def _span(low: int | None, high: int | None, width: int) -> tuple[int, int]:
    if low is None:
        low = (high or 0) - width
    high = low + width if high is None else high
    return min(low, high), max(low, high)


def _free_duration(choose: Choose) -> str:
    sign = -1 if choose(0, 7) == 7 else 1
    months, seconds = choose(0, 240), choose(0, 100 * _DAY)
    text = _Duration(sign * (months if choose(0, 1) else 0), sign * seconds).text
    fraction = choose(0, 999)
    return f"{text[:-1]}.{fraction:03}S" if text.endswith("S") and fraction % 4 == 3 else text


def _duration_edges(definition: Definition) -> Edges:
    for name, bound, inwards in (("maximum", definition.maximum, -1), ("minimum", definition.minimum, 1)):
        if bound is not None:
            if not bound.is_exclusive:
                yield Edge(f"at-{name}", bound.text)
            for near in _beside(_Duration.of(bound.text), inwards):
                yield Edge(f"inside-{name}", near)
    yield from (Edge(name, text) for name, text in _DURATIONS)


def _beside(duration: _Duration, direction: int) -> Iterator[str]:
    """Durations a little longer or shorter, whose sign is that of all their parts."""
    months, seconds = duration.months, duration.seconds
    for near in (
        _Duration(months, seconds + direction),
        _Duration(months, seconds + direction * _DAY),
        _Duration(months + direction, seconds),
    ):
        if near.months * near.seconds >= 0:
            yield near.text


def _duration_misfits(definition: Definition) -> Misfits:
    yield from (Misfit(name, text, definition.type_name) for name, text in _NO_DURATIONS)
    for name, bound, outwards in (("above-maximum", definition.maximum, 1), ("below-minimum", definition.minimum, -1)):
        if bound is not None:
            if bound.is_exclusive:
                yield Misfit(name, bound.text, bound.facet)
            for near in _beside(_Duration.of(bound.text), outwards):
                yield Misfit(name, near, bound.facet)


# --- the table --------------------------------------------------------------------------------------------------------

_YEAR: Final = r"-?([1-9][0-9]{4}|0[0-9]{2}[1-9]|[1-9][0-9]{3})"
_MONTH: Final = "(0[1-9]|1[0-2])"
_MONTH_DAY: Final = (
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
)
_FOURTH: Final = "(0[48]|[2468][048]|[13579][26])"
_LEAP_DAY: Final = f"-?([0-9]{{2}}{_FOURTH}|{_FOURTH}00)-02-29"
_CLOCK: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,3})?"
_OFFSET: Final = r"(Z|[+\-](0[0-9]|1[0-3]):[0-5][0-9])?"
_LEXICAL: Final[Mapping[str, str]] = {
    "dateTime": f"({_YEAR}-{_MONTH_DAY}|{_LEAP_DAY})T{_CLOCK}{_OFFSET}",
    "date": f"({_YEAR}-{_MONTH_DAY}|{_LEAP_DAY}){_OFFSET}",
    "time": f"{_CLOCK}{_OFFSET}",
    "gYearMonth": f"{_YEAR}-{_MONTH}{_OFFSET}",
    "gYear": f"{_YEAR}{_OFFSET}",
    "gMonthDay": f"--({_MONTH_DAY}|02-29){_OFFSET}",
    "gMonth": f"--{_MONTH}{_OFFSET}",
    "gDay": f"---(0[1-9]|[12][0-9]|3[01]){_OFFSET}",
}
_N: Final = "[0-9]{1,4}"
_TIME_PARTS: Final = (
    rf"T(({_N}H)({_N}M)?({_N}(\.[0-9]{{1,3}})?S)?|({_N}M)({_N}(\.[0-9]{{1,3}})?S)?|{_N}(\.[0-9]{{1,3}})?S)"
)
_DATE_PARTS: Final = f"(({_N}Y)({_N}M)?({_N}D)?|({_N}M)({_N}D)?|{_N}D)"

KINDS: Final[Mapping[str, Kind]] = {
    **{
        name: Kind(
            partial(_edges, name),
            partial(_misfits, name),
            partial(_maker, name),
            (_LEXICAL[name],),
            *((_date_time_texts,) if name == "dateTime" else ()),
        )
        for name in _LINES
    },
    "duration": Kind(
        _duration_edges,
        _duration_misfits,
        _duration_maker,
        (f"-?P({_DATE_PARTS}({_TIME_PARTS})?|{_TIME_PARTS})",),
    ),
}
