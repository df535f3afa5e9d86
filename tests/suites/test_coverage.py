"""What a run exercises: counted from its plan and its verdict."""

from functools import cache

import pytest

from contracts.families import families
from suites.coverage import Sent, page, sent

TOOLS = ("ASMX", "ASP.NET", "ServiceStack", "DataContractSerializer", "PHP", "gSOAP", "SOAP::Lite")


@cache
def smoke() -> Sent:
    return sent("smoke", 0)


def row(id_: str, verdict: str, level: str = "must", exercised: int = 0) -> dict[str, object]:
    place = {"service": "utws", "operation": "logsAvailable", "binding": "soap11"}
    return {"id": id_, "level": level, "verdict": verdict, "exercised": exercised, **place}


def test_every_either_names_a_stack_of_the_family() -> None:
    reasons = smoke().reasons
    assert {family for family, _ in reasons} == families().names
    assert [because for _, because in reasons if not any(tool in because for tool in TOOLS)] == []


def test_every_message_is_counted_once() -> None:
    either = sum(counted["either"] for counted in smoke().shares.values())
    assert either == sum(counted.total() for counted in smoke().reasons.values()) > 0
    assert len(smoke().shares) == 9


@pytest.fixture
def told() -> str:
    rows = [
        row("http/1/judged", "conformant", exercised=3),
        row("http/1/silent", "not observed"),
        row("http/1/left", "not exercised"),
        row("http/1/wished", "not exercised", level="should"),
    ]
    return page({"profile": "smoke", "seed": 0, "requirements": rows})


def test_musts_that_were_not_judged_are_told_by_what_they_lack(told: str) -> None:
    assert "1 of 3 requirements of level must were judged" in told
    assert "- not observed, 1: `http/1/silent`" in told
    assert "- not exercised, 1: `http/1/left`" in told
    assert "not applicable" not in told.partition("## Either")[0].partition("## Of level must")[2]


def test_requirements_stand_by_binding(told: str) -> None:
    assert "| http/1/judged | must | - | - | - | - | - | - | - | 3 | - |" in told
