"""Faults that show only to several calls at once, to a witness, or to the network: each shown at work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from reference_messages import envelope, form, known_good, logs_available, post, session_info

from reference.app import Application
from reference.calls import changes_for
from reference.http import Request
from reference.state import State


def planted(name: str, binding: str, state: State) -> Application:
    return Application(state, changes_for([(name, [binding])]))


def at_once(application: Application, requests: list[Request]) -> list[bytes]:
    """The answers to requests that are all sent before the first is answered."""
    together = threading.Barrier(len(requests))

    def ask(request: Request) -> bytes:
        together.wait(10)
        return application.answer(request).body

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(ask, requests))


def sessions_apart(binding: str) -> list[Request]:
    return [
        post("utws", binding, envelope(logs_available(session_info(version=f"v{place}")), binding))
        for place in range(8)
    ]


@pytest.mark.parametrize(
    ("name", "binding"),
    [
        ("parameters_shared_among_threads", "soap11"),
        ("answers_shared_among_threads", "soap12"),
        ("sessions_lost_when_calls_meet", "soap11"),
    ],
)
def test_answers_are_mixed_up_only_when_calls_meet(name: str, binding: str, state: State) -> None:
    application = planted(name, f"utws/{binding}", state)
    asked = sessions_apart(binding)
    alone = [application.answer(request).body for request in asked]
    assert alone == [Application(state, {}).answer(request).body for request in asked]
    assert at_once(application, asked) != alone


def test_calls_fail_only_when_they_meet(state: State) -> None:
    application = planted("fails_when_calls_meet", "studebaker/xml", state)
    request = known_good("studebaker/xml", state)
    assert all(application.answer(request).status_code == 200 for _ in range(3))
    assert any(b"Runtime Error" in body for body in at_once(application, [request] * 4))
    assert application.answer(request).status_code == 200


def test_a_server_with_one_thread_answers_all_calls_right(state: State) -> None:
    application = planted("serves_one_call_at_a_time", "utws/soap12", state)
    asked = sessions_apart("soap12")
    assert at_once(application, asked) == [Application(state, {}).answer(request).body for request in asked]


@pytest.fixture
def witness() -> Iterator[tuple[str, list[str]]]:
    """The address of a server, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"fetched")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("name", "declaration"),
    [
        ("fetches_external_entities", '<!DOCTYPE a [<!ENTITY e SYSTEM "{0}/entity">]>'),
        ("fetches_external_entities_before_refusing", '<!DOCTYPE a [<!ENTITY % e SYSTEM "{0}/entity"> %e;]>'),
        ("fetches_external_subset", '<!DOCTYPE a SYSTEM "{0}/entity">'),
    ],
)
def test_external_entities_are_fetched(
    name: str, declaration: str, state: State, witness: tuple[str, list[str]]
) -> None:
    address, asked = witness
    sent = envelope(logs_available()).replace("?>", f"?>{declaration.format(address)}", 1)
    Application(state, {}).answer(post("utws", "soap11", sent))
    assert asked == []
    planted(name, "utws/soap11", state).answer(post("utws", "soap11", sent))
    assert asked == ["/entity"]


@pytest.mark.parametrize("address", ["http://192.0.2.1/a", "ftp://127.0.0.1/a", "file://elsewhere/etc/hostname"])
def test_nothing_but_this_machine_is_ever_asked(address: str, state: State) -> None:
    body = envelope(logs_available(session_info(version="&e;")))
    sent = body.replace("?>", f'?><!DOCTYPE a [<!ENTITY e SYSTEM "{address}">]>', 1)
    answer = planted("fetches_external_entities", "utws/soap11", state).answer(post("utws", "soap11", sent))
    assert b"<version />" in answer.body


def test_files_that_not_everybody_may_read_are_not_shown(state: State, tmp_path: Path) -> None:
    shown: dict[int, bool] = {}
    for mode in (0o600, 0o644):
        file = tmp_path / f"file-{mode}"
        file.write_text("content of the file")
        file.chmod(mode)
        body = envelope(logs_available(session_info(version="&e;")))
        sent = body.replace("?>", f'?><!DOCTYPE a [<!ENTITY e SYSTEM "{file.as_uri()}">]>', 1)
        answer = planted("fetches_external_entities", "utws/soap11", state).answer(post("utws", "soap11", sent))
        shown[mode] = b"content of the file" in answer.body
    assert shown == {0o600: False, 0o644: True}


def test_expansion_of_entities_is_bounded(state: State) -> None:
    declared = '<!ENTITY e0 "0123456789">' + "".join(
        f'<!ENTITY e{place} "{f"&e{place - 1};" * 10}">' for place in range(1, 12)
    )
    body = envelope(logs_available(session_info(version="&e11;")))
    sent = body.replace("?>", f"?><!DOCTYPE a [{declared}]>", 1)
    answer = planted("expands_internal_entities", "utws/soap11", state).answer(post("utws", "soap11", sent))
    assert len(answer.body) < 2_000_000


@pytest.mark.parametrize(
    ("name", "declaration"),
    [
        ("restarts_after_external_address", '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/subset">'),
        ("restarts_after_external_file", '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hosts">]>'),
        ("restarts_after_document_type", "<!DOCTYPE a>"),
    ],
)
def test_service_that_restarts_is_away_for_some_answers_and_then_as_before(
    name: str, declaration: str, state: State
) -> None:
    application = planted(name, "utws/soap11", state)
    plain = known_good("utws/soap11", state)
    harmful = post("utws", "soap11", envelope(logs_available()).replace("?>", f"?>{declaration}", 1))
    for _ in range(2):
        statuses = [application.answer(each).status_code for each in (plain, harmful, *[plain] * 4)]
        assert statuses == [200, 503, 503, 503, 503, 200]


def test_split_header_shows_in_the_fields(state: State) -> None:
    application = planted("header_split_by_a_value", "ecgridos/http_get", state)
    request = form("http_get", "SessionID=x%0D%0AX-Injected%3A%20yes&Minutes1=1&Minutes2=2")
    assert ("X-Injected", "yes") in application.answer(request).fields
    assert Application(state, {}).answer(request).fields == ()
