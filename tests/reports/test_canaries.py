"""A made-up secret that comes through redaction fails the run, wherever and however it is written."""

from pathlib import Path

import pytest
from report_samples import OPERATION, header

from reports import canaries as planting
from reports.canaries import canaries, planted, survivors
from reports.evidence import EvidenceLog
from reports.redaction import Redactor, _Depth

pytest_plugins = ["pytester"]

SECRETS = canaries(0)


def log_of(path: Path, redactor: Redactor) -> Path:
    """A log with the canaries in it."""
    with EvidenceLog(path, header(), redactor) as log:
        log.plant(SECRETS, OPERATION)
    return path


@pytest.mark.parametrize("seed", range(20))
def test_no_canary_comes_through(seed: int, tmp_path: Path) -> None:
    secrets = canaries(seed)
    with EvidenceLog(tmp_path / "log", header(), Redactor()) as log:
        log.plant(secrets, OPERATION)
    assert list(survivors([tmp_path / "log"], secrets)) == []


def test_canaries_differ_by_seed_and_are_the_same_for_one() -> None:
    assert canaries(3) == canaries(3)
    assert not set(canaries(3)) & set(canaries(4))


@pytest.mark.parametrize("name", ["redact", "redact_text", "redact_request", "redact_response", "redact_path"])
def test_a_redactor_that_lets_bytes_through_is_found_out(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Redactor, name, lambda self, data, *more: data)
    assert list(survivors([log_of(tmp_path / "log", Redactor())], SECRETS))


@pytest.mark.parametrize(("broken", "blind"), [("_SURFACE", _Depth(left=())), ("wide_readings", lambda data: ())])
def test_a_redactor_blind_to_an_encoding_is_found_out(
    broken: str, blind: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"reports.redaction.{broken}", blind)
    assert list(survivors([log_of(tmp_path / "log", Redactor())], SECRETS))


def test_every_spelling_is_found_in_every_writing(tmp_path: Path) -> None:
    for canary in SECRETS:
        for name, spelt in planting._spellings(canary).items():
            for index, written in enumerate(planting._as_written(spelt)):
                (tmp_path / "file").write_bytes(b"x" * (planting._CHUNK - 10) + written + b"y" * 50)
                assert list(survivors([tmp_path / "file"], SECRETS)), (name, index)


def test_canaries_stand_in_every_part_of_a_message() -> None:
    for each in planted(SECRETS[0], 1, OPERATION):
        assert each.sent.body
        assert each.response is not None
        assert each.message.changes
        assert each.sent.path


def test_a_broken_redactor_fails_the_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        broken="from reports.redaction import Redactor\nRedactor.redact = lambda self, data: data\n",
        run="import broken, sys\nfrom soapstone import main\nmain(sys.argv[1:])\n",
    )
    arguments = ("certify", "--profile", "smoke", "--service", "studebaker", "--out", "out")
    result = pytester.runpython_c(f"import sys; sys.argv = ['soapstone', *{arguments!r}]; import run")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*made-up secret came through redaction: evidence.jsonl*"])
