"""The client: what goes over the wire, byte for byte, and what becomes of every way in which an answer can fail."""

import gzip
import itertools
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from raw_servers import OK, RawServer, answering, answering_once, encrypted, serving, silent

from contracts.judge.records import Failure, Request, Response
from suites import client as client_module
from suites.client import Client
from suites.configuration import Budget
from suites.heads import MOST_INTERIM

POST = Request(
    "POST", "/soap", (("Content-Type", "text/xml; charset=utf-8"), ("SOAPAction", '"urn:a"')), b"<a>\xc3\xa9</a>"
)
SECRET = "s3cr3t-session-0042"
Handler = Callable[[RawServer, socket.socket], None]


def exchanged(url: str, request: Request = POST, **budget: float) -> Response | Failure:
    """What comes back for one request."""
    with Client(url, Budget(**budget)) as client:  # type: ignore[arg-type]
        return client.send(request)[1]


def failed(url: str, request: Request = POST, **budget: float) -> Failure:
    """The failure that one request ends in."""
    outcome = exchanged(url, request, **budget)
    assert isinstance(outcome, Failure), outcome
    return outcome


def answered(url: str, request: Request = POST) -> Response:
    """The response to one request."""
    outcome = exchanged(url, request)
    assert isinstance(outcome, Response), outcome
    return outcome


# --- out --------------------------------------------------------------------------------------------------------------


def test_request_goes_out_byte_for_byte() -> None:
    with serving(answering(OK)) as server, Client(f"{server.url}/base", Budget()) as client:
        sent, _, _ = client.send(POST)
        host = server.url.removeprefix("http://")
    assert server.requests[0][1] == (
        b"POST /base/soap HTTP/1.1\r\n"
        b"Host: " + host.encode() + b"\r\n"
        b"User-Agent: soapstone\r\n"
        b"Accept: */*\r\n"
        b"Accept-Encoding: identity\r\n"
        b"Content-Type: text/xml; charset=utf-8\r\n"
        b'SOAPAction: "urn:a"\r\n'
        b"Content-Length: 9\r\n"
        b"\r\n"
        b"<a>\xc3\xa9</a>"
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.headers)
    assert head.encode() in server.requests[0][1]


def test_get_carries_no_field_of_a_body() -> None:
    with serving(answering(OK)) as server:
        answered(server.url, Request("GET", "/a?b=c", (), None))
    assert b"Content-" not in server.requests[0][1]


def test_post_without_a_body_says_that_its_length_is_zero() -> None:
    with serving(answering(OK)) as server:
        answered(server.url, Request("POST", "/a", (), None))
    assert b"Content-Length: 0\r\n" in server.requests[0][1]


def test_fields_of_a_request_replace_ours_and_may_be_repeated() -> None:
    fields = (("accept", "text/xml"), ("X-A", "1"), ("X-A", "2"), ("X-Word", "caf\u00e9"), ("Host", "elsewhere"))
    with serving(answering(OK)) as server, Client(server.url, Budget()) as client:
        sent, _, _ = client.send(Request("GET", "/", fields, None))
    lines = server.requests[0][1].split(b"\r\n")[1:-2]
    assert lines == [
        b"User-Agent: soapstone",
        b"Accept-Encoding: identity",
        b"accept: text/xml",
        b"X-A: 1",
        b"X-A: 2",
        b"X-Word: caf\xc3\xa9",
        b"Host: elsewhere",
    ]
    assert [f"{name}: {value}".encode() for name, value in sent.headers] == lines


@pytest.mark.parametrize(
    "path",
    [
        "/a?b=%zz",
        "/a?b=%2b%2B%7e~",
        "/a?b=c+d&e=%20f",
        "/a;v=1?b=c;d=e",
        "/a?",
        "/a?b=?&c=/",
        "/a/../b/./c",
        "//a//b",
        "/A%c3%a9?b=%C3%A9",
        "/caf\u00e9?b=\u20ac",
        '/a?b=[]{}|\\^`"<>',
        "/a?b=#c",
        "/http://other/",
    ],
)
def test_path_and_query_are_not_encoded_anew(path: str) -> None:
    with serving(answering(OK)) as server:
        answered(server.url, Request("GET", path, (), None))
    assert server.requests[0][1].split(b"\r\n")[0] == f"GET {path} HTTP/1.1".encode()


@pytest.mark.parametrize(
    "base, path, line",
    [
        ("", "", "/"),
        ("", "/soap12", "/soap12"),
        ("/", "/soap12", "/soap12"),
        ("/a.asmx", "", "/a.asmx"),
        ("/a.asmx", "/Op?x=1", "/a.asmx/Op?x=1"),
        ("/soap/", "", "/soap/"),
        ("/a%2fb", "/c", "/a%2fb/c"),
        ("", "?wsdl", "/?wsdl"),
    ],
)
def test_paths_are_relative_to_the_url(base: str, path: str, line: str) -> None:
    with serving(answering(OK)) as server:
        answered(f"{server.url}{base}", Request("GET", path, (), None))
    assert server.requests[0][1].split(b" ")[1] == line.encode()


def test_environment_gives_neither_proxy_nor_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("default login somebody password something\n")
    netrc.chmod(0o600)
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with serving(answering(OK)) as server:
        answered(server.url)
    assert b"Authorization" not in server.requests[0][1]


def test_cookies_are_not_kept() -> None:
    baking = OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n")
    with serving(answering(baking)) as server, Client(server.url, Budget()) as client:
        _, first, _ = client.send(POST)
        client.send(POST)
    assert isinstance(first, Response)
    assert first.header("Set-Cookie") == "a=b"
    assert all(b"Cookie" not in data for _, data in server.requests)


def test_ipv6_loopback_is_reached() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with serving(answering(OK), "::1") as server:
        answered(server.url)
    assert f"Host: [::1]:{server.port}\r\n".encode() in server.requests[0][1]


# --- in ---------------------------------------------------------------------------------------------------------------


def test_response_comes_in_byte_for_byte() -> None:
    body = bytes(range(256)) + b"\r\n\xff\xfe"
    head = b"HTTP/1.1 299 Strange  Words\r\nX-a: 1\r\nX-a:  2 \r\nX-Latin: caf\xe9\r\nConnection: close\r\n\r\n"
    with serving(answering_once([head, body])) as server:
        response = answered(server.url)
    assert (response.status_code, response.reason, response.body) == (299, "Strange  Words", body)
    assert response.headers == (("X-a", "1"), ("X-a", "2"), ("X-Latin", "caf\u00e9"), ("Connection", "close"))


def test_transfer_coding_is_removed() -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\n<a>\r\n4\r\n</a>\r\n0\r\nT: 1\r\n\r\n"
    with serving(answering(answer)) as server, Client(server.url, Budget()) as client:
        outcomes = [client.send(POST)[1] for _ in range(2)]
    assert [getattr(each, "body", each) for each in outcomes] == [b"<a></a>"] * 2
    assert server.connections == 1


def test_content_coding_stays() -> None:
    body = gzip.compress(b"<a/>")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with serving(answering(head + body)) as server:
        assert answered(server.url).body == body


def test_body_that_is_not_in_its_coding_stays_as_it_is() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n<a/>"
    with serving(answering(answer)) as server:
        assert answered(server.url).body == b"<a/>"


@pytest.mark.parametrize("location", [b"/elsewhere", b"http://[", b"\xff\xfe", b"http://other.example/", b""])
def test_redirects_are_answers(location: bytes) -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 4\r\n\r\n<a/>"
    with serving(answering(answer)) as server:
        response = answered(server.url)
    assert (response.status_code, response.body) == (302, b"<a/>")
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body_leave_the_connection_open(status: int) -> None:
    bare = f"HTTP/1.1 {status} Word\r\n\r\n".encode()
    with serving(answering(bare)) as server, Client(server.url, Budget()) as client:
        assert [getattr(client.send(POST)[1], "status_code", None) for _ in range(2)] == [status] * 2
    assert server.connections == 1


# --- bounds -----------------------------------------------------------------------------------------------------------


def endless(part: bytes) -> Iterator[bytes]:
    """The same bytes for ever."""
    return itertools.repeat(part)


def dripping(head: bytes, part: bytes) -> Handler:
    """A head at once, then a part ten times a second for ever."""
    return answering_once(itertools.chain([head], endless(part)), pause=0.1)


@pytest.mark.parametrize(
    "handler",
    [
        silent,
        dripping(b"HTTP/1.1 200 ", b"O"),
        dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\nX: ", b"y"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b"<"),
        dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"<"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n<\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"T: 1\r\n"),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["silence", "status", "fields", "value", "length", "until-close", "chunks", "trailers", "continue"],
)
def test_one_deadline_holds_for_the_whole_exchange(handler: Handler) -> None:
    begun = time.monotonic()
    with serving(handler) as server:
        failure = failed(server.url, seconds=0.5)
        assert time.monotonic() - begun < 1.5
    assert (failure.kind, failure.detail) == ("timeout", "after 0.5 seconds")


def test_deadline_holds_where_nothing_accepts() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        port = listening.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        try:
            for each in waiting:
                each.setblocking(False)
                each.connect_ex(("127.0.0.1", port))
            begun = time.monotonic()
            failure = failed(f"http://127.0.0.1:{port}", seconds=0.5)
            assert time.monotonic() - begun < 1.5
        finally:
            for each in waiting:
                each.close()
    assert failure.kind == "timeout"


def test_deadline_holds_during_a_tls_handshake() -> None:
    def drip(server: RawServer, connection: socket.socket) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00")
        while not server.stopped.wait(0.1):
            connection.sendall(b"\x02")

    begun = time.monotonic()
    with serving(drip) as server:
        failure = failed(server.url.replace("http:", "https:"), seconds=0.5)
        assert time.monotonic() - begun < 1.5
    assert failure.kind == "timeout"


def test_deadline_of_one_exchange_leaves_the_next_alone() -> None:
    def slow_first(server: RawServer, connection: socket.socket) -> None:
        if server.connections == 1:
            silent(server, connection)
        answering(OK)(server, connection)

    with serving(slow_first) as server, Client(server.url, Budget(seconds=0.4)) as client:
        assert isinstance(client.send(POST)[1], Failure)
        for _ in range(5):
            assert isinstance(client.send(POST)[1], Response)
            time.sleep(0.15)
    assert server.connections == 2


def test_watch_ends_with_the_client() -> None:
    before = threading.active_count()
    client = Client("http://127.0.0.1:9", Budget())
    client.send(POST)
    assert threading.active_count() == before + 1
    client.close()
    assert threading.active_count() == before


@pytest.mark.parametrize(
    "head, part",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\n", b"x" * 65536),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", b"x" * 65536),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    ],
    ids=["length", "until-close", "redirect", "chunks"],
)
def test_answers_are_cut_off_at_the_budget(head: bytes, part: bytes) -> None:
    with serving(answering_once(itertools.chain([head], endless(part)))) as server:
        failure = failed(server.url, bytes=1_000_000)
    assert (failure.kind, failure.detail) == ("too_large", "more than 1,000,000 bytes")


def test_answer_as_large_as_the_budget_is_whole() -> None:
    with serving(answering(OK)) as server:
        assert isinstance(exchanged(server.url, bytes=4), Response)
        assert failed(server.url, bytes=3).kind == "too_large"


def test_compressed_answers_are_cut_off_when_unpacked() -> None:
    bomb = gzip.compress(bytes(20_000_000))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
    with serving(answering_once([head, bomb])) as server:
        failure = failed(server.url, bytes=1_000_000)
    assert failure.kind == "too_large"
    assert "decompression" in failure.detail


@pytest.mark.parametrize(
    "head, part",
    [
        (b"HTTP/1.1 200 OK\r\nX: ", b"y" * 4096),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 50),
    ],
    ids=["field", "fields"],
)
def test_endless_heads_are_cut_off(head: bytes, part: bytes) -> None:
    with serving(answering_once(itertools.chain([head], endless(part)))) as server:
        assert failed(server.url, seconds=3).kind == "protocol"


# --- failures ---------------------------------------------------------------------------------------------------------


def reset(server: RawServer, connection: socket.socket) -> None:
    """Reads the request and resets the connection."""
    server.receive(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    "handler, kind",
    [
        (reset, "reset"),
        (answering_once([]), "reset"),
        (answering_once([b"220 mail.example ESMTP\r\n"]), "protocol"),
        (answering_once([b"\x00\x01\x02\xff" * 40]), "protocol"),
        (answering_once([b"HTTP/1.1 abc OK\r\n\r\n"]), "protocol"),
    ],
    ids=["reset", "closed", "mail", "binary", "status"],
)
def test_failures_are_told_apart(handler: Handler, kind: str) -> None:
    with serving(handler) as server:
        failure = failed(server.url, Request("POST", f"/soap?SessionID={SECRET}", POST.headers, POST.body))
    assert failure.kind == kind
    assert SECRET not in failure.detail
    assert failure.detail
    assert server.connections == 1


@pytest.mark.parametrize(
    "parts, body, flaws",
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<a/>"], b"<a/>", ("cut short",)),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"], b"", ("broken chunks",)),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<a/"], b"<a/", ("broken chunks",)),
    ],
    ids=["length", "chunk-size", "cut-off-chunk"],
)
def test_answer_whose_framing_breaks_is_kept_with_its_flaw(
    parts: list[bytes], body: bytes, flaws: tuple[str, ...]
) -> None:
    with serving(answering_once(parts)) as server:
        response = answered(server.url)
    assert response.flaws == flaws
    assert body.startswith(response.body)


LENGTH = b"Content-Length: 4\r\n"


@pytest.mark.parametrize("interim", [1, 3, MOST_INTERIM])
@pytest.mark.parametrize("status", [b"100 Continue", b"102 Processing", b"103 Early Hints", b"199 Else"])
def test_interim_answers_are_read_past(interim: int, status: bytes) -> None:
    early = b"HTTP/1.1 " + status + b"\r\nLink: </a>; rel=preload\r\n\r\n"
    with serving(answering(early * interim + OK)) as server, Client(server.url, Budget()) as client:
        responses = [client.send(POST)[1] for _ in range(2)]
    assert [(each.status_code, each.body, each.flaws) for each in responses if isinstance(each, Response)] == [
        (200, b"<a/>", ())
    ] * 2
    assert server.connections == 1


def test_interim_answers_without_end_are_a_failure() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    with serving(answering_once(itertools.repeat(early, MOST_INTERIM + 1))) as server:
        assert failed(server.url).kind == "protocol"


def test_switch_of_protocols_is_a_final_answer() -> None:
    with serving(answering_once([b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"])) as server:
        assert answered(server.url).status_code == 101


@pytest.mark.parametrize(
    "head, version, fields, flaws",
    [
        (b"HTTP 200 OK\r\n" + LENGTH, "HTTP", (("Content-Length", "4"),), ()),
        (b"http/1.1 200 \r\n" + LENGTH, "http/1.1", (("Content-Length", "4"),), ()),
        (
            b"\r\n\r\nHTTP/1.1 200 OK\r\n" + LENGTH,
            "HTTP/1.1",
            (("Content-Length", "4"),),
            ("empty line before the status line",),
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n" + LENGTH,
            "HTTP/1.1",
            (("Content-Length", "11"), ("Content-Length", "4")),
            (),
        ),
        (
            b"HTTP/1.1 200 OK\r\nX-A: a\rb\r\n" + LENGTH,
            "HTTP/1.1",
            (("X-A", "a\rb"), ("Content-Length", "4")),
            (),
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4, 11\r\n", "HTTP/1.1", (("Content-Length", "4, 11"),), ()),
        (
            b"HTTP/1.1 200 OK\r\nX-A: a\r\nContent-Type: text/xml;\r\n\t charset=utf-8\r\nx-a: b\r\n" + LENGTH,
            "HTTP/1.1",
            (("X-A", "a"), ("Content-Type", "text/xml; charset=utf-8"), ("x-a", "b"), ("Content-Length", "4")),
            ("folded field",),
        ),
        (
            b"HTTP/1.1 200 OK\r\nX-A:\n b\n" + LENGTH,
            "HTTP/1.1",
            (("X-A", "b"), ("Content-Length", "4")),
            ("line feed alone", "folded field"),
        ),
        (b"HTTP/1.1 200 \r\n" + LENGTH, "HTTP/1.1", (("Content-Length", "4"),), ()),
        (b"HTTP/1.1 200\r\n" + LENGTH, "HTTP/1.1", (("Content-Length", "4"),), ("no blank after the status code",)),
        (b"HTTP/1.1 200 OK\n" + LENGTH, "HTTP/1.1", (("Content-Length", "4"),), ("line feed alone",)),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type : text/xml\r\n" + LENGTH,
            "HTTP/1.1",
            (("Content-Type", "text/xml"), ("Content-Length", "4")),
            ("blank before a colon",),
        ),
        (
            b"HTTP/1.1 200 OK\r\n folded too soon\r\nno field\r\n: nameless\r\n" + LENGTH,
            "HTTP/1.1",
            (("folded too soon", ""), ("no field", ""), (": nameless", ""), ("Content-Length", "4")),
            ("line that is no field",),
        ),
    ],
)
def test_answer_whose_head_is_not_as_it_has_to_be_is_read_and_told(
    head: bytes, version: str, fields: tuple[tuple[str, str], ...], flaws: tuple[str, ...]
) -> None:
    with serving(answering(head + b"\r\n<a/>")) as server:
        response = answered(server.url)
    assert (response.status_code, response.body) == (200, b"<a/>")
    assert (response.version, response.headers, response.flaws) == (version, fields, flaws)


def test_connection_is_not_kept_where_the_end_of_an_answer_is_in_doubt() -> None:
    doubtful = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 4\r\n\r\n<a/>"
    with serving(answering(doubtful)) as server, Client(server.url, Budget()) as client:
        for _ in range(2):
            assert isinstance(client.send(POST)[1], Response)
    assert server.connections == 2


@pytest.mark.parametrize(
    "parts",
    [
        itertools.repeat(b"\r\n", 200),
        [b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 200 + b"\r\n"],
        [b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 70_000 + b"\r\n\r\n"],
        [b"HTTP/1.1 OK\r\n\r\n"],
    ],
    ids=["empty-lines", "fields", "long-field", "no-status"],
)
def test_head_without_bounds_or_status_is_a_failure(parts: list[bytes]) -> None:
    with serving(answering_once(parts)) as server:
        assert failed(server.url).kind in ("protocol", "reset")


def test_endless_size_of_a_chunk_is_cut_off() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"
    with serving(answering_once(itertools.chain([head], endless(b"x" * 4096)))) as server:
        assert "broken chunks" in answered(server.url).flaws


def test_nobody_listening_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    failure = failed(f"http://127.0.0.1:{port}", Request("GET", f"/?SessionID={SECRET}", (), None))
    assert failure.kind == "refused"
    assert "refused" in failure.detail
    assert SECRET not in failure.detail


def test_name_that_nobody_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    failure = failed("http://nobody.invalid", Request("GET", f"/?SessionID={SECRET}", (), None))
    assert (failure.kind, SECRET in failure.detail) == ("refused", False)
    assert "not known" in failure.detail


def test_certificate_that_nobody_vouches_for_is_a_tls_failure() -> None:
    with serving(encrypted(OK)) as server:
        failure = failed(server.url.replace("http:", "https:"))
    assert failure.kind == "tls"
    assert "self-signed" in failure.detail


def test_certificate_is_verified_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    monkeypatch.setenv("CURL_CA_BUNDLE", "")
    with serving(encrypted(OK)) as server:
        assert failed(server.url.replace("http:", "https:")).kind == "tls"


def test_plain_server_behind_https_is_a_tls_failure() -> None:
    with serving(lambda _, connection: connection.sendall(OK)) as server:
        assert failed(server.url.replace("http:", "https:")).kind == "tls"


def test_path_that_no_request_line_can_hold_is_never_sent() -> None:
    with serving(answering(OK)) as server:
        failure = failed(server.url, Request("GET", f"/a b?{SECRET}", (), None))
    assert failure.kind == "protocol"
    assert SECRET not in failure.detail
    assert not server.requests


# --- connections ------------------------------------------------------------------------------------------------------


def test_connection_is_kept_between_successes_and_renewed_when_asked() -> None:
    with serving(answering(OK)) as server, Client(server.url, Budget()) as client:
        client.send(POST)
        client.send(POST)
        client.renew()
        client.send(POST)
    assert [connection for connection, _ in server.requests] == [1, 1, 2]


def test_connection_is_renewed_after_a_failure() -> None:
    garbage = answering(OK, b"nonsense\r\n\r\n", OK)
    with serving(garbage) as server, Client(server.url, Budget()) as client:
        outcomes = [client.send(POST)[1] for _ in range(3)]
    assert [isinstance(each, Response) for each in outcomes] == [True, False, True]
    assert [connection for connection, _ in server.requests] == [1, 1, 2]


def test_kept_connection_that_the_target_closed_is_no_silence() -> None:
    with serving(answering_once([OK])) as server, Client(server.url, Budget()) as client:
        for _ in range(3):
            assert isinstance(client.send(POST)[1], Response)
            time.sleep(0.02)
    assert server.connections == len(server.requests) == 3


@pytest.fixture
def unnoticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that closes a kept connection just when the next request goes out: the look before it sees nothing."""
    monkeypatch.setattr("urllib3.connectionpool.is_connection_dropped", lambda _: False)


@pytest.mark.usefixtures("unnoticed")
def test_request_on_a_connection_closed_meanwhile_is_sent_once_more() -> None:
    with serving(answering_once([OK])) as server, Client(server.url, Budget()) as client:
        for _ in range(2):
            assert isinstance(client.send(POST)[1], Response)
            time.sleep(0.02)
        assert client.resent == 1
    assert server.connections == 2


def test_target_that_closes_without_an_answer_twice_is_silent() -> None:
    def once(server: RawServer, connection: socket.socket) -> None:
        if server.connections == 1:
            server.receive(connection)
            connection.sendall(OK)
        server.receive(connection)

    with serving(once) as server, Client(server.url, Budget()) as client:
        client.send(POST)
        failure = client.send(POST)[1]
    assert isinstance(failure, Failure)
    assert failure.kind == "reset"
    assert client.resent == 1
    assert len(server.requests) == 3


def test_answer_that_breaks_off_is_not_asked_for_again() -> None:
    cut_off = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<a"
    with serving(answering(OK, cut_off)) as server, Client(server.url, Budget(seconds=0.5)) as client:
        client.send(POST)
        assert isinstance(client.send(POST)[1], Failure)
        assert client.resent == 0
    assert len(server.requests) == 2


def test_silence_on_a_kept_connection_is_a_timeout() -> None:
    def once(server: RawServer, connection: socket.socket) -> None:
        server.receive(connection)
        connection.sendall(OK)
        silent(server, connection)

    with serving(once) as server, Client(server.url, Budget(seconds=0.4)) as client:
        client.send(POST)
        failure = client.send(POST)[1]
    assert isinstance(failure, Failure)
    assert failure.kind == "timeout"
    assert client.resent == 0


def test_host_is_named_without_user_information() -> None:
    assert client_module.host_of("https://somebody:something@host.example:8443/a") == "host.example:8443"
