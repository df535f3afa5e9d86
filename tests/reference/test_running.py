"""The reference as a process and as a server: the ready line, its end, bad usage, and the bytes on the wire."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from reference_messages import envelope, logout, logs_available, post, session_info, session_log

import reference
from reference import catalogue, wire
from reference.http import Request
from reference.mint import mint
from reference.server import Running
from reference.state import State

ROOT = Path(reference.__file__).parent.parent
COMMAND = (sys.executable, "-W", "error", "-m", "reference")


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(
        (*COMMAND, *arguments),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with started:
        try:
            yield started
        finally:
            started.kill()


def send(port: int, request: Request) -> tuple[int, bytes]:
    """The status and body of an answer on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(request.method, request.path, request.body, dict(request.fields))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_ready_line_names_the_targets_and_the_process_ends_cleanly() -> None:
    with process() as started:
        assert started.stdout is not None
        targets = json.loads(started.stdout.readline())["targets"]
        assert set(targets) == {"utws", "ecgridos", "mobileconnect", "studebaker", "partstream"}
        assert {name: sorted(target["values"]) for name, target in targets.items() if target["values"]} == {
            "ecgridos": ["SessionID"],
            "mobileconnect": ["DeviceSerialNumber", "SessionUid"],
            "studebaker": ["Password", "Username"],
            "partstream": ["sessionid"],
        }
        assert all(len(value) >= 12 for target in targets.values() for value in target["values"].values())
        port = urlsplit(targets["utws"]["url"]).port
        assert port is not None
        assert send(port, post("utws", "soap11", envelope(logs_available())))[0] == 200
        started.send_signal(signal.SIGTERM)
        assert started.wait(10) == 0
        assert started.stderr is not None
        assert started.stderr.read() == ""


def test_process_ends_with_its_parent() -> None:
    with process("--with-parent") as started:
        assert started.stdin is not None
        assert started.stdout is not None
        started.stdout.readline()
        started.stdin.close()
        assert started.wait(10) == 0


def test_bad_usage_is_one_line_and_status_4(running: Running) -> None:
    for arguments in (
        ("--fault", "no_such"),
        ("--variant", "no_such"),
        ("--port", str(running.port)),
        ("--port", "x"),
        ("--port", "70000"),
        ("--nonsense",),
    ):
        ended = subprocess.run(
            (*COMMAND, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
        )
        assert ended.returncode == 4
        assert len(ended.stderr.splitlines()) == 1
        assert ended.stdout == ""


def test_lists_name_every_deviation() -> None:
    all_faults = [*catalogue.faults(), *catalogue.equivalents()]
    for option, named in (("--list-faults", all_faults), ("--list-variants", catalogue.variants())):
        ended = subprocess.run((*COMMAND, option), cwd=ROOT, capture_output=True, text=True, timeout=20, check=True)
        assert [line.partition("\t")[0] for line in ended.stdout.splitlines()] == list(named)


def test_unknown_name_is_told_in_process() -> None:
    with pytest.raises(reference.UnknownNameError, match="no fault named"):
        reference.start(faults=("no_such",))


def test_mint_gives_a_fresh_session_each_time(running: Running) -> None:
    base = f"http://127.0.0.1:{running.port}"
    assert len({mint(f"{base}/mint/{service}") for service in ("partstream", "ecgridos") for _ in range(3)}) == 6
    with pytest.raises(RuntimeError, match="404"):
        mint(f"{base}/nowhere")


def test_session_ends_for_one_of_many_callers_only(running: Running) -> None:
    session = mint(f"http://127.0.0.1:{running.port}/mint/partstream")
    request = post("partstream", "soap11", logout(session))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(running.port, request)[1], range(8)))
    assert sum(b"<success>" in body for body in answers) == 1


def test_chunked_request_and_kept_connection(running: Running, http: requests.Session) -> None:
    body = envelope(logs_available()).encode()
    headers = dict(post("utws", "soap11", "").fields)
    for _ in range(2):
        response = http.post(running.targets["utws"].url, data=iter([body[:50], body[50:]]), headers=headers, timeout=5)
        assert response.status_code == 200


def test_unknown_paths(running: Running) -> None:
    for path, status_code in (
        ("/no", 404),
        ("/v4.1/prod/ECGridOS.asmx/NoSuch", 500),
        ("/studebaker/xml/reply/NoSuch", 405),
    ):
        assert send(running.port, Request("GET", path, "", {}, b""))[0] == status_code


def test_stop_leaves_nothing_running() -> None:
    before = threading.active_count()
    for faults in ((), ("content_length_too_small",)):
        started = reference.start(faults=faults)
        kept = socket.create_connection(("127.0.0.1", started.port))
        started.stop()
        kept.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", started.port))
    assert threading.active_count() == before


# The relay


def test_every_action_of_the_relay_is_a_deviation() -> None:
    assert set(wire.ACTIONS) <= {*catalogue.faults(), *catalogue.variants()}


def test_relay_passes_on_what_is_not_marked() -> None:
    body = envelope(logs_available(session_info(version="é"))).encode()
    headers = dict(post("utws", "soap11", "").fields)
    with reference.start(faults=("content_length_too_small",)) as started, requests.Session() as session:
        for data in (body, iter([body[:50], body[50:]]), body):
            response = session.post(started.targets["utws"].url, data=data, headers=headers, timeout=5)
            assert response.status_code == 200
            assert "é" in response.content.decode()
            assert not any(name.startswith("Reference") for name in response.headers)


def test_relay_passes_on_chunked_answers_and_those_without_a_body() -> None:
    variants = ("chunked_answers", "no_content_for_invalid_credentials")
    with reference.start(faults=("content_length_too_small",), variants=variants) as started:
        assert send(started.port, post("utws", "soap11", envelope(logs_available())))[0] == 200
        assert send(started.port, post("studebaker", "xml", "")) == (204, b"")


def test_content_length_faults_cut_the_answer() -> None:
    with reference.start(faults=("content_length_too_small", "content_length_counts_characters")) as started:
        _, fault = send(started.port, post("utws", "soap11", "<a/>"))
        assert fault
        assert not fault.rstrip().endswith(b"Envelope>")
        sent = envelope(logs_available(session_info(version="é" * 30)), "soap12")
        _, answer = send(started.port, post("utws", "soap12", sent))
        assert answer
        assert not answer.rstrip().endswith(b"Envelope>")


@pytest.mark.parametrize(
    "name",
    sorted(
        wire.ACTIONS.keys()
        & catalogue.variants().keys()
        - {
            "closes_connection_on_unreadable_message",
            "closes_connection_on_any_refusal",
            "keeps_silent_on_unreadable_message",
            "early_hints_first",  # requests reads past 100 alone
        }
    ),
)
def test_answers_with_other_framing_are_read_by_a_client(name: str) -> None:
    body = envelope(logs_available(session_info(version="é"))).encode()
    with reference.start(variants=(name,)) as started, requests.Session() as session:
        for _ in range(2):
            headers = {**post("utws", "soap11", "").fields, "Connection": "close"}
            response = session.post(started.targets["utws"].url, data=body, headers=headers, timeout=5)
            assert response.status_code == 200
            assert response.content.decode().endswith("Envelope>")
            assert "é" in response.content.decode()


def test_variants_that_do_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SILENCE", 0.2)
    names = ("closes_connection_on_unreadable_message", "keeps_silent_on_unreadable_message")
    with reference.start(variants=names) as started:
        for service, binding in (("partstream", "soap11"), ("mobileconnect", "soap12")):
            with pytest.raises(http.client.RemoteDisconnected):
                send(started.port, post(service, binding, "<a"))
        values = started.targets["mobileconnect"].values
        known = State(device_serial_number=values["DeviceSerialNumber"], session_uid=values["SessionUid"])
        sent = post("mobileconnect", "soap12", envelope(session_log(known), "soap12"))
        assert send(started.port, sent)[0] == 200


@pytest.mark.parametrize("variant", ["chunked_answers", "no_content_for_invalid_credentials"])
def test_framing_variants_over_the_wire(variant: str) -> None:
    with reference.start(variants=(variant,)) as started, requests.Session() as session:
        for _ in range(2):
            response = session.post(
                f"{started.targets['studebaker'].url}/login", headers={"Content-Type": "application/xml"}, timeout=5
            )
            assert response.status_code in (200, 204)
            assert ("Transfer-Encoding" in response.headers) == (variant == "chunked_answers")
            assert bool(response.content) == (variant == "chunked_answers")
