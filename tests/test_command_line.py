"""The commands as a user meets them: one clear message, the exit status of the table, and evidence that is kept."""

import base64
import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest

from contracts.loader import SERVICES
from soapstone import main
from tests.suites.raw_servers import OK, RawServer, answering, answering_once, encrypted, serving, silent

ROOT = Path(__file__).parents[1]
NARROW = ("--service", "utws", "--binding", "soap11", "--profile", "smoke")
CERTIFIED, NOT_CERTIFIED, INTERRUPTED, OWN_ERROR, USAGE, INCOMPLETE = 0, 1, 2, 3, 4, 6
FILES = (
    "badge.svg",
    "conformance.html",
    "evidence.jsonl",
    "exchanges.har",
    "junit.xml",
    "run.html",
    "summary.md",
    "verdict.json",
)


def started(*arguments: object, module: str = "soapstone", **more: Any) -> subprocess.Popen[str]:
    """A command, started."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=_hear_interrupts,
        **more,
    )


def _hear_interrupts() -> None:
    """What a shell starts in the background ignores interrupts, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit status and the words of a command. No command ever shows a traceback."""
    words, _ = process.communicate(timeout=240)
    assert "Traceback" not in words, words
    assert "INTERNALERROR" not in words, words
    return process.returncode, words


def soapstone(*arguments: object, **more: Any) -> tuple[int, str]:
    """The exit status and the words of a command."""
    return ended(started(*arguments, **more))


def configured(folder: Path, text: str) -> Path:
    """A targets.toml with that text."""
    file = folder / "targets.toml"
    file.write_text(text)
    return file


def verdict_in(out: Path) -> dict[str, Any]:
    """What verdict.json says."""
    found: dict[str, Any] = json.loads((out / "verdict.json").read_text("utf-8"))
    return found


def records_in(out: Path) -> list[dict[str, Any]]:
    """The records of the log."""
    return [json.loads(line) for line in (out / "evidence.jsonl").read_bytes().splitlines()]


# --- runs -------------------------------------------------------------------------------------------------------------


def test_certify_without_a_target_certifies_the_reference(tmp_path: Path) -> None:
    status, words = soapstone("certify", "--profile", "smoke", "--out", tmp_path)
    assert status == CERTIFIED, words
    assert "CERTIFIED: Every requirement" in words
    assert f"report: {tmp_path / 'conformance.html'}" in words
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    assert verdict_in(tmp_path)["verdict"] == "certified"


def test_plan_counts_what_certify_sends(tmp_path: Path) -> None:
    options = ("--service", "ecgridos", "--service", "studebaker", "--profile", "smoke", "--seed", 5)
    planning = started("plan", *options)
    status, words = soapstone("certify", *options, "--out", tmp_path)
    assert status == CERTIFIED, words
    status, listed = ended(planning)
    assert status == 0
    counts = records_in(tmp_path)[-1]["counts"]
    assert listed.splitlines()[-1] == f"{counts['planned']:,} requests"
    assert counts["planned"] == counts["exchanges"]


def test_plan_counts_what_a_target_off_loopback_may_be_sent(tmp_path: Path) -> None:
    file = configured(tmp_path, '[utws]\nurl = "http://target.invalid/"\n[utws.values]\nproductID = "17"')
    status, words = soapstone("plan", "--profile", "smoke", "--config", file, "--messages")
    assert status == 0
    assert "defects = true would" in words
    assert "needs productID" in words
    assert "accept: as documented" in words
    assert "defect, " not in words
    assert "ecgridos" not in words


def test_planted_fault_is_not_certified(tmp_path: Path) -> None:
    with served("--fault", "accepts_malformed_xml") as targets:
        file = configured(tmp_path, f'[utws]\nurl = "{targets["utws"]["url"]}"')
        status, words = soapstone("certify", "--config", file, *NARROW, "--out", tmp_path / "out")
    assert status == NOT_CERTIFIED, words
    assert "NOT CERTIFIED" in words
    assert "xml/2.1/ill-formed-is-rejected is violated on utws/logsAvailable/soap11" in words
    assert "AcceptedInvalidMessage" in words


def test_strict_makes_deviations_count(tmp_path: Path) -> None:
    with served("--fault", "echoes_in_upper_case") as targets:
        target = f"utws={targets['utws']['url']}"
        processes = [
            started("certify", "-t", target, *NARROW, "--out", tmp_path / name, *more)
            for name, *more in (("lenient",), ("strict", "--strict"))
        ]
        lenient, strict = map(ended, processes)
    assert (lenient[0], strict[0]) == (CERTIFIED, NOT_CERTIFIED), lenient[1] + strict[1]
    assert "CERTIFIED WITH DEVIATIONS" in lenient[1]


def test_suites_run_under_pytest_too(tmp_path: Path) -> None:
    with served() as targets:
        status, words = soapstone(
            "suites", "-k", "soap11/4.4", "--target", f"utws={targets['utws']['url']}", "--binding", "soap11",
            "--profile", "smoke", "--out", tmp_path, module="pytest",
        )  # fmt: skip
    assert status == CERTIFIED, words
    assert re.search(r"\d+ passed,( \d+ skipped,)? \d+ deselected", words)
    assert all("soap11/4.4" in name for name in re.findall(r"test_\S+\[(\S+)\]", words))


@contextmanager
def served(*arguments: str) -> Iterator[dict[str, Any]]:
    """The targets of a reference that `soapstone serve` serves."""
    process = started("serve", *arguments)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["targets"]
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0


# --- wrong usage ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("certify", "--profile", "huge"), "'huge' is not one of"),
        (("certify", "--binding", "soap13"), "'soap13' is not one of"),
        (("certify", "--seed", "one"), "'one' is not a valid integer"),
        (("certify", "--nonsense"), "No such option"),
        (("certifie",), "No such command"),
        (("plan", "--service", "nobody"), "(found 'nobody'). Known: ecgridos"),
        (("plan", "--service", "utws", "--binding", "xml"), "--binding: not documented for utws (found 'xml')"),
        (("plan", "--target", "utws"), "--target: is not SERVICE=URL"),
        (("services", "--contracts", "nowhere"), "nowhere: is not a folder of services"),
        (("serve", "--fault", "nobody"), "nobody"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_is_named(arguments: Sequence[str], words: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments), prog_name="soapstone")
    said = "".join(capfd.readouterr())
    assert ended.value.code == USAGE, said
    assert words in said
    assert len(said.strip().splitlines()) <= 5


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("--service", "nobody"), "(found 'nobody'). Known: ecgridos"),
        (("--target", "nobody=http://127.0.0.1/"), "(found 'nobody'). Known: ecgridos"),
        (("--target", "utws=http://127.0.0.1/", "--service", "ecgridos"), "--target ecgridos=URL"),
        (("--config", "nowhere.toml"), "nowhere.toml: cannot be read"),
        (("--service", "utws", "--out", "/dev/null/out"), "/dev/null/out/evidence.jsonl: cannot be written"),
    ],
    ids=["service", "target", "no-target", "config", "out"],
)
def test_run_that_cannot_begin_says_why(arguments: Sequence[str], words: str) -> None:
    status, said = soapstone("certify", *arguments)
    assert status == USAGE, said
    assert words in said
    assert len(said.strip().splitlines()) == 1


def test_secret_that_is_not_set_is_named_with_its_line_and_the_plan_needs_none(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    values = '[ecgridos.values]\nSessionID = "env:SOAPSTONE_NO_SUCH"'
    login = '[ecgridos.auth.bearer]\ntoken = "env:SOAPSTONE_NO_TOKEN"'
    for table, words in ((values, "values.SessionID"), (login, "auth.bearer.token")):
        file = configured(tmp_path, f'[ecgridos]\nurl = "http://127.0.0.1:9/a.asmx"\n{table}')
        status, said = soapstone("certify", "--config", file, "--out", tmp_path / "out")
        assert status == USAGE, said
        assert said.startswith(f"soapstone: {file}:4: ecgridos.{words}: the environment variable SOAPSTONE_NO_")
        assert len(said.strip().splitlines()) == 1
        assert not (tmp_path / "out").exists()
        with pytest.raises(SystemExit) as ended:
            main(["certify", "--config", str(file), "--profile", "smoke", "--dry-run"], prog_name="soapstone")
        assert not ended.value.code, capfd.readouterr()


def test_broken_contract_is_named_with_its_line(tmp_path: Path) -> None:
    copy = tmp_path / "services"
    shutil.copytree(SERVICES, copy)
    file = copy / "utws" / "logsAvailable" / "contract.toml"
    lines = file.read_text("utf-8").splitlines()
    number = next(index for index, line in enumerate(lines, 1) if line.startswith("level"))
    lines[number - 1] = 'level = "shall"'
    file.write_text("\n".join(lines))
    status, words = soapstone("certify", "--contracts", copy, "--out", tmp_path / "out")
    assert status == USAGE, words
    assert f"{file}:{number}: " in words
    assert "(found 'shall')" in words


def test_schema_that_no_message_can_be_made_for_is_named(tmp_path: Path) -> None:
    copy = tmp_path / "services"
    shutil.copytree(SERVICES, copy)
    file = copy / "utws" / "logsAvailable" / "utws-v1.xsd"
    file.write_text(file.read_text("utf-8").replace("xs:sequence", "xs:sequins"))
    status, words = soapstone("certify", "--contracts", copy, "--service", "utws", "--out", tmp_path / "out")
    assert status == USAGE, words
    assert "xs:sequins" in words
    assert str(file.parent) in words


# --- bad targets ------------------------------------------------------------------------------------------------------

HUGE = answering_once((b"HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\n", *[b"x" * 65536] * 3200))
PAGE = b"<!DOCTYPE html><html><body><p>It works!<br></body></html>"
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)


@pytest.mark.parametrize(
    "handler, scheme, status, words",
    [
        (answering_once([b"220 mail.example ESMTP\r\n"]), "http", INCOMPLETE, "does not answer: protocol"),
        (silent, "http", INCOMPLETE, "does not answer: timeout, after 0.4 seconds"),
        (HUGE, "http", INCOMPLETE, "does not answer: too_large, more than 1,000,000 bytes"),
        (encrypted(OK), "https", INCOMPLETE, "does not answer: tls"),
        (answering(HTML), "http", NOT_CERTIFIED, "page/sample/known-good-is-answered is violated"),
    ],
    ids=["not-http", "silent", "huge", "tls", "html"],
)
def test_bad_target_ends_with_its_status(handler: Any, scheme: str, status: int, words: str, tmp_path: Path) -> None:
    with serving(handler) as server:
        url = server.url.replace("http:", f"{scheme}:")
        file = configured(tmp_path, f'[budget]\nseconds = 0.4\nbytes = 1000000\n[utws]\nurl = "{url}"')
        found, said = soapstone("certify", "--config", file, *NARROW, "--out", tmp_path / "out")
    assert found == status, said
    assert words in said
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(FILES)
    if status == INCOMPLETE:
        assert server.connections <= 3
        assert verdict_in(tmp_path / "out")["verdict"] == "incomplete"


@pytest.mark.parametrize("service", ["utws", "ecgridos"], ids=["as-it-is", "without-values"])
def test_unreachable_target_is_said_to_be(tmp_path: Path, service: str) -> None:
    target = f"{service}=http://127.0.0.1:9/a.asmx"
    status, words = soapstone("certify", "-t", target, "--profile", "smoke", "--out", tmp_path)
    assert status == INCOMPLETE, words
    assert "http://127.0.0.1:9/a.asmx does not answer: refused" in words


def test_target_without_its_values_is_incomplete(tmp_path: Path) -> None:
    with serving(answering(HTML)) as server:
        status, words = soapstone("certify", "-t", f"ecgridos={server.url}", "-b", "http_get", "--out", tmp_path)
    assert status in (NOT_CERTIFIED, INCOMPLETE), words
    assert "needs a value for SessionID of ecgridos" in (tmp_path / "verdict.json").read_text("utf-8")


def test_interrupted_run_keeps_its_evidence_and_says_so(tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = started(
        "certify", "--config", configured(tmp_path, "[budget]\nrate = 40"), "--service", "utws", "--out", out
    )
    log, until = out / "evidence.jsonl", time.monotonic() + 30
    while not (log.exists() and log.read_bytes().count(b'"type":"exchange"') > 5) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    status, words = ended(process)
    assert status == INTERRUPTED, words
    assert "INCOMPLETE" in words
    assert {path.name for path in out.iterdir()} == set(FILES)
    records = records_in(out)
    exchanges = [each["number"] for each in records if each["type"] == "exchange"]
    assert exchanges == list(range(1, len(exchanges) + 1))
    assert len(exchanges) > 5
    assert (records[-1]["type"], records[-1]["name"]) == ("event", "abandoned")
    assert verdict_in(out)["verdict"] == "incomplete"


def test_error_of_our_own_is_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "breaking.py").write_text(
        "import suites.run\ndef judge(*_, **__):\n    raise TypeError('broken judge')\nsuites.run.judge = judge\n"
    )
    environment = {**os.environ, "PYTEST_PLUGINS": "breaking", "PYTHONPATH": str(tmp_path)}
    process = started("certify", *NARROW, "--out", tmp_path / "out", env=environment)
    words, _ = process.communicate(timeout=240)
    assert process.returncode == OWN_ERROR, words
    assert "TypeError: broken judge" in words
    assert verdict_in(tmp_path / "out")["verdict"] == "incomplete"
    assert records_in(tmp_path / "out")[-1]["detail"] == "an error of our own"


# --- secrets ----------------------------------------------------------------------------------------------------------

SECRETS = {
    "ecgridos": {"SessionID": "7d1c5b5a-17f3-4d2a-9c62-4d1d6f0a8b11"},
    "mobileconnect": {
        "DeviceSerialNumber": "SN&<0042>'\"-secret",
        "SessionUid": "9e8a3a2e-6a0f-4a57-8a55-0c8de6d2b1aa",
    },
    "studebaker": {"Username": "some body+tag@example.org", "Password": "p&ss <w>\u00f6rd \"'%+/=?;\u20ac]]>"},
    "partstream": {"sessionid": "{F00D5EED-0001-4b1d-beef-0123456789ab}"},
    "utws": {"version": "secret/version 10%"},
}


def in_ascii(text: str) -> str:
    """Text with character references for all that is not ASCII."""
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def spelled(secret: str) -> set[bytes]:
    """The ways in which a secret may stand in a file."""
    texts = {
        secret,
        escape(secret),
        escape(escape(secret)),
        in_ascii(escape(secret)),
        escape(in_ascii(escape(secret))),
        html.escape(secret),
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(escape(secret))[1:-1],
        html.escape(json.dumps(secret))[1:-1],
        secret.upper(),
        secret.lower(),
        base64.b64encode(secret.encode()).decode(),
        repr(secret)[1:-1],
    }
    charsets = ("utf-8", "utf-16-le", "cp1252")
    return {text.encode(charset) for text in texts for charset in charsets}


def echoing(server: RawServer, connection: Any) -> None:
    """Repeats every request in its answer, as it came and escaped, and in a field of its own."""
    while data := server.receive(connection):
        line = data.split(b"\r\n")[0]
        body = data + b"\n" + html.escape(data.decode("latin-1")).encode("latin-1") + b"\n" + base64.b64encode(data)
        connection.sendall(
            b"HTTP/1.1 500 Word\r\nContent-Type: text/xml\r\nX-Echo: %s\r\nContent-Length: %d\r\n\r\n%s"
            % (line, len(body), body)
        )


def test_no_configured_secret_is_in_any_output(tmp_path: Path) -> None:
    """Secrets come as literals for credentials, from the environment, and from commands."""
    environment, lines = dict(os.environ), []
    with serving(echoing) as server:
        for service, values in SECRETS.items():
            lines += [f"[{service}]", f'url = "{server.url}/"', f"[{service}.values]"]
            for name, value in values.items():
                variable = f"SOAPSTONE_TEST_{name.upper()}"
                environment[variable] = value
                printing = f"command:{sys.executable} -I -S -c 'import os; print(os.environ[\"{variable}\"])'"
                source = {"ecgridos": value, "partstream": value, "mobileconnect": printing}.get(service)
                lines.append(f"{name} = {json.dumps(source or f'env:{variable}')}")
        file = configured(tmp_path, "\n".join(lines))
        arguments = ("certify", "--config", file, "--profile", "smoke", "--verbose", "--out", tmp_path / "out")
        status, words = soapstone(*arguments, env={**environment, "PYTHONIOENCODING": "utf-8"})
    assert status == NOT_CERTIFIED, words
    received = b"".join(data for _, data in server.requests)
    outputs = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} | {"terminal": words.encode()}
    assert set(outputs) == {*FILES, "terminal"}
    for secret in (value for values in SECRETS.values() for value in values.values()):
        assert any(spelling in received for spelling in spelled(secret)), f"{secret} was never sent"
        found = [(name, text) for name, data in outputs.items() for text in spelled(secret) if text in data]
        assert not found, found


# --- the wheel --------------------------------------------------------------------------------------------------------


def test_wheel_holds_code_and_data(tmp_path: Path) -> None:
    source = tmp_path / "source"
    rooms = ("contracts", "strategies", "suites", "reports", "reference")
    skipped = shutil.ignore_patterns("__pycache__", "out")
    for room in rooms:
        shutil.copytree(ROOT / room, source / room, ignore=skipped)
    for name in ("pyproject.toml", "README.md", "LICENSE", "soapstone.py"):
        shutil.copy(ROOT / name, source / name)
    pytest.importorskip("hatchling", reason="the wheel is built with the environment's own hatchling")
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], cwd=source, capture_output=True, text=True, timeout=60, check=True
    )
    with zipfile.ZipFile(tmp_path / done.stdout.split()[-1]) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    files = {
        path.relative_to(source).as_posix() for room in rooms for path in (source / room).rglob("*") if path.is_file()
    }
    assert packed == files | {"soapstone.py"}
    suffixes = {Path(name).suffix for name in packed}
    assert {".xsd", ".toml", ".json", ".j2", ".css", ".txt", ".ini", ".py"} <= suffixes
