"""The commands on evidence, from a failed run to a waived one, as a user runs them."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from suites.embedded import EmbeddedTarget

ROOT = Path(__file__).parents[2]
FAULTCODE = "soap11/4.4/fault-has-faultcode"


def soapstone(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Exit status and output of a command."""
    command = [sys.executable, str(ROOT / "soapstone.py"), *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder in which `bad` holds a run that a planted fault failed, and the word that names its target."""
    folder = tmp_path_factory.mktemp("failed")
    with EmbeddedTarget(("--fault", "fault_without_faultcode")) as embedded:
        target = f"utws={embedded.targets['utws'].url}"
        status, told = certify(folder, target, "bad")
        assert status == 1, told
        yield folder, target


def certify(folder: Path, target: str, out: str, *more: str) -> tuple[int, str]:
    """A smoke run over SOAP 1.1."""
    options = ("--profile", "smoke", "--target", target, "--binding", "soap11")
    return soapstone("certify", *options, "--out", out, *more, cwd=folder)


def fingerprints(folder: Path) -> set[str]:
    """The fingerprints of the findings that the page shows."""
    page = (folder / "bad" / "conformance.html").read_text("utf-8")
    return set(re.findall("fingerprint <b><code>([0-9a-f]{16})", page))


def test_waivers_of_every_finding_certify_with_deviations(failed: tuple[Path, str], tmp_path: Path) -> None:
    folder, target = failed
    waivers = str(tmp_path / "waivers.toml")
    said = ("--owner", "Ada", "--reason", "known", "--waivers", waivers)
    for each in fingerprints(folder):
        status, told = soapstone("waive", "bad/evidence.jsonl", each, *said, "--expires", "2999-12-31", cwd=folder)
        assert status == 0, told
    status, told = certify(folder, target, str(tmp_path / "waived"), "--waivers", waivers)
    assert (status, "CERTIFIED WITH DEVIATIONS" in told) == (0, True), told
    status, told = soapstone("verify", str(tmp_path / "waived" / "evidence.jsonl"), cwd=folder)
    assert status == 0, told
    text = Path(waivers).read_text("utf-8").replace("2999-12-31", "2020-01-01")
    Path(waivers).write_text(text, "utf-8")
    status, told = certify(folder, target, str(tmp_path / "stale"), "--waivers", waivers)
    assert status == 1
    assert "expired on 2020-01-01" in told


def test_a_stale_waiver_alone_fails_a_run(failed: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = failed
    (tmp_path / "waivers.toml").write_text(
        f'[[waiver]]\nrequirement = "{FAULTCODE}"\nservice = "utws"\nbinding = "soap11"\nowner = "Ada"\nreason = "r"\n'
        'fingerprint = "0123456789abcdef"\nticket = ""\nexpires = "2999-12-31"\n',
        "utf-8",
    )
    options = ("--profile", "smoke", "--service", "utws", "--binding", "soap11", "--waivers")
    status, told = soapstone("certify", *options, str(tmp_path / "waivers.toml"), "--out", str(tmp_path), cwd=folder)
    assert (status, "stale: waiver 0123456789abcdef" in told) == (1, True), told


def test_a_finding_is_explained_and_replayed(failed: tuple[Path, str]) -> None:
    folder, target = failed
    each = next(
        found
        for found in fingerprints(folder)
        if FAULTCODE in soapstone("explain", found, "--log", "bad/evidence.jsonl", cwd=folder)[1]
    )
    status, told = soapstone("explain", each, "--log", "bad/evidence.jsonl", cwd=folder)
    assert status == 0
    assert "curl " in told
    (number,) = re.findall(r"message   exchange (\d+)", told)
    arguments = ("replay", "bad/evidence.jsonl", "--exchange", number, "--target")
    status, told = soapstone(*arguments, target, cwd=folder)
    assert (status, f"violation: {FAULTCODE}" in told) == (1, True), told
    assert f"came back: {FAULTCODE}" in told
    with EmbeddedTarget() as mended:
        status, told = soapstone(*arguments, f"utws={mended.targets['utws'].url}", cwd=folder)
    assert (status, f"did not come back: {FAULTCODE}" in told) == (0, True), told
    assert soapstone(*arguments, "utws=http://127.0.0.1:9", cwd=folder)[0] == 6


def test_an_exchange_with_a_secret_is_replayed_with_its_configuration_alone(tmp_path: Path) -> None:
    with EmbeddedTarget() as embedded:
        target = embedded.targets["ecgridos"]
        written = "".join(f"{name} = {json.dumps(value)}\n" for name, value in target.values.items())
        config = tmp_path / "targets.toml"
        config.write_text(f"[ecgridos]\nurl = {json.dumps(target.url)}\n[ecgridos.values]\n{written}", "utf-8")
        options = ("--profile", "smoke", "--binding", "http_get", "--config", str(config), "--out", "run")
        status, told = soapstone("certify", *options, cwd=tmp_path)
        assert status == 0, told
        arguments = ("replay", "run/evidence.jsonl", "--exchange", "1")
        status, told = soapstone(*arguments, "--target", f"ecgridos={target.url}", cwd=tmp_path)
        assert (status, "ecgridos.values.SessionID" in told) == (4, True), told
        status, told = soapstone(*arguments, "--config", str(config), cwd=tmp_path)
        assert (status, "answered 200" in told) == (0, True), told


def test_a_requirement_is_explained(tmp_path: Path) -> None:
    status, told = soapstone("explain", FAULTCODE, cwd=tmp_path)
    assert status == 0
    assert "SOAP 1.1 section 4.4, SOAP Fault (read in its text)" in told
    assert "duty      must: the text obliges" in told
    assert "utws/logsAvailable/soap11" in told


def test_verify_tells_a_failed_run_from_a_changed_log(failed: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = failed
    status, told = soapstone("verify", "bad/evidence.jsonl", cwd=folder)
    assert (status, "VERIFIED" in told) == (0, True), told
    log = Path(shutil.copy(folder / "bad" / "evidence.jsonl", tmp_path))
    log.write_bytes(log.read_bytes().replace(b'"seed":0', b'"seed":1'))
    status, told = soapstone("verify", str(log), cwd=folder)
    assert (status, "chain: " in told) == (1, True), told


def test_a_report_is_rendered_anew_against_an_earlier_run(failed: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = failed
    options = ("--against", "bad/evidence.jsonl", "--out", str(tmp_path))
    status, told = soapstone("report", "bad/evidence.jsonl", *options, cwd=folder)
    assert (status, "NOT CERTIFIED" in told) == (0, True), told
    assert (tmp_path / "conformance.html").stat().st_size > 100_000


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "absent"),
        ("verify", "text"),
        ("report", "text", "--out", "out"),
        ("sign", "text", "--key", "text"),
        ("explain", "nothing/like/it"),
        ("explain", "0123456789abcdef", "--log", "absent"),
        ("replay", "text", "--exchange", "1"),
        ("waive", "text", "0123456789abcdef", "--owner", "o", "--reason", "r", "--expires", "2030-01-01"),
    ],
)
def test_what_cannot_be_used_ends_with_status_4_and_one_line(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no log\n")
    assert soapstone(*arguments, cwd=tmp_path)[0] == 4
