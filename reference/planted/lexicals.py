"""More faults in reading values: as the conversions of other languages read them, or stricter than their types."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from reference.calls import LEAF, VALUES, Call, Leaf, at
from reference.lexical import write_date_time
from reference.planted.making import ChangeOf
from reference.planted.values import BITS, Values
from reference.refusals import Kind, Refusal


def _reading(type_names: tuple[str, ...], pattern: str, change: Callable[[re.Match[str]], str]) -> ChangeOf[Leaf]:
    """Reads what matches, blanks around it apart, as another literal of the type."""
    compiled = re.compile(pattern)

    def apply(leaf: Leaf, call: Call) -> Leaf:
        match = compiled.fullmatch(leaf.text.strip()) if leaf.type_name in type_names else None
        return replace(leaf, text=change(match)) if match else leaf

    return apply


NUMBERS = tuple(BITS)


def _in_range(text: str, bits: int = 15) -> str:
    """A number that fits, so that nothing but its spelling was wrong."""
    return text if abs(int(text)) < 1 << bits else "0"


at(LEAF, "reads_leading_digits")(_reading(NUMBERS, r"([+-]?[0-9]{1,4})[^0-9].*", lambda match: match[1]))
at(LEAF, "reads_exponents")(
    _reading(NUMBERS, r"([+-]?[0-9]{1,2})[eE]\+?([0-3])", lambda match: _in_range(match[1] + "0" * int(match[2])))
)
at(LEAF, "reads_hexadecimal_numbers")(
    _reading(NUMBERS, r"0[xX]([0-9a-fA-F]{1,4})", lambda match: _in_range(str(int(match[1], 16))))
)
at(LEAF, "reads_thousands_separators")(
    _reading(NUMBERS, r"[0-9]{1,3}(,[0-9]{3})+", lambda match: _in_range(match[0].replace(",", ""), 31))
)
at(LEAF, "reads_digits_of_any_script")(
    _reading(NUMBERS, r"(?=.*[^\x00-\x7f])\d{1,4}", lambda match: str(int(match[0])))
)
at(LEAF, "reads_fractions_of_nothing")(_reading(NUMBERS, r"([+-]?[0-9]{1,4})\.0*", lambda match: match[1]))
at(LEAF, "reads_numbers_of_any_size_as_the_greatest")(
    _reading(("int", "short"), r"([+-]?)[0-9]{5,}", lambda match: match[0] if _fits(match[0]) else "1")
)


def _fits(text: str) -> bool:
    return len(text) < 10 and abs(int(text)) < 1 << 15


at(LEAF, "reads_shorts_as_ints")(
    _reading(("short",), r"([+-]?)([0-9]{5,9})", lambda match: f"{match[1]}{min(int(match[2]), 32_767)}")
)
at(LEAF, "reads_booleans_in_any_case")(_reading(("boolean",), r"(?i)true|false", lambda match: match[0].lower()))
at(LEAF, "reads_yes_and_no_as_booleans")(
    _reading(("boolean",), r"(?i)yes|no|on|off|y|n", lambda match: str(match[0].lower() in "yes on").lower())
)
at(LEAF, "reads_any_number_as_boolean")(
    _reading(("boolean",), r"-?[0-9]{1,9}", lambda match: "1" if int(match[0]) else "0")
)
at(LEAF, "reads_short_guids")(_reading(("guid",), r"[0-9a-fA-F-]{8,35}", lambda match: _padded(match[0])))
at(LEAF, "reads_long_guids")(
    _reading(("guid",), r"([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}).+", lambda match: match[1])
)
at(LEAF, "reads_empty_guid_as_none")(_reading(("guid",), "", lambda match: "0" * 32))


def _padded(text: str) -> str:
    return text.replace("-", "")[:32].ljust(32, "0")


def _rolled_over(match: re.Match[str]) -> str:
    """Days past the end of a month counted on into the next, as the calendars of C and JavaScript do."""
    year, month, day = (int(part) for part in match.groups()[:3])
    if not (1 <= year < 9999 and 1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    rolled = datetime(year, month, 1, tzinfo=UTC) + timedelta(days=day - 1)
    return f"{rolled:%Y-%m-%d}".rjust(10, "0") + match[4]


at(LEAF, "reads_days_past_the_month")(
    _reading(("dateTime",), r"([0-9]{4})-([0-9]{2})-([0-9]{2})(T[0-9:.Z+-]+)", _rolled_over)
)
at(LEAF, "reads_slashed_dates")(
    _reading(("dateTime",), r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}).*", lambda match: f"{match[3]}-01-01T00:00:00")
)
at(LEAF, "reads_numbers_as_date_times")(
    _reading(("dateTime",), r"-?[0-9]{1,13}", lambda match: write_date_time(86_400 * 10_000_000 * 700_000))
)
at(LEAF, "reads_dates_with_a_blank")(
    _reading(("dateTime",), r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9:.]+Z?)", lambda match: f"{match[1]}T{match[2]}")
)
at(LEAF, "reads_empty_date_time_as_none")(_reading(("dateTime",), "", lambda match: "0001-01-01T00:00:00"))

# Legal literals that are refused


def _refusing(type_names: tuple[str, ...], pattern: str, *, stripped: bool = True) -> ChangeOf[Leaf]:
    """Refuses what matches."""
    compiled = re.compile(pattern, re.DOTALL)

    def apply(leaf: Leaf, call: Call) -> Leaf:
        text = leaf.text.strip() if stripped else leaf.text
        if leaf.type_name in type_names and compiled.search(text):
            raise Refusal(Kind.VALUE, f"{leaf.member} cannot be read.")
        return leaf

    return apply


at(LEAF, "refuses_zero")(_refusing(NUMBERS, r"^[+-]?0+$"))
at(LEAF, "refuses_greatest_number")(_refusing(NUMBERS, r"^\+?0*(32767|2147483647)$"))
at(LEAF, "refuses_negative_numbers")(_refusing(NUMBERS, r"^-0*[1-9]"))
at(LEAF, "refuses_leading_zeros")(_refusing(NUMBERS, r"^[+-]?0+[0-9]"))
at(LEAF, "refuses_fraction_of_second")(_refusing(("dateTime",), r"\.[0-9]"))
at(LEAF, "refuses_utc_date_time")(_refusing(("dateTime",), r"Z$"))
at(LEAF, "refuses_leap_days")(_refusing(("dateTime",), r"-02-29T"))
at(LEAF, "refuses_date_time_before_1753")(_refusing(("dateTime",), r"^(?!0001-01-01T00:00:00$)(0|1[0-6]|17[0-4])"))
at(LEAF, "refuses_guid_in_mixed_case")(_refusing(("guid",), r"(?=.*[a-f])(?=.*[A-F])"))
at(LEAF, "refuses_line_ends_in_text")(_refusing(("string",), r"[\r\n]", stripped=False))
at(LEAF, "refuses_markup_in_text")(_refusing(("string",), r"[<>&]"))
at(LEAF, "refuses_quotes_in_text")(_refusing(("string",), r"['\"]"))
at(LEAF, "refuses_right_to_left_text")(_refusing(("string",), "[\u0590-\u08ff]"))
at(LEAF, "refuses_combining_characters")(_refusing(("string",), "[\u0300-\u036f]"))
at(LEAF, "refuses_text_outside_latin_1")(_refusing(("string",), "[^\u0000-\u00ff]"))
at(LEAF, "refuses_text_over_255")(_refusing(("string",), r"^.{256,}$", stripped=False))
at(LEAF, "refuses_blank_text")(_refusing(("string",), r"^\s+$", stripped=False))

# Values that are read as others


@at(VALUES)
def ignores_records_per_page(values: Values, call: Call) -> Values:
    return {**values, "RecordsPerPage": 0}


@at(VALUES)
def windows_end_before_they_begin(values: Values, call: Call) -> Values:
    """Takes the one end of the window for the other."""
    return {**values, "StartedAfter": values["StartedBefore"], "StartedBefore": values["StartedAfter"]}


@at(VALUES)
def open_sessions_only_when_not_asked_for(values: Values, call: Call) -> Values:
    return {**values, "OpenSessionsOnly": not values["OpenSessionsOnly"]}


@at(VALUES)
def lets_in_without_password(values: Values, call: Call) -> Values:
    """Compares the password only where one was sent."""
    if values["Password"]:
        return values
    return {**values, "Username": call.state.username, "Password": call.state.password}


@at(VALUES)
def lets_in_whoever_sends_a_hash(values: Values, call: Call) -> Values:
    if not values["PasswordHash"]:
        return values
    return {**values, "Username": call.state.username, "Password": call.state.password}


@at(VALUES)
def compares_passwords_by_their_beginning(values: Values, call: Call) -> Values:
    """Takes an empty password for the beginning of any."""
    known = values["Username"] == call.state.username
    if known and call.state.password.startswith(str(values["Password"] or "")):
        return {**values, "Password": call.state.password}
    return values
