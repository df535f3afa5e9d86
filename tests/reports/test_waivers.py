"""Accepted findings stay visible, count as waived, and fail the run once they end or match nothing."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from report_samples import CLEAN, ID, exchange, finding, header, write_log

from contracts.judge.records import Judgement
from reports.reading import read_run
from reports.render import write_reports
from reports.run import Run
from reports.waivers import Waiver, WaiverError, append_waiver, fingerprint, in_force, read_waivers, waived

DAY = "2024-05-01"
"""The day of the runs of these tests."""


def waiver(**fields: str) -> Waiver:
    """A waiver for the finding of `report_samples`."""
    described = {
        "requirement": ID["response-matches-schema"],
        "service": "depot",
        "binding": "soap11",
        "fingerprint": fingerprint(finding()),
        "owner": "Ada",
        "reason": "mended with the next release",
        "ticket": "DEPOT-7",
        "expires": "2024-06-01",
    }
    return Waiver(**{**described, **fields})


def run_with(tmp_path: Path, *waivers: Waiver, found: bool = True) -> Run:
    """A run with one finding, or none, and these waivers."""
    judged = Judgement((ID["response-matches-schema"],), (finding(),)) if found else CLEAN
    head = header(waivers=waivers)
    judged = waived(judged, in_force(waivers, head.started))
    return write_reports(write_log(tmp_path / "evidence.jsonl", [(exchange(), judged)], head=head), tmp_path)


def verdict_of(run: Run) -> str:
    """The verdict of the requirement that the finding is about."""
    return next(each.verdict for each in run.verdicts if each.requirement.id == ID["response-matches-schema"])


def test_a_waived_finding_stays_visible_and_violates_nothing(tmp_path: Path) -> None:
    run = run_with(tmp_path, waiver())
    assert verdict_of(run) == "waived"
    assert run.stale_waivers == ()
    page = (tmp_path / "conformance.html").read_text("utf-8")
    assert "mended with the next release" in page
    assert "Payload not in schema" in page
    assert json.loads((tmp_path / "verdict.json").read_text("utf-8"))["summary"]["waived"] == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"expires": "2024-04-30"}, "expired on 2024-04-30"),
        ({"fingerprint": "0" * 16}, "matches nothing"),
    ],
)
def test_a_waiver_that_ended_or_matches_nothing_is_stale(tmp_path: Path, fields: dict[str, str], told: str) -> None:
    run = run_with(tmp_path, waiver(**fields))
    assert verdict_of(run) == "violated"
    assert [told in each for each in run.stale_waivers] == [True]


def test_a_waiver_for_what_is_kept_now_is_stale(tmp_path: Path) -> None:
    run = run_with(tmp_path, waiver(), found=False)
    assert verdict_of(run) == "conformant"
    assert len(run.stale_waivers) == 1


def test_a_waiver_for_what_was_not_exercised_is_left_alone(tmp_path: Path) -> None:
    run = run_with(tmp_path, waiver(), waiver(binding="http_get"), waiver(service="elsewhere"))
    assert run.stale_waivers == ()


def test_a_waiver_holds_on_its_last_day(tmp_path: Path) -> None:
    assert verdict_of(run_with(tmp_path, waiver(expires=DAY))) == "waived"


@pytest.mark.parametrize("other", [{"service": "b"}, {"protocol": "soap12"}, {"name": "Other"}, {"where": "/x"}])
def test_a_waiver_covers_its_finding_and_no_other(other: dict[str, str]) -> None:
    assert waiver().covers(finding())
    assert waiver().covers(replace(finding(), exchange=9, actual="'four'"))
    assert not waiver().covers(finding(**other))


def test_positions_do_not_change_a_fingerprint() -> None:
    one, two = (fingerprint(finding(where=f"/a/b[{index}]/c")) for index in (1, 7))
    assert one == two


def test_quirks_of_a_stack_cover_the_named_findings_on_every_binding(tmp_path: Path) -> None:
    (tmp_path / "waivers.toml").write_text(
        f"""
        [[quirks]]
        name = "depot-stack-3"
        service = "depot"
        owner = "Ada"
        reason = "release 3 writes numbers as words"
        ticket = ""
        expires = "2024-12-31"
        finding = [
            {{ requirement = "{ID["response-matches-schema"]}", name = "PayloadNotInSchema" }},
            {{ requirement = "{ID["part-is-echoed"]}", name = "OtherValueThanAskedFor" }},
        ]
        """,
        "utf-8",
    )
    quirks = read_waivers(tmp_path / "waivers.toml")
    run = run_with(tmp_path, *quirks)
    assert verdict_of(run) == "waived"
    assert run.stale_waivers == ()
    assert quirks[0].covers(finding(protocol="soap12"))
    assert not quirks[0].covers(finding(name="Other"))


def test_waivers_are_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "waivers.toml"
    second = waiver(fingerprint="0123456789abcdef", reason='says "no" \\ and é')
    append_waiver(append_waiver(path, waiver()), second)
    assert read_waivers(path) == (waiver(), second)
    with pytest.raises(WaiverError, match="already holds"):
        append_waiver(path, waiver())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[[waiver]]\nowner = 'Ada'", "waiver/0: .*required"),
        ("waiver = [", "not TOML"),
        ("[[wavier]]", "wavier"),
        ("[[quirks]]\nname='x'\nservice='s'\nowner='o'\nreason='r'\nticket=''\nexpires='2024-13-01'\n"
         "finding=[{requirement='r', name='n'}]", "2024-13-01"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_told(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "waivers.toml").write_text(content, "utf-8")
    with pytest.raises(WaiverError, match=told):
        read_waivers(tmp_path / "waivers.toml")


def test_the_verdicts_of_a_waived_run_are_read_from_its_log_alone(tmp_path: Path) -> None:
    run_with(tmp_path, waiver())
    assert verdict_of(read_run(tmp_path / "evidence.jsonl")) == "waived"
