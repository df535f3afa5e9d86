"""The catalogue of requirements: its own rules, its resolution for a binding, and wrong files."""

import fnmatch
import re
from pathlib import Path

import pytest

from contracts.errors import ContractError
from contracts.families import families
from contracts.judge.comparisons import COMPARISONS
from contracts.judge.judge import CHECKS
from contracts.loader import load_services
from contracts.model import Requirement
from contracts.requirements import (
    Promised,
    catalogue,
    catalogue_requirements,
    left_out,
    read_catalogue,
    source_ids,
)
from strategies.cases import CASES, PROBES

OPERATIONS = [operation for service in load_services().values() for operation in service.operations.values()]
RESOLVED = {
    (operation.key, binding.protocol, requirement.id): requirement
    for operation in OPERATIONS
    for binding in operation.bindings
    for requirement in operation.requirements(binding.protocol)
}
ROWS = {row["id"]: row for row in catalogue()}
RESOLVED_BY_ID = {id_: requirement for (_, _, id_), requirement in RESOLVED.items()}
TEXTS = {each.id: each for each in RESOLVED.values()}


def test_ids_are_unique() -> None:
    assert len(ROWS) == len(catalogue())


@pytest.mark.parametrize("requirement", TEXTS.values(), ids=TEXTS)
def test_requirement_is_well_put(requirement: Requirement) -> None:
    for text in (requirement.does, requirement.requires, *requirement.accepts):
        assert text.strip() == text != ""
        assert not re.search(r"\bshould\b|\btest that\b", text, re.IGNORECASE), "a rule is stated, not wished"
        assert not text.endswith(".")
        assert text.isascii()
    assert requirement.accepts
    assert str(requirement.source).strip()


@pytest.mark.parametrize("requirement", TEXTS.values(), ids=TEXTS)
def test_requirement_is_exercised_by_something_that_exists(requirement: Requirement) -> None:
    assert (requirement.check is None) != (requirement.sends is None)
    assert requirement.check is None or requirement.check in CHECKS
    assert requirement.sends is None or requirement.sends in CASES


def test_every_check_and_every_case_is_named_by_a_requirement() -> None:
    declared_by_wsdls_alone = {"fault_detail"}
    assert set(CHECKS) - declared_by_wsdls_alone == {each.check for each in RESOLVED.values()} - {None}
    assert set(CASES) == {each.sends for each in RESOLVED.values()} - {None}


def test_must_rests_on_page_or_standard_in_the_catalogue() -> None:
    """What rests on less can at most deviate; relations and rulings of a page say so by their own basis."""
    weak = {
        id_ for id_, row in ROWS.items() if row["level"] == "must" and row["basis"] not in ("documented", "standard")
    }
    assert weak == set()


def test_standard_sources_name_a_document_and_a_section() -> None:
    unnamed = [
        id_
        for id_, row in ROWS.items()
        if row["basis"] == "standard" and not re.search(r"section|Basic Profile|R\d{4}|CWE-\d+", row["source"])
    ]
    assert unnamed == []


def test_overrides_and_families_are_known_and_say_why() -> None:
    for row in ROWS.values():
        assert set(row.get("families", ())) <= families().names
        named = [each["family"] for each in row.get("override", ())]
        assert len(named) == len(set(named))
        assert set(named) <= families().names
        assert all(each["reason"].strip() for each in row.get("override", ()))


@pytest.mark.parametrize("key", RESOLVED, ids="/".join)
def test_what_a_requirement_depends_on_applies_too(key: tuple[str, str, str]) -> None:
    """Apart from families whose override drops the other, a dependency stands on the same binding."""
    operation, protocol, _ = key
    for needed in RESOLVED[key].depends_on:
        assert (operation, protocol, needed) in RESOLVED


def test_every_promise_of_the_list_is_stated_or_left_out_with_a_reason() -> None:
    """None is dropped silently, and none is both."""
    stated = {each for row in ROWS.values() for each in source_ids(row)}
    left = [row["source_id"] for row in left_out()["left_out"]]
    assert len(left) == len(set(left))
    assert stated.isdisjoint(left)
    assert stated | set(left) == set(left_out()["listed"])
    assert len(left_out()["listed"]) == 268


def test_what_keeps_a_promise_that_is_left_out_exists() -> None:
    ids = {id_ for _, _, id_ in RESOLVED}
    for row in left_out()["left_out"]:
        assert row["reason"].strip(), row
        for pattern in row.get("kept_by", ()):
            assert fnmatch.filter(ids, pattern), (row["source_id"], pattern)


def test_comparisons_and_codes_name_what_exists() -> None:
    """Parameters are free-form data: what they name has to be there, on the same binding."""
    for (operation, protocol, _), requirement in RESOLVED.items():
        parameters = requirement.parameters
        assert parameters.get("compares", "steady") in COMPARISONS
        for key in ("refusing", "probing"):
            named = parameters.get(key)
            assert named is None or (operation, protocol, named) in RESOLVED, (protocol, requirement.id)


def test_messages_that_are_read_before_they_are_refused_are_those_of_requirements_of_the_binding() -> None:
    sending = {(protocol, id_) for (_, protocol, id_), each in RESOLVED.items() if each.sends is not None}
    of_messages = [each for each in RESOLVED.items() if "messages_of" in each[1].parameters]
    assert {protocol for (_, protocol, _), _ in of_messages} == {"soap11", "soap12"}
    for (_, protocol, id_), requirement in of_messages:
        named = requirement.parameters["messages_of"]
        assert isinstance(named, list | tuple)
        assert named
        assert {(protocol, each) for each in named} <= sending, id_


def test_every_comparison_is_named_by_a_requirement() -> None:
    assert {each.parameters.get("compares") for each in RESOLVED.values()} - {None} == set(COMPARISONS)


def test_every_probe_is_followed_and_every_passive_watch_has_its_probe() -> None:
    probing = {each.parameters["probing"] for each in RESOLVED.values() if "probing" in each.parameters}
    assert {RESOLVED_BY_ID[id_].sends for id_ in probing} <= PROBES


def test_override_changes_level_and_basis_of_its_family_alone() -> None:
    id_ = "http/15.3/success-status"
    assert RESOLVED["partstream/SWServiceLogout", "soap11", id_].basis == "standard"
    assert RESOLVED["utws/logsAvailable", "soap11", id_].basis == "documented"


def test_requirement_that_does_not_apply_to_a_family_is_left_out() -> None:
    id_ = "soap11/4.2/header-blocks-are-qualified"
    assert ("partstream/SWServiceLogout", "soap11", id_) not in RESOLVED
    assert ("utws/logsAvailable", "soap11", id_) in RESOLVED


def test_condition_narrows_the_bindings() -> None:
    id_ = "soap11/6.1.1/foreign-soap-action-is-rejected"
    assert ("utws/logsAvailable", "soap11", id_) in RESOLVED
    assert ("partstream/SWServiceLogout", "soap11", id_) not in RESOLVED


def test_requirements_come_in_the_catalogues_order() -> None:
    operation = OPERATIONS[0]
    binding = operation.bindings[0]
    found = [each.id for each in catalogue_requirements(operation.family, Promised(binding, operation.leaves))]
    assert found == [id_ for id_ in ROWS if id_ in found]


ROW = """\
[[requirement]]
id = "http/1/{slug}"
level = "must"
basis = "standard"
source = "RFC 9110 section 1"
bindings = ["soap11"]
check = "{check}"
does = "receives an answer"
requires = "it is one"
accepts = ["one"]
"""
GOOD = "format = 1\n" + ROW.format(slug="a", check="well_formed")

WRONG: dict[str, tuple[str, int | None, object, str]] = {
    "twice": (GOOD + ROW.format(slug="a", check="well_formed"), 13, "http/1/a", "stands twice"),
    "unknown check": (GOOD + ROW.format(slug="b", check="luck"), 18, "luck", "payload_schema"),
    "unknown family": (GOOD + 'families = ["asmx", "corba"]\n', 12, "corba", "Known: asmx, narrative, servicestack"),
    "unknown family in an override": (
        GOOD + '[[requirement.override]]\nfamily = "corba"\nlevel = "should"\nreason = "none"\n',
        12,
        "corba",
        "Known",
    ),
    "override that says nothing": (
        GOOD + '[[requirement.override]]\nfamily = "asmx"\nreason = "none"\n',
        12,
        None,
        "enough properties",
    ),
    "check and case": (GOOD + 'sends = "valid"\n', 2, None, "requirement.0"),
    "neither": (GOOD.replace('check = "well_formed"\n', ""), 2, None, "requirement.0"),
    "accepts nothing": (GOOD.replace('["one"]', "[]"), 11, None, "requirement.0.accepts"),
    "unknown level": (GOOD.replace('"must"', '"may"'), 4, "may", "is not one of"),
    "unknown binding": (GOOD.replace('["soap11"]', '["soap13"]'), 7, "soap13", "requirement.0.bindings.0"),
    "id without a slug": (GOOD.replace("http/1/a", "http/1"), 3, "http/1", "It must match"),
    "no rows": ("format = 1\n", None, None, "'requirement' is a required property"),
}


@pytest.mark.parametrize("text, line, value, said", WRONG.values(), ids=WRONG)
def test_wrong_catalogue_is_reported(text: str, line: int | None, value: object, said: str, tmp_path: Path) -> None:
    file = tmp_path / "1-all.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ContractError, match=said) as caught:
        read_catalogue(tmp_path)
    assert (caught.value.place.file, caught.value.place.line, caught.value.value) == (file, line, value)


def test_id_in_two_files_is_reported_in_the_second(tmp_path: Path) -> None:
    for name in ("1.toml", "2.toml"):
        (tmp_path / name).write_text(GOOD, "utf-8")
    with pytest.raises(ContractError, match="stands twice") as caught:
        read_catalogue(tmp_path)
    assert (caught.value.place.file.name, caught.value.place.line) == ("2.toml", 3)
