"""The plan: a pure function of contract, profile and seed, whatever the process, and no larger than promised."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from contracts.derive.deriving import Wanted, derive
from contracts.loader import SERVICES, load_services
from contracts.model import Service
from strategies.cases import CASES, SIZED, UNBROKEN
from strategies.repetitions import STILL_ANSWERS
from suites.cost import MOST, PAGE, sizes
from suites.plan import Item, Profile, plan, profile_limits

ROOT = Path(__file__).parents[2]

DIGEST = """
import hashlib, sys
from contracts.derive.deriving import Wanted, derive
from contracts.loader import SERVICES, load_services
from suites.plan import plan
total = hashlib.sha256()
items = plan(load_services(), (), "smoke", int(sys.argv[1]))
for item in items if len(sys.argv) == 2 else reversed(items):
    digest = hashlib.sha256("".join(repr(message) for message in item.messages()).encode()).hexdigest()
    print(item.id, digest)
"""


@pytest.fixture(scope="module")
def services() -> Mapping[str, Service]:
    """The five services."""
    return load_services()


def digests(seed: int, hash_seed: str, *more: str) -> set[str]:
    """A line for each item of the plan, as a process of its own draws it."""
    done = subprocess.run(
        [sys.executable, "-c", DIGEST, str(seed), *more],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stdout.splitlines())


def test_plan_is_the_same_in_every_process_and_order() -> None:
    first = digests(7, "0")
    assert len(first) > 100
    assert digests(7, "4242", "reversed") == first
    assert digests(8, "0") != first


def of_bindings(services: Mapping[str, Service], profile: str) -> dict[str, list[Item]]:
    """The items of a plan by operation and binding."""
    found: dict[str, list[Item]] = {}
    for item in plan(services, (), profile, 0):
        found.setdefault(f"{item.operation.key}/{item.binding.protocol}", []).append(item)
    return found


@pytest.mark.parametrize("profile", MOST)
def test_plan_is_no_larger_than_its_profile_allows(services: Mapping[str, Service], profile: Profile) -> None:
    sizes = {
        binding: sum(size_of(item) for item in items if not item.is_idle)
        for binding, items in of_bindings(services, profile).items()
    }
    assert len(sizes) == 9
    assert {binding: size for binding, size in sizes.items() if not 0 < size <= MOST[profile]} == {}


def size_of(item: Item) -> int:
    """Messages of an item. Those of `valid` are as many as its limit says, and dear to draw."""
    return item.limit or 0 if item.case == "valid" else sum(1 for _ in item.messages())


def test_page_of_costs_is_true_of_smoke() -> None:
    """All profiles are written together: where one is true, the page was written since the plan changed."""
    for place, number in sizes("smoke").items():
        (line,) = (line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| {place} |"))
        assert line.split("|")[2].strip() == f"{number:,}", "write it anew: python -m suites.cost"


def test_every_must_requirement_is_sent_at_every_profile(services: Mapping[str, Service]) -> None:
    for profile in MOST:
        for item in plan(services, (), profile, 0):
            if item.requirement.level == "must":
                assert not item.left_out, item.id
                assert not item.is_idle or item.shows_nothing, item.id


def test_what_nothing_is_demanded_of_is_sent_where_a_passive_requirement_rides_on_it(
    services: Mapping[str, Service],
) -> None:
    items = {item.id: item for item in plan(services, (), "smoke", 0)}
    probe = items["partstream/SWServiceLogout/soap11:security/cwe-918/addresses-are-not-called"]
    assert probe.shows_nothing
    assert not probe.is_idle
    assert items["partstream/SWServiceLogout/soap11:xsd-1/3.8/members-out-of-order"].is_idle


def test_smaller_profiles_send_the_first_messages_of_larger_ones(services: Mapping[str, Service]) -> None:
    """Drawn messages apart, which are drawn in one go, and the known-good ones that stand between others."""
    larger = {item.id: item for item in plan(services, (), "standard", 0)}
    for item in plan(services, (), "smoke", 0):
        if item.case not in SIZED and not item.is_idle:
            messages = [each.request for each in item.messages() if each.kind != "sample"]
            others = [each.request for each in larger[item.id].messages() if each.kind != "sample"]
            assert messages == others[: len(messages)]


def test_known_good_messages_come_first_on_every_binding(services: Mapping[str, Service]) -> None:
    for items in of_bindings(services, "smoke").values():
        assert items[0].case == "known_good"
        assert len(list(items[0].messages())) == 1


def test_messages_are_numbered_and_carry_their_item(services: Mapping[str, Service]) -> None:
    for item in plan(services, (), "smoke", 0):
        for index, message in enumerate(item.messages()):
            assert (message.item, message.index) == (item.id, index)
            assert message.requirement in (item.requirement.id, STILL_ANSWERS)
            assert not (item.is_unbroken and message.kind == "defect")


def test_bindings_can_be_chosen(services: Mapping[str, Service]) -> None:
    chosen = plan({"ecgridos": services["ecgridos"]}, ("http_get", "soap11"), "smoke", 0)
    assert {item.binding.protocol for item in chosen} == {"soap11", "http_get"}


def test_profiles_name_cases_that_there_are() -> None:
    assert set(CASES) >= UNBROKEN
    for limits in profile_limits().values():
        assert set(limits) <= set(CASES)


def test_service_with_names_beyond_ascii_is_planned(tmp_path: Path) -> None:
    page = (SERVICES / "utws" / "logsAvailable" / "page.txt").read_text("utf-8")
    source = tmp_path / "page.txt"
    source.write_text(page.replace("productID", "Größe").replace("logsAvailable", "protokolleVerfügbar"), "utf-8")
    derive([str(source)], Wanted("nutzung"), tmp_path / "made")
    items = plan(load_services(tmp_path / "made"), (), "smoke", 0)
    assert sum(len(list(item.messages())) for item in items) > 100
