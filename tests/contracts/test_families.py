"""The table of families: what it says of genuine stacks, and what it refuses to hold."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from contracts.errors import ContractError
from contracts.families import STANDARDS, Families, families, read_families
from contracts.loader import load_services

TABLE = """\
format = 1

[family.asmx]
stacks = ["ASP.NET"]
recognised_by = "SOAPAction"

[[defect]]
name = "no-body"
family = "asmx"
bindings = ["soap11"]
expectation = "reject"
because = "it faults"

[[defect]]
name = "no-body"
family = "asmx"
expectation = "either"
because = "ASP.NET tolerates it"

[[lexical]]
type = "int"
values = ["abc", ""]
family = "asmx"
expectation = "reject"
because = "it faults"

[[lexical]]
types = ["int", "long"]
family = "asmx"
expectation = "either"
because = "ASP.NET may convert"

[[facet]]
facets = ["enumeration"]
values = [""]
family = "asmx"
expectation = "either"
because = "ASP.NET takes no flag"

[[facet]]
facets = ["enumeration", "maxLength"]
bindings = ["soap11"]
family = "asmx"
expectation = "reject"
because = "it looks"

[[portability]]
type = "any"
matches = "^\\\\s"
family = "asmx"
because = "ASP.NET trims"

[[deserialisation_failure]]
family = "asmx"
bindings = ["soap11"]
statuses = [400]
because = "it says so"

[[reading_failure]]
matches = "(?i)unable to read"
because = "it reads"
"""


def read(tmp_path: Path, text: str) -> Families:
    file = tmp_path / "families.toml"
    file.write_text(text, "utf-8")
    return read_families(file)


def test_first_row_for_family_and_binding_decides(tmp_path: Path) -> None:
    table = read(tmp_path, TABLE)
    on_soap11, on_soap12 = (table.defect("no-body", "asmx", protocol) for protocol in ("soap11", "soap12"))
    assert on_soap11 is not None
    assert on_soap12 is not None
    assert (on_soap11.expectation, on_soap12.expectation) == ("reject", "either")
    assert table.defect("no-body", "narrative", "soap11") is None
    assert table.defect("other", "asmx", "soap11") is None


def test_wrong_values_come_in_table_order(tmp_path: Path) -> None:
    assert list(read(tmp_path, TABLE).invalid_values("int", "asmx", "soap12")) == ["abc", ""]
    assert read(tmp_path, TABLE).invalid_values("long", "asmx", "soap12") == {}


def test_texts_that_no_row_lists_are_decided_by_the_row_without_values(tmp_path: Path) -> None:
    table = read(tmp_path, TABLE)
    for names, text, because in ((["int"], "abc", "it faults"), (["x", "int"], "1e3", "ASP.NET may convert"),
                                 (["long"], "abc", "ASP.NET may convert")):  # fmt: skip
        found = table.lexical(names, text, "asmx", "soap11")
        assert found is not None
        assert found.because == because
    assert table.lexical(["boolean"], "abc", "asmx", "soap11") is None
    assert table.lexical(["int"], "abc", "narrative", "soap11") is None


def test_values_outside_a_facet_are_decided_by_the_first_row_for_facet_and_value(tmp_path: Path) -> None:
    table = read(tmp_path, TABLE)
    empty, other = (table.facet("enumeration", text, "asmx", "soap11") for text in ("", "x"))
    assert (empty and empty.because, other and other.because) == ("ASP.NET takes no flag", "it looks")
    assert table.facet("enumeration", "x", "asmx", "soap12") is None
    assert table.facet("pattern", "x", "asmx", "soap11") is None


def test_rows_of_any_type_hold_for_every_type(tmp_path: Path) -> None:
    table = read(tmp_path, TABLE)
    assert table.unportable("string", " x", "asmx", "soap11") == "ASP.NET trims"
    assert table.unportable("string", "x", "asmx", "soap11") is None


def test_binding_without_a_row_has_no_sign_of_an_unreadable_message(tmp_path: Path) -> None:
    failure = read(tmp_path, TABLE).deserialisation_failure("asmx", "soap12")
    assert not (failure.statuses | failure.fault_codes | failure.roots)
    assert not failure.empty_success
    assert failure.told_apart


def test_text_of_a_fault_tells_what_failed(tmp_path: Path) -> None:
    told = read(tmp_path, TABLE).is_reading_failure
    texts = ("Unable to read request", "Unknown product.", " ")
    assert [told(text) for text in texts] == [True, False, True]


SAID: Mapping[str, bool] = {
    "System.Web.Services.Protocols.SoapException: Server was unable to read request. ---> ...": True,
    "Server did not recognize the value of HTTP Header SOAPAction: x.": True,
    "There is an error in XML document (1, 339).": True,
    "Value was either too large or too small for an Int32.": True,
    "SOAP-ERROR: Encoding: Violation of encoding rules": True,
    "Validation constraint violation: data type mismatch in element 'secure'": True,
    'Unmarshalling Error: For input string: "+5" ': True,
    'strconv.ParseInt: parsing "x": value out of range': True,
    "Element 'apiVersion': 'x' is not a valid value of the atomic type 'xs:int'.": True,
    "Unknown product.": False,
    "Minutes1 exceeds Minutes2": False,
    "The session has expired, please log in": False,
    "You may not use this product in your country": False,
    "Invalid product ID": False,
}


@pytest.mark.parametrize("text", SAID)
def test_shipped_table_knows_what_readers_say(text: str) -> None:
    assert families().is_reading_failure(text) is SAID[text]


WRONG = {
    "unknown family": (
        'family = "asmx"\nbindings = ["soap11"]\nexp',
        'family = "corba"\nbindings = ["soap11"]\nexp',
        9,
    ),
    "unknown expectation": (
        'expectation = "reject"\nbecause = "it faults"\n\n[[def',
        'expectation = "x"\nbecause = "it faults"\n\n[[def',
        11,
    ),
    "unknown key": ('matches = "^\\\\s"', 'matches = "^\\\\s"\nhow = "x"', 50),
    "missing table": ("[[portability]]", "[[portable]]", 47),
    "either without a stack": ('because = "ASP.NET tolerates it"', 'because = "some stacks tolerate it"', 18),
    "portability without a stack": ('because = "ASP.NET trims"', 'because = "it is trimmed"', 51),
}


@pytest.mark.parametrize("before, after, line", WRONG.values(), ids=WRONG)
def test_wrong_table_is_reported_with_its_line(before: str, after: str, line: int, tmp_path: Path) -> None:
    assert TABLE.count(before) == 1
    with pytest.raises(ContractError) as caught:
        read(tmp_path, TABLE.replace(before, after))
    assert caught.value.place.file == tmp_path / "families.toml"
    assert caught.value.place.line == line


def test_every_service_is_of_a_family_that_the_table_lists() -> None:
    assert {service.family for service in load_services().values()} <= families().names


def test_shipped_table_never_rejects_and_tolerates_one_defect_in_the_same_breath() -> None:
    rows = read_families(STANDARDS / "families.toml")._table["defect"]
    keys = [
        (name, row["family"], binding)
        for row in rows
        for name in row.get("names", [row.get("name")])
        for binding in row.get("bindings", ("all",))
    ]
    assert len(keys) == len(set(keys))


def test_stacks_of_a_family_are_named() -> None:
    assert families().stacks("asmx") == ("ASMX",)
    assert families().stacks("narrative") == ("PHP", "gSOAP", "SOAP::Lite")
