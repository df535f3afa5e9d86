"""What a run exercises: counted from its plan and its verdict."""

from dataclasses import replace
from functools import cache

import pytest

from contracts.families import families
from contracts.loader import load_services
from contracts.model import Service
from suites.coverage import Sent, page, sent
from suites.plan import plan

DRAWN = ("valid", "steadily")
"""Cases that demand something of every message."""


@cache
def standard() -> Sent:
    return sent("standard", 0)


def row(id_: str, verdict: str, level: str = "must", exercised: int = 0, reason: str = "") -> dict[str, object]:
    place = {"service": "utws", "operation": "logsAvailable", "binding": "soap11"}
    return {"id": id_, "level": level, "verdict": verdict, "exercised": exercised, "reason": reason, **place}


def test_every_either_names_a_stack_of_the_family() -> None:
    reasons = standard().reasons
    assert {family for family, _ in reasons} == families().names
    for family, because in reasons:
        assert any(stack in because for stack in families().stacks(family)), because
        assert "is known" not in because


@pytest.mark.parametrize("family", sorted(families().names))
def test_every_either_names_a_stack_whatever_the_family_documents(family: str) -> None:
    """Each of the nine bindings as if a service of that family had it, as a derived one may."""
    stacks = families().stacks(family)
    for item in plan(of_family(family), (), "standard", 0):
        for message in () if item.is_idle or item.case in DRAWN else item.messages():
            assert message.expectation != "either" or any(stack in message.because for stack in stacks), message


def of_family(family: str) -> dict[str, Service]:
    """The five services as those of another family."""
    return {
        name: replace(
            service,
            family=family,
            operations={
                each.name: replace(each, family=family, digest=f"{family}{each.digest}")
                for each in service.operations.values()
            },
        )
        for name, service in load_services().items()
    }


def test_every_message_is_counted_once() -> None:
    either = sum(counted["either"] for counted in standard().shares.values())
    assert either == sum(counted.total() for counted in standard().reasons.values()) > 0
    assert len(standard().shares) == 9


@pytest.fixture
def told() -> str:
    rows = [
        row("http/1/judged", "conformant", exercised=3),
        row("http/1/silent", "not observed", reason="no such answer"),
        row("http/1/left", "not exercised", reason="not sent"),
        row("http/1/wished", "not exercised", level="should"),
    ]
    return page({"profile": "smoke", "seed": 0, "requirements": rows})


def test_musts_that_were_not_judged_are_told_by_what_they_lack(told: str) -> None:
    assert "1 of 3 requirements of level must were judged" in told
    assert "| http/1/silent | utws/soap11 | not observed | no such answer |" in told
    assert "| http/1/left | utws/soap11 | not exercised | not sent |" in told
    assert "http/1/judged" not in told.partition("## Either")[0].partition("## Of level must")[2]


def test_requirements_stand_by_binding(told: str) -> None:
    assert "| http/1/judged | must | - | - | - | - | - | - | - | 3 | - |" in told
