"""Accepted findings stay visible, count as waived, and fail the run once they end or match nothing."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from certified_runs import all_services
from report_samples import CLEAN, ID, exchange, finding, header, write_log

from contracts.judge.records import Judgement
from reports.reading import read_run
from reports.render import write_reports
from reports.run import Run
from reports.statement import outcome
from reports.waivers import (
    Waiver,
    WaiverError,
    append_waiver,
    fingerprint,
    in_force,
    read_waivers,
    require_known,
    waived,
)

DAY = "2024-05-01"
"""The day of the runs of these tests."""
TODAY = date.fromisoformat(DAY)


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


def test_a_breach_that_is_waived_is_told_as_one(tmp_path: Path) -> None:
    run = run_with(tmp_path, waiver())
    for verdict in ("incomplete", "certified with deviations"):
        told = outcome(replace(run, verdict=verdict))
        assert told.startswith("1 binding requirement is broken, which Ada accepted in writing")
    summary = (tmp_path / "summary.md").read_text("utf-8")
    assert "by Ada, DEPOT-7, until 2024-06-01: mended with the next release" in summary


def test_a_stale_waiver_heads_every_output(tmp_path: Path) -> None:
    run = run_with(tmp_path, waiver(expires="2024-04-30"))
    assert run.verdict == "not certified"
    assert outcome(run).startswith("1 waiver no longer holds, and nothing is certified under such")
    assert "**stale**: waiver" in (tmp_path / "summary.md").read_text("utf-8")
    assert "Not certified" in (tmp_path / "conformance.html").read_text("utf-8")


def test_a_part_of_a_run_says_nothing_of_what_other_parts_found(tmp_path: Path) -> None:
    judged = waived(CLEAN, (waiver(),))
    head = header(waivers=(waiver(),), part="shard 1 of 2")
    run = read_run(write_log(tmp_path / "log", [(exchange(), judged)], head=head))
    assert run.stale_waivers == ()


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
    append_waiver(append_waiver(path, waiver(), TODAY), second, TODAY)
    assert read_waivers(path) == (waiver(), second)
    with pytest.raises(WaiverError, match="already holds"):
        append_waiver(path, waiver(), TODAY)


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


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"owner": ""}, "owner is empty"),
        ({"reason": " "}, "reason is empty"),
        ({"expires": "2024-04-30"}, "2024-04-30 is over"),
        ({"expires": "2024-02-30"}, "2024-02-30"),
        ({"fingerprint": "x"}, "fingerprint"),
    ],
)
def test_a_waiver_that_could_not_be_used_is_not_written(fields: dict[str, str], told: str, tmp_path: Path) -> None:
    path = append_waiver(tmp_path / "waivers.toml", waiver(fingerprint="0123456789abcdef"), TODAY)
    before = path.read_bytes()
    with pytest.raises(WaiverError, match=told):
        append_waiver(path, waiver(**fields), TODAY)
    with pytest.raises(WaiverError, match=told):
        append_waiver(tmp_path / "new.toml", waiver(**fields), TODAY)
    assert path.read_bytes() == before
    assert not (tmp_path / "new.toml").exists()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"service": "utvs"}, "waiver 1 .*service: unknown: 'utvs'. Nearest is 'utws'"),
        ({"binding": "http_get"}, "binding of utws: unknown: 'http_get'. Nearest is 'soap1"),
        ({"requirement": "soap11/4.4/fault-has-fault-code"}, "Nearest is 'soap11/4.4/fault-has-faultcode'"),
        ({"requirement": "soap11/4.4/fault-has-faultcode", "binding": "soap12"}, "requirement on utws over soap12"),
        ({"requirement": "a", "binding": "", "fingerprint": "", "finding": "X", "quirks": "old"}, "quirks 'old'"),
    ],
)
def test_a_waiver_for_what_no_contract_has_is_refused(fields: dict[str, str], told: str, tmp_path: Path) -> None:
    one = {"service": "utws", "requirement": "soap11/4.4/fault-has-faultcode", "binding": "soap11"}
    require_known(tmp_path, [waiver(**one)], all_services())
    with pytest.raises(WaiverError, match=told):
        require_known(tmp_path, [waiver(**{**one, **fields})], all_services())


def test_an_entry_of_quirks_that_matches_nothing_is_stale(tmp_path: Path) -> None:
    one = waiver(quirks="stack-3", binding="", fingerprint="", finding="PayloadNotInSchema")
    run = run_with(tmp_path, one, replace(one, finding="NoSuchName"))
    assert verdict_of(run) == "waived"
    assert ["quirks stack-3" in each and "matches nothing" in each for each in run.stale_waivers] == [True]
