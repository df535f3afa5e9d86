"""The fault matrix, thinned out: one fault for each requirement that faults name, and some variants.

The whole matrix runs in `tox run -e campaign`.
"""

from collections.abc import Iterator

import pytest

from contracts.loader import load_services
from strategies.cases import CASES
from suites.qualification import Deviation, deviations, page, run_deviation

ALL = tuple(deviations())
REQUIREMENTS = {
    f"{touch}:{requirement.id}"
    for service in load_services().values()
    for operation in service.operations.values()
    for binding in operation.bindings
    for touch in [f"{service.name}/{binding.protocol}"]
    for requirement in operation.requirements(binding.protocol)
}


def one_for_each_requirement() -> Iterator[Deviation]:
    """The first fault that each requirement is named by, on one of the bindings that it touches."""
    seen: set[str] = set()
    for fault in ALL:
        if fault.kind == "fault" and fault.profile == "smoke" and not seen & set(fault.requirements):
            seen |= set(fault.requirements)
            yield fault


@pytest.mark.parametrize("fault", tuple(one_for_each_requirement()), ids=lambda fault: fault.name)
def test_fault_is_flagged_by_a_requirement_that_it_breaks(fault: Deviation) -> None:
    shown = run_deviation(fault)
    assert shown.is_right, shown
    assert (shown.verdict == "not certified") == fault.violates


@pytest.mark.parametrize("name", ["utf16_answers", "refusals_with_html_body", "null_result", "nil_instead_of_absent"])
def test_variant_is_not_flagged(name: str) -> None:
    shown = run_deviation(next(each for each in ALL if each.name == name))
    assert shown.verdict in ("certified", "certified with deviations")
    assert not shown.violated


def test_faults_name_requirements_of_the_bindings_that_they_touch() -> None:
    for fault in ALL:
        if fault.kind == "fault":
            assert fault.requirements, fault.name
            labels = {f"{touch}:{name}" for touch in fault.touches for name in fault.requirements}
            assert labels & REQUIREMENTS, fault.name


def test_every_requirement_that_sends_names_a_case() -> None:
    sent = {
        requirement.sends
        for service in load_services().values()
        for operation in service.operations.values()
        for binding in operation.bindings
        for requirement in operation.requirements(binding.protocol)
        if requirement.is_active
    }
    assert sent <= set(CASES)
    assert set(CASES) == sent


def test_page_counts_what_is_right() -> None:
    shown = run_deviation(next(each for each in ALL if each.name == "success_with_status_201"))
    written = page([shown], seconds=1.0)
    assert "| faults that must make a run fail (exit status 1) | 1 | 1 | 1 |" in written
    assert "`http/15.3/success-status`" in written
