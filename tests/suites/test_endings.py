"""How runs end: what an error of our own or a full disk leaves in the terminal and in the folder."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.loader import load_services, pick
from reports.canaries import canaries
from reports.reading import read_run
from suites.certification import Certification
from suites.configuration import Configuration
from suites.embedded import EmbeddedTarget
from suites.header import Settings

pytest_plugins = ["pytester"]

SECRET = canaries(0)[1]
"""A secret that a run knows from its beginning."""


def run(pytester: pytest.Pytester, broken: str) -> tuple[int, str]:
    """Status and words of a smoke run of one service, after these lines."""
    pytester.makepyfile(run=f"import sys\n{broken}\nfrom soapstone import main\nmain(sys.argv[1:])\n")
    words = ("certify", "--profile", "smoke", "--service", "studebaker", "--out", "out")
    result = pytester.run(sys.executable, "run.py", *words)
    return int(result.ret), str(result.stdout) + str(result.stderr)


@pytest.mark.parametrize(
    ("module", "name"),
    [("suites.run", "Run.may_send"), ("suites.plugin", "judge_item"), ("suites.plugin", "write_reports")],
)
def test_no_secret_stands_in_what_is_told_of_an_error_of_our_own(
    module: str, name: str, pytester: pytest.Pytester
) -> None:
    fails = (
        f"def fails(*_, **more):\n    raise RuntimeError('wrong: ' + bytes.fromhex('{SECRET.encode().hex()}').decode())"
    )
    status, words = run(pytester, f"import {module} as broken\n{fails}\nbroken.{name} = fails")
    assert "RuntimeError: wrong: " in words
    assert SECRET not in words
    page = Path("out/run.html")
    assert not page.exists() or SECRET.encode() not in page.read_bytes()
    assert status == 3


def test_a_run_whose_verdicts_were_not_all_reached_has_not_ended(tmp_path: Path) -> None:
    with EmbeddedTarget() as embedded:
        settings = Settings(
            services=pick(load_services(), ["partstream"]),
            configuration=Configuration({"partstream": embedded.targets["partstream"]}),
            out=tmp_path / "part",
            profile="smoke",
        )
        part, whole = Certification(settings), Certification(replace(settings, out=tmp_path / "whole"))
        for certification, asked in ((part, part.promises[:-1]), (whole, whole.promises)):
            certification.begin(certification.promises)
            for promise in asked:
                certification.verdict(promise)
        logs = part.end(), whole.end()  # an interrupt in the wrong place gives no reason
    run, complete = map(read_run, logs)
    assert (run.is_complete, run.events[-1].name, run.verdict) == (False, "abandoned", "incomplete")
    assert (complete.is_complete, complete.verdict) == (True, "certified")
    footer = json.loads(logs[1].read_bytes().splitlines()[-1])
    assert footer["counts"]["items in the plan"] == sum(map(whole.run.may_send, whole.items)) > 10


def test_a_page_that_cannot_be_written_is_told_once(pytester: pytest.Pytester) -> None:
    status, words = run(
        pytester,
        "import errno, pytest_html.basereport as html\n"
        "def fails(self, **more):\n"
        "    self._report_path.write_bytes(b'')\n"
        "    raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "html.BaseReport._generate_report = fails",
    )
    assert status == 4
    assert "Traceback" not in words
    assert "run.html: cannot be written: No space left on device" in words
    assert not Path("out/run.html").exists()
    assert read_run(Path("out/evidence.jsonl")).is_complete
