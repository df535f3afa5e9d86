"""Faults in reading values: laxer or stricter than their types, or losing part of what was sent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace

from reference.calls import LEAF, VALUES, Call, Leaf, at
from reference.lexical import DEFAULT_GUID, READERS, LexicalError, Value
from reference.refusals import Kind, Refusal

BITS = {"short": 16, "int": 32, "long": 64}
"""The number types by their size."""


def _refuse(leaf: Leaf) -> Leaf:
    raise Refusal(Kind.VALUE, f"{leaf.member} cannot be read.")


def _is_number(leaf: Leaf) -> bool:
    return leaf.type_name in BITS


@at(LEAF)
def reads_text_as_zero(leaf: Leaf, call: Call) -> Leaf:
    """Takes a number for 0 that has no digit in it."""
    worded = leaf.text.strip() != "" and not re.search("[0-9]", leaf.text)
    return replace(leaf, text="0") if _is_number(leaf) and worded else leaf


@at(LEAF)
def reads_empty_number_as_zero(leaf: Leaf, call: Call) -> Leaf:
    return replace(leaf, text="0") if _is_number(leaf) and not leaf.text.strip() else leaf


@at(LEAF)
def cuts_decimals_off(leaf: Leaf, call: Call) -> Leaf:
    decimal = _is_number(leaf) and re.fullmatch(r"\s*[+-]?[0-9]+\.[0-9]+\s*", leaf.text)
    return replace(leaf, text=leaf.text.partition(".")[0]) if decimal else leaf


@at(LEAF)
def wraps_out_of_range_numbers(leaf: Leaf, call: Call) -> Leaf:
    """Keeps the low bits of a number that does not fit."""
    if not _is_number(leaf) or not re.fullmatch(r"\s*[+-]?[0-9]{1,40}\s*", leaf.text, re.ASCII):
        return leaf
    bits = BITS[leaf.type_name]
    half = 1 << (bits - 1)
    return replace(leaf, text=str((int(leaf.text) + half) % (1 << bits) - half))


@at(LEAF)
def refuses_least_number(leaf: Leaf, call: Call) -> Leaf:
    least = _is_number(leaf) and leaf.text.strip() == str(-(1 << (BITS[leaf.type_name] - 1)))
    return _refuse(leaf) if least else leaf


@at(LEAF)
def refuses_plus_sign(leaf: Leaf, call: Call) -> Leaf:
    return _refuse(leaf) if _is_number(leaf) and leaf.text.strip().startswith("+") else leaf


@at(LEAF)
def refuses_blanks_around_number(leaf: Leaf, call: Call) -> Leaf:
    return _refuse(leaf) if _is_number(leaf) and leaf.text != leaf.text.strip() else leaf


@at(LEAF)
def refuses_empty_text(leaf: Leaf, call: Call) -> Leaf:
    return _refuse(leaf) if leaf.type_name == "string" and not leaf.text else leaf


@at(LEAF)
def refuses_long_text(leaf: Leaf, call: Call) -> Leaf:
    return _refuse(leaf) if leaf.type_name == "string" and len(leaf.text) > 4_000 else leaf


@at(LEAF)
def refuses_supplementary_characters(leaf: Leaf, call: Call) -> Leaf:
    return _refuse(leaf) if any(ord(character) > 0xFFFF for character in leaf.text) else leaf


@at(LEAF)
def refuses_zone_of_date_time(leaf: Leaf, call: Call) -> Leaf:
    zoned = leaf.type_name == "dateTime" and re.search(r"[+-][0-9]{2}:[0-9]{2}\s*$", leaf.text)
    return _refuse(leaf) if zoned else leaf


@at(LEAF)
def refuses_boolean_digits(leaf: Leaf, call: Call) -> Leaf:
    return _refuse(leaf) if leaf.type_name == "boolean" and leaf.text.strip() in ("0", "1") else leaf


@at(LEAF)
def refuses_upper_case_guid(leaf: Leaf, call: Call) -> Leaf:
    return _refuse(leaf) if leaf.type_name == "guid" and re.search("[A-F]", leaf.text) else leaf


def _defaulting(type_name: str, literal: str) -> Callable[[Leaf, Call], Leaf]:
    """Takes any text of the type that cannot be read for the type's default."""

    def change(leaf: Leaf, call: Call) -> Leaf:
        if leaf.type_name != type_name:
            return leaf
        try:
            READERS[type_name](leaf.text)
        except LexicalError:
            return replace(leaf, text=literal)
        return leaf

    return change


at(LEAF, "reads_any_text_as_guid")(_defaulting("guid", DEFAULT_GUID))
at(LEAF, "reads_any_text_as_boolean")(_defaulting("boolean", "false"))
at(LEAF, "reads_any_text_as_date_time")(_defaulting("dateTime", "0001-01-01T00:00:00"))

Values = Mapping[str, Value]


def _losing(change: Callable[[str], str]) -> Callable[[Values, Call], Values]:
    """Changes every text that was read."""

    def apply(values: Values, call: Call) -> Values:
        return {local: change(value) if isinstance(value, str) else value for local, value in values.items()}

    return apply


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _without_supplementary(text: str) -> str:
    return "".join(character for character in text if ord(character) <= 0xFFFF)


def _in_ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()


at(VALUES, "drops_supplementary_characters")(_losing(_without_supplementary))
at(VALUES, "composes_combining_characters")(_losing(_composed))
at(VALUES, "answers_question_marks_for_non_ascii")(_losing(_in_ascii))
at(VALUES, "truncates_long_text")(_losing(lambda text: text[:255]))
at(VALUES, "trims_text")(_losing(str.strip))


def _given(**values: Value) -> Callable[[Values, Call], Values]:
    """Reads the members as if these values had been sent."""
    return lambda read, call: {**read, **values}


@at(VALUES)
def answers_unknown_session(values: Values, call: Call) -> Values:
    return {**values, "SessionID": call.state.ecgridos_sessions.mint()}


@at(VALUES)
def answers_unknown_device(values: Values, call: Call) -> Values:
    state = call.state
    return {**values, "DeviceSerialNumber": state.device_serial_number, "SessionUid": state.session_uid}


@at(VALUES)
def gives_token_for_invalid_credentials(values: Values, call: Call) -> Values:
    return {**values, "Username": call.state.username, "Password": call.state.password}


at(VALUES, "ignores_started_after")(_given(StartedAfter=READERS["dateTime"]("0001-01-01T00:00:00")))
at(VALUES, "ignores_started_before")(_given(StartedBefore=READERS["dateTime"]("0001-01-01T00:00:00")))
at(VALUES, "ignores_open_sessions_only")(_given(OpenSessionsOnly=False))
at(VALUES, "ignores_user_refer_uid")(_given(UserReferUid=DEFAULT_GUID))
at(VALUES, "ignores_client_refer_uid")(_given(ClientReferUid=""))
at(VALUES, "ignores_page_request_index")(_given(PageRequestIndex=0))
