"""The lexical spaces: what is read as what, and what is refused."""

from __future__ import annotations

import pytest

from reference.lexical import READERS, LexicalError, read_date_time, write_date_time

REFUSED = {
    "short": ("32768", "-32769", "", "5.0", "1e3", "0x10", "5,000", "NaN", "5 6", "\u0665", "5_0", "\u00a05"),
    "int": ("2147483648", "-2147483649", "9" * 5_000, "--1"),
    "long": ("9223372036854775808",),
    "boolean": ("True", "yes", "2", ""),
    "guid": ("", "xyz", "0" * 31, "0" * 33, "{" + "0" * 32),
    "dateTime": (
        "",
        "2020-01-01",
        "2020-01-01 00:00:00",
        "2019-02-29T00:00:00",
        "2020-13-01T00:00:00",
        "2020-01-01T25:00:00",
        "2020-01-01T24:00:01",
        "2020-01-01T00:00:60",
        "2020-01-01T00:00",
        "0000-01-01T00:00:00",
        "2020-01-01T00:00:00+14:01",
        "\u0662020-01-01T00:00:00",
    ),
}


@pytest.mark.parametrize(("type_name", "text"), [(name, text) for name, texts in REFUSED.items() for text in texts])
def test_literal_outside_the_lexical_space_is_refused(type_name: str, text: str) -> None:
    with pytest.raises(LexicalError):
        READERS[type_name](text)


def test_instants_are_compared_across_zones() -> None:
    assert read_date_time("2020-01-01T02:00:00+02:00") == read_date_time("2020-01-01T00:00:00Z")
    assert read_date_time("2019-12-31T24:00:00") == read_date_time("2020-01-01T00:00:00")
    assert read_date_time("2020-01-01T00:00:00.5") > read_date_time("2020-01-01T00:00:00.4999999")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00", "2020-02-29T23:59:59.25", "9999-12-31T23:59:59"])
def test_instant_is_written_as_it_was_read(text: str) -> None:
    assert write_date_time(read_date_time(text)) == text


def test_guid_is_read_in_the_forms_of_dotnet() -> None:
    forms = ("AABBCCDDEEFF00112233445566778899", "{aabbccdd-eeff-0011-2233-445566778899}")
    assert {READERS["guid"](form) for form in forms} == {"aabbccdd-eeff-0011-2233-445566778899"}
