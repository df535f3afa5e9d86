"""Lines for CI services: every finding in its place, and nothing that a target says taken for a command."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from report_samples import ID, exchange, finding, header, write_log

from contracts.judge.records import Judgement
from reports.annotations import annotation_lines
from reports.reading import read_run
from soapstone import main

SEEN = tuple(ID.values())


def lines(path: Path, *found: object, service: str = "github") -> list[str]:
    """The lines of a run with those findings."""
    judged = [(exchange(), Judgement(SEEN, found))]  # type: ignore[arg-type]
    return list(annotation_lines(read_run(write_log(path, judged, head=header())), service))  # type: ignore[arg-type]


def test_violations_are_errors_and_deviations_warnings(tmp_path: Path) -> None:
    echo = finding("part-is-echoed", basis="inferred", effect="deviation", name="NotEchoed")
    error, warning = lines(tmp_path / "log", finding(), echo)
    assert error.startswith("::error title=violated%3A depot/Lookup/response-matches-schema::depot/Lookup/soap11: ")
    assert "Found PayloadNotInSchema: 'three'; expected xs:int." in error
    assert warning.startswith("::warning title=deviates%3A depot/Lookup/part-is-echoed::")


def test_conformant_run_says_nothing(tmp_path: Path) -> None:
    assert lines(tmp_path / "log") == []


@pytest.mark.parametrize("service, start", [("github", "::error "), ("azure", "##vso[task.logissue type=error]")])
def test_what_a_target_says_stays_within_its_line(tmp_path: Path, service: str, start: str) -> None:
    hostile = "x\r\n::set-env name=A::b\n##vso[task.setvariable variable=a]b; \x1b[31m%0A\u2028"
    (line,) = lines(tmp_path / "log", finding(actual=hostile), service=service)
    assert line.startswith(start)
    assert line.isprintable()
    assert "\n" not in line
    assert line.count("##vso[") == (1 if service == "github" else 2)
    assert "]b" not in line or service == "github"


def test_command_takes_the_folder_of_a_run(tmp_path: Path) -> None:
    write_log(tmp_path / "evidence.jsonl", [(exchange(), Judgement(SEEN, (finding(),)))], head=header())
    done = CliRunner().invoke(main, ["annotate", str(tmp_path), "--for", "azure"])
    assert done.exit_code == 0
    assert done.output.startswith("##vso[task.logissue type=error]violated: depot/Lookup")
