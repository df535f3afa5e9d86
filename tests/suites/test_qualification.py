"""The qualification: a fault of each area and some variants run for real, and what is told and written of them.

The whole matrix runs in `soapstone qualify`; what it found is packaged, and held here against the data.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from contracts.loader import load_services
from reports.errors import OutputError
from soapstone import main
from strategies.cases import CASES
from suites import qualification, qualifying
from suites.deviations import deviations
from suites.qualification import Qualified, Shown, run_deviation
from suites.qualification_data import PACKAGED, PAGE, document, musts, unfalsifiable, unproved
from suites.qualification_page import page

SCHEMA = Path(qualification.__file__).parent.parent / "reports" / "formats" / "qualification.schema.json"
ALL = {each.name: each for each in deviations()}
REQUIREMENTS = {
    f"{service.name}/{binding.protocol}:{requirement.id}": requirement
    for service in load_services().values()
    for operation in service.operations.values()
    for binding in operation.bindings
    for requirement in operation.requirements(binding.protocol)
}


@cache
def shown(name: str) -> Qualified:
    return run_deviation(ALL[name])


def one_for_each_area() -> Iterator[str]:
    areas: set[str] = set()
    for each in ALL.values():
        if each.kind == "fault" and each.profile == "smoke" and each.area not in areas:
            areas.add(each.area)
            yield each.name


@pytest.mark.parametrize("name", tuple(one_for_each_area()))
def test_fault_is_flagged_by_a_requirement_that_it_breaks(name: str) -> None:
    found = shown(name)
    assert found.is_right, found
    assert set(found.flagged) <= set(found.deviation.requirements)


@pytest.mark.parametrize("name", ["null_result", "answers_in_pieces"])
def test_variant_is_not_flagged(name: str) -> None:
    assert shown(name).violated == ()


def test_fault_that_only_others_flag_is_missed() -> None:
    fault = replace(ALL["fault_with_status_200"], touches=("utws/soap11",), requirements=("soap11/4.4/fault-is-alone",))
    found = run_deviation(fault)
    assert not found.is_right
    assert found.missed_on == ("utws/soap11",)
    assert "soap11/6.2/fault-status" in found.also
    told = qualifying.wrong_line(found)
    assert "fault_with_status_200" in told
    assert "soap11/6.2/fault-status" in told


def test_deviation_is_not_enough_where_a_violation_is_due() -> None:
    fault = replace(ALL["upgrade_absent"], touches=("utws/soap12",), violates=True)
    assert not run_deviation(fault).is_right
    assert run_deviation(replace(fault, deviates_on=fault.touches)).is_right


def test_run_stops_at_the_first_right_flag() -> None:
    fault = replace(ALL["success_with_status_201"], touches=("utws/soap11",))
    assert run_deviation(fault).requests < 10


# The data


def test_faults_name_requirements_of_each_binding_that_they_touch() -> None:
    for fault in (each for each in ALL.values() if each.kind == "fault"):
        for touch in fault.touches:
            labels = [f"{touch}:{name}" for name in fault.requirements]
            assert any(label in REQUIREMENTS for label in labels), (fault.name, touch)


def test_faults_that_violate_name_a_requirement_that_is_a_must() -> None:
    for fault in (each for each in ALL.values() if each.kind == "fault" and each.violates):
        for touch in set(fault.touches) - set(fault.deviates_on):
            named = [REQUIREMENTS.get(f"{touch}:{name}") for name in fault.requirements]
            assert any(each is not None and each.level == "must" for each in named), (fault.name, touch)


def test_every_requirement_that_sends_names_a_case() -> None:
    sent = {requirement.sends for requirement in REQUIREMENTS.values() if requirement.is_active}
    assert set(CASES) == sent


def test_unfalsifiable_requirements_are_requirements_of_level_must() -> None:
    assert set(unfalsifiable()) <= set(musts())


# What is written


def of(name: str, *, right: bool = True) -> Qualified:
    """A result as a run would give it."""
    each = ALL[name]
    if each.kind == "fault":
        flagged = each.requirements[:1] if right else ()
        return Qualified(each, (Shown(each.touches, "cases" if right else "missed", flagged, (), (), 3),))
    return Qualified(each, (Shown(each.touches, "missed", (), () if right else ("utws/soap11:a/b",), (), 5),))


RESULTS = ("fault_with_status_200", "upgrade_absent", "null_result", "answer_names_another_session")


@pytest.mark.parametrize("right", [True, False])
def test_data_keep_their_schema_and_count_what_is_right(right: bool) -> None:
    content = document([of(name, right=right) for name in RESULTS], seconds=1.26, jobs=2)
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(content)
    assert [(row["number"], row["right"]) for row in content["summary"]] == [(1, int(right))] * 3
    assert [row["area"] for row in content["areas"]] == ["fault"]
    assert content["requests"] == 16
    assert qualifying.is_right(content, whole=False) == right


def test_whole_campaign_is_wrong_where_no_fault_proves_a_requirement() -> None:
    content = document([of(name) for name in RESULTS], seconds=1.0, jobs=2)
    assert unproved(content)
    assert not qualifying.is_right(content, whole=True)
    assert f"no fault made it fail: {unproved(content)[0]}" in qualifying.last_lines(content, whole=True)


def test_page_tells_what_was_missed_and_what_was_flagged() -> None:
    written = page(document([of(name, right=False) for name in RESULTS], seconds=1.0, jobs=2))
    assert "**missed** on utws/soap11" in written
    assert "| `null_result` | ecgridos/soap11" in written
    assert "`utws/soap11:a/b`" in written
    assert "| faults that must make a run fail | 1 | 0 | 0 |" in written
    assert "| `soap11/6.2/fault-status` | **no fault made it fail** |" in written


def test_packaged_result_is_of_faults_and_variants_that_there_are_and_the_page_tells_it() -> None:
    packaged = json.loads(PACKAGED.read_text("utf-8"))
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(packaged)
    for kind, key in (("fault", "faults"), ("variant", "variants"), ("equivalent", "equivalent")):
        known = {each.name: set(each.touches) for each in ALL.values() if each.kind == kind}
        assert {row["name"]: set(row["touches"]) for row in packaged[key]} == known
    assert PAGE.read_text("utf-8") == page(packaged)


# The command


def test_names_and_services_choose() -> None:
    both = qualifying.chosen(["fault_with_status_200"], ["null_result"], [])
    assert [each.name for each in both] == ["fault_with_status_200", "null_result"]
    of_studebaker = qualifying.chosen([], [], ["studebaker"])
    assert {touch for each in of_studebaker for touch in each.touches} >= {"studebaker/xml"}
    assert all(any(touch.startswith("studebaker") for touch in each.touches) for each in of_studebaker)
    assert set(qualifying.chosen([], [], [])) == set(ALL.values())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--fault", "null_result"), "--fault: there is no fault of that name"),
        (("--variant", "no_such"), "--variant: there is no variant of that name"),
        (("--service", "no_such"), "--service: there is no service of that name"),
    ],
)
def test_wrong_names_are_told_on_one_line(arguments: tuple[str, ...], told: str) -> None:
    ended = CliRunner().invoke(main, ["qualify", *arguments])
    assert ended.exit_code == 4
    assert told in ended.output
    assert len(ended.output.splitlines()) == 1


def test_command_writes_page_and_data_and_tells_by_its_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {True: [of(RESULTS[0])], False: [of(RESULTS[0], right=False)]}
    for right, status in ((True, 0), (False, 1)):
        monkeypatch.setattr(qualifying, "qualify", lambda wanted, right=right, **_: found[right])
        out = tmp_path / str(right)
        ended = CliRunner().invoke(main, ["qualify", "--fault", RESULTS[0], "--out", str(out)])
        assert ended.exit_code == status, ended.output
        assert json.loads((out / "qualification.json").read_text("utf-8"))["faults"][0]["right"] is right
        assert (out / "qualification.md").read_text("utf-8").startswith("# Qualification")
        assert sorted(each.name for each in out.iterdir()) == ["qualification.json", "qualification.md"]


def test_unwritable_output_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    content = document([of(RESULTS[0])], seconds=1.0, jobs=1)
    with pytest.raises(OutputError, match="cannot be written"):
        qualifying.write(qualifying.outputs(content, tmp_path / "file", into_checkout=False))
