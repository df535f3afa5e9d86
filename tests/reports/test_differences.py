"""Two runs compared: what is new, gone or changed, and what only looks so."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from report_samples import CLEAN, ID, exchange, finding, header, write_log

from contracts.judge.records import Finding, Judgement
from reports.differences import difference_lines, differences_of
from reports.reading import MAX_SERIES, read_run
from reports.run import Run
from soapstone import main

SEEN = (ID["response-matches-schema"], ID["accepts-the-sample"])


def run(path: Path, findings: Sequence[Finding], *, observed: Sequence[str] = SEEN, complete: bool = True) -> Run:
    """The run of one exchange with those findings."""
    judged = [(exchange(), Judgement(tuple(observed), tuple(findings)))]
    return read_run(write_log(path, judged, head=header(), complete=complete))


SCHEMA, ECHO = finding(), finding("part-is-echoed", basis="inferred", effect="deviation", name="NotEchoed")


def kinds(old: Run, new: Run) -> list[tuple[str, str, str]]:
    """Kind, name and explanation of each difference."""
    return [(each.kind, each.finding.name, each.because) for each in differences_of(old, new).found]


def test_runs_that_found_the_same_do_not_differ(tmp_path: Path) -> None:
    moved = finding(actual="'four'", line=99, where="/soap:Envelope/soap:Body[1]/LookupResponse/Stock[7]")
    where = finding(where="/soap:Envelope/soap:Body/LookupResponse/Stock")
    assert kinds(run(tmp_path / "a", [where]), run(tmp_path / "b", [moved])) == []


def test_new_gone_and_changed_findings_are_told_apart(tmp_path: Path) -> None:
    graver = finding("part-is-echoed", basis="inferred", effect="violation", name="NotEchoed")
    old, new = run(tmp_path / "a", [SCHEMA]), run(tmp_path / "b", [ECHO])
    assert kinds(old, new) == [("new", "NotEchoed", ""), ("gone", "PayloadNotInSchema", "")]
    assert kinds(new, run(tmp_path / "c", [graver])) == [("changed", "NotEchoed", "")]


def test_notes_are_no_findings(tmp_path: Path) -> None:
    note = finding("names-the-difference", level="inform", effect="note")
    assert kinds(run(tmp_path / "a", []), run(tmp_path / "b", [note])) == []


def test_what_was_not_looked_for_is_not_gone(tmp_path: Path) -> None:
    old = run(tmp_path / "a", [SCHEMA])
    unseen = run(tmp_path / "b", [], observed=SEEN[1:])
    assert [each[2] for each in kinds(old, unseen)] == ["the requirement was not exercised now"]
    broken = run(tmp_path / "c", [], complete=False)
    assert [each[2] for each in kinds(old, broken)] == ["the run did not end now"]


def test_findings_beyond_those_listed_are_not_taken_for_new(tmp_path: Path) -> None:
    many = [finding(name=f"Number{number}") for number in range(MAX_SERIES + 1)]
    old, new = run(tmp_path / "a", many), run(tmp_path / "b", [finding(name=f"Number{MAX_SERIES}")])
    assert ("new", f"Number{MAX_SERIES}", "1 findings of the requirement are not listed before") in kinds(old, new)


def test_runs_that_are_not_alike_are_said_to_be(tmp_path: Path) -> None:
    old = run(tmp_path / "a", [])
    new = read_run(write_log(tmp_path / "b", [(exchange(), CLEAN)], head=header(seed=7, profile="smoke")))
    assert next(difference_lines(differences_of(old, new))).startswith("the runs are not alike in profile, seed")


@pytest.mark.parametrize("words, status", [([], 0), (["--fail-on", "new"], 1), (["--fail-on", "changed"], 0)])
def test_command_fails_on_what_it_is_told_to(tmp_path: Path, words: list[str], status: int) -> None:
    run(tmp_path / "a.jsonl", [])
    (tmp_path / "b").mkdir()
    run(tmp_path / "b" / "evidence.jsonl", [SCHEMA])
    done = CliRunner().invoke(main, ["diff", str(tmp_path / "a.jsonl"), str(tmp_path / "b"), *words])
    assert done.exit_code == status
    assert "1 new, 0 gone, 0 changed" in done.output


def test_command_says_which_log_cannot_be_read(tmp_path: Path) -> None:
    run(tmp_path / "a.jsonl", [])
    done = CliRunner().invoke(main, ["diff", str(tmp_path / "a.jsonl"), str(tmp_path / "nothing")])
    assert done.exit_code == 4
    assert "nothing" in done.output
