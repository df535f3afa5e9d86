"""Whatever bytes come back, the judge says something of them: it never raises, fetches, expands or takes long."""

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from exchanges import (
    BINDINGS,
    MEDIA_TYPES,
    SUCCESS,
    UTWS,
    answered,
    envelope,
    judged,
    login,
    logs,
    look,
    message,
    named,
    names,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.names import XSI

SECONDS = 20.0
"""What one hostile answer may take: far more than it does, far less than it would if it were followed."""


class _Watch(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(404)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(name="bait", scope="module")
def server_that_nobody_may_ask() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Watch", (_Watch,), {"asked": asked}))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/bait", asked
    server.shutdown()
    server.server_close()
    thread.join()


BOMB = (
    "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(8))
    + "]>"
)

HOSTILE: dict[str, str | bytes] = {
    "empty": b"",
    "binary": bytes(range(256)) * 50,
    "zeros": b"\0" * 1000,
    "HTML": "<!DOCTYPE html><html><body><br>&nbsp;</body></html>",
    "half a BOM": b"\xff",
    "UTF-16 cut off": SUCCESS["utws/soap11"].encode("utf-16")[:-1],
    "UTF-32": SUCCESS["utws/soap11"].encode("utf-32"),
    "false encoding": b'<?xml version="1.0" encoding="utf-16"?>' + SUCCESS["utws/soap11"].encode(),
    "unknown encoding": b'<?xml version="1.0" encoding="x-none"?><a/>',
    "entity bomb": BOMB + envelope(logs("&i;")),
    "entity in a value": "<!DOCTYPE x [<!ENTITY e 'x'>]>" + login("<LoginToken>&e;</LoginToken>"),
    "entity in a SOAP value": "<!DOCTYPE x [<!ENTITY e 'x'>]>" + SUCCESS["utws/soap11"].replace("Details", "&e;"),
    "deep": "<a>" * 100_000 + "</a>" * 100_000,
    "deep content": envelope(logs("<a>" * 240 + "</a>" * 240)),
    "huge attribute": f'<a b="{"x" * 11_000_000}"/>',
    "huge text": envelope(f"<a>{'x' * 11_000_000}</a>"),
    "huge name": f"<{'a' * 60_000}/>",
    "many attributes": "<a " + " ".join(f'a{n}="x"' for n in range(4_000)) + "/>",
    "many wrong items": envelope(logs("<SessionsToPublish/>" * 4_000)),
    "many unknown items": envelope(logs("<x/>" * 4_000)),
    "comment only": b"<!-- nothing -->",
    "odd names": envelope(
        '<f:Fault xmlns:f="urn:f"/><s:Fault><faultcode>:</faultcode><s:Code><s:Value/></s:Code></s:Fault>'
    ),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_answer_is_judged_in_time(body: str | bytes) -> None:
    for binding in ("utws/soap11", "studebaker/xml", "ecgridos/http_get", "partstream/soap11"):
        started = time.perf_counter()
        judgement = look(binding, body)
        assert time.perf_counter() - started < SECONDS
        assert len(judgement.findings) < 60
        assert all(len(each.actual) < 1000 for each in judgement.findings)


@pytest.mark.parametrize("name", ["deep", "huge attribute", "huge name"])
def test_answer_beyond_our_limits_is_not_called_ill_formed(name: str) -> None:
    judgement = look("utws/soap11", HOSTILE[name], expectation="either")
    assert names(judgement) == {"BeyondLimits"}
    assert named(judgement, "BeyondLimits").effect == "note"


def test_document_type_is_reported_and_its_entities_are_not_expanded() -> None:
    judgement = look("utws/soap11", HOSTILE["entity in a SOAP value"], expectation="either")
    assert {"DocumentTypeInAnswer", "InvalidContent"} <= names(judgement)
    assert named(judgement, "InvalidContent").effect == "deviation"


def test_nothing_outside_the_answer_is_read(bait: tuple[str, list[str]], tmp_path: Path) -> None:
    url, asked = bait
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP-SECRET", "utf-8")
    hints = f' xmlns:i="{XSI}" i:schemaLocation="{UTWS} {url}" i:noNamespaceSchemaLocation="{url}"'
    for outside in (url, secret.as_uri()):
        for dtd in (
            f'<!DOCTYPE x SYSTEM "{outside}">',
            f'<!DOCTYPE x [<!ENTITY e SYSTEM "{outside}">]>',
            f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{outside}"> %p;]>',
        ):
            for binding in BINDINGS:
                assert "TOP-SECRET" not in repr(look(binding, dtd + SUCCESS[binding]))
                assert "TOP-SECRET" not in repr(look(binding, dtd + login("<LoginToken>&e;</LoginToken>")))
    look("utws/soap11", envelope(logs("<x/>"), attributes=hints))
    look(
        "utws/soap11",
        f'<?xml-stylesheet href="{url}"?>'
        + envelope(logs().replace("xmlns=", f'i:schemaLocation="{UTWS} {url}" xmlns=')),
    )
    assert asked == []


CHARSETS = st.sampled_from(["utf-8", "utf-16", "x", "hex", "idna", "undefined", "a\0b", "é", "punycode", '"', "utf-7"])
CONTENT_TYPES = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.sampled_from(sorted(set(MEDIA_TYPES.values()))),
    st.builds("text/xml; charset={}".format, CHARSETS),
)
FIELDS = st.lists(
    st.tuples(
        st.sampled_from(["X-Status", "Content-Encoding", "Content-Type", "x"]),
        st.one_of(st.text(max_size=20), st.sampled_from(["gzip", "500", "9" * 5000, "\u0665\u0660\u0660"])),
    ),
    max_size=3,
).map(tuple)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Arbitrary bytes, or a documented answer of some binding with a few bytes cut out, put in or changed."""
    body = bytearray(draw(st.sampled_from([*SUCCESS.values(), login(""), ""])).encode())
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(body)))
        pieces = st.one_of(
            st.binary(max_size=4), st.sampled_from([b"<", b"&", b"</a>", b"<!--", b' a=""', b"]]>", b"\0"])
        )
        body[start : start + draw(st.integers(0, 6))] = draw(pieces)
    return draw(st.one_of(st.just(bytes(body)), st.binary(max_size=60)))


@pytest.mark.parametrize("binding", BINDINGS)
@settings(derandomize=True, max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(body=bodies(), status=st.integers(100, 999), media_type=CONTENT_TYPES, headers=FIELDS, data=st.data())
def test_judge_never_raises(binding: str, body: bytes, status: int, media_type: Any, headers: Any, data: Any) -> None:
    to = message(
        binding,
        expectation=data.draw(st.sampled_from(["accept", "process", "reject", "either"])),
        kind=data.draw(st.sampled_from(["sample", "defect"])),
        request=data.draw(st.one_of(st.none(), st.binary(max_size=20))),
        uses_credentials=data.draw(st.booleans()),
        requirement=data.draw(
            st.sampled_from(["page/sample/known-good-is-answered", "studebaker/Login/invalid-login-gets-no-token"])
        ),
    )
    judgement = judged(answered(to, body, status=status, media_type=media_type, headers=headers, number=101))
    assert len(judgement.observed) == len(set(judgement.observed))
