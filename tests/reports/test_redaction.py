"""No secret reaches an output, in whatever encoding; what stands in its place can be told apart and compared."""

import base64
import json
import re
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus, unquote, unquote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from report_samples import OPERATION, SESSION, envelope, exchange

from contracts.judge.records import Response
from reports.pseudonyms import pseudonym
from reports.redaction import Redactor

KEY = b"k" * 32

_ALPHABET = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))
SECRETS = st.one_of(
    st.text(_ALPHABET, min_size=8, max_size=40),
    st.text("0123456789", min_size=8, max_size=20),
    st.text("0123456789abcdef", min_size=8, max_size=32),
    st.uuids().map(str),
    st.binary(min_size=12, max_size=24).map(lambda data: base64.b64encode(data).decode()),
).filter(lambda value: sum(character.isalnum() for character in value) >= 4)


_PARSER = etree.XMLParser(remove_comments=True)


def _unescape(data: bytes) -> str:
    """Character data as an XML parser reports it, for data without a root element."""
    return etree.fromstring(b"<root>" + data + b"</root>", _PARSER).text or ""


def _markup(value: str) -> str:
    return escape(value, {'"': "&quot;", "'": "&apos;"})


def _unquote_twice(data: bytes) -> str:
    return unquote(unquote(data.decode()))


WAYS = {
    "raw": (str.encode, bytes.decode),
    "markup escaped": (lambda value: _markup(value).encode(), _unescape),
    "decimal references": (lambda value: "".join(f"&#{ord(each)};" for each in value).encode(), _unescape),
    "hexadecimal references": (lambda value: "".join(f"&#x{ord(each):X};" for each in value).encode(), _unescape),
    "padded references": (lambda value: "".join(f"&#{ord(each):09};" for each in value).encode(), _unescape),
    "split by a comment": (lambda value: f"{_markup(value[:3])}<!-- -->{_markup(value[3:])}".encode(), _unescape),
    "partly CDATA": (lambda value: f"{_markup(value[:3])}<![CDATA[{value[3:]}]]>".encode(), _unescape),
    "quote": (lambda value: quote(value, safe="").encode(), lambda data: unquote(data.decode())),
    "quote_plus": (lambda value: quote_plus(value).encode(), lambda data: unquote_plus(data.decode())),
    "every byte in percent": (
        lambda value: "".join(f"%{byte:02x}" for byte in value.encode()).encode(),
        lambda data: unquote(data.decode()),
    ),
    "percent within XML": (lambda value: _markup(quote(value)).encode(), lambda data: unquote(_unescape(data))),
    "percent twice": (lambda value: quote(quote(value, safe=""), safe="").encode(), _unquote_twice),
    "JSON": (lambda value: json.dumps(value).encode(), json.loads),
    "JSON as UTF-8": (lambda value: json.dumps(value, ensure_ascii=False).encode(), json.loads),
    "JSON within XML": (lambda value: _markup(json.dumps(value)).encode(), lambda data: json.loads(_unescape(data))),
    "UTF-16LE": (lambda value: f"<{value}".encode("utf-16-le"), lambda data: data.decode("utf-16-le")[1:]),
    "UTF-16BE": (lambda value: f"<{value}".encode("utf-16-be"), lambda data: data.decode("utf-16-be")[1:]),
    "UTF-16 with a mark": (lambda value: f"<{value}".encode("utf-16"), lambda data: data.decode("utf-16")[1:]),
    "UTF-16 at an odd offset": (
        lambda value: b"x" + f"ab{value}".encode("utf-16-le"),
        lambda data: data[1:].decode("utf-16-le")[2:],
    ),
    "ISO 8859-1": (lambda value: value.encode("iso-8859-1", "replace"), lambda data: data.decode("iso-8859-1")),
}


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=30, deadline=None, derandomize=True)
@given(value=SECRETS)
@example(value=SESSION)
@example(value="p&ss<word>\"'\\ %+/=")
@example(value="Ünïcödé-sëcrët")
@example(value="秘密の合言葉です、誰にも")
@example(value="🗝️🗝️🗝️🗝️abcdefgh")
def test_a_secret_is_replaced_by_its_stand_in_in_any_encoding(way: str, value: str) -> None:
    encode, decode = WAYS[way]
    written = encode(value)
    assume(decode(written) == value)
    redacted = Redactor([value], key=KEY).redact(written)
    assert decode(redacted) == pseudonym(value, KEY)
    assert len(redacted) == len(written)


@pytest.mark.parametrize("before", [b"", b":", b"u:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@settings(max_examples=30, deadline=None, derandomize=True)
@given(value=SECRETS)
def test_a_secret_within_base64_is_replaced(before: bytes, encode: Callable[[bytes], bytes], value: str) -> None:
    written = encode(before + value.encode() + b"!")
    redacted = Redactor([value], key=KEY).redact(written)
    assert len(redacted) == len(written)
    decoded = base64.b64decode(redacted, altchars=b"-_" if encode is base64.urlsafe_b64encode else None)
    assert value.encode()[1:-1] not in decoded
    assert pseudonym(value, KEY).encode()[1:-1] in decoded


@settings(max_examples=200, deadline=None, derandomize=True)
@given(value=SECRETS, key=st.binary(min_size=32, max_size=32))
def test_a_stand_in_has_the_length_and_lexical_type_of_its_value(value: str, key: bytes) -> None:
    made = pseudonym(value, key)
    assert made != value
    assert [len(character.encode()) for character in made] == [len(character.encode()) for character in value]
    for pattern in (r"\d+", r"[0-9a-f]+", r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", r"[A-Za-z0-9+/]+=*"):
        if re.fullmatch(pattern, value):
            assert re.fullmatch(pattern, made)


def test_a_number_stays_within_the_range_of_its_type() -> None:
    keys = [bytes([byte]) * 32 for byte in range(64)]
    assert all(int(pseudonym("9223372036854775807", key)) < 2**63 for key in keys)
    assert all(int(pseudonym("2147483647", key)) < 2**31 for key in keys)


def test_the_same_secret_has_the_same_stand_in_and_others_have_others() -> None:
    redactor = Redactor([SESSION, "another-session"])
    first, second, third = redactor.redact_text(f"{SESSION} {SESSION} another-session").split(" ")
    assert first == second == redactor.redact_text(SESSION)
    assert third != first


def test_two_runs_give_different_stand_ins() -> None:
    assert Redactor([SESSION]).redact_text(SESSION) != Redactor([SESSION]).redact_text(SESSION)


def test_a_guid_is_found_in_the_other_forms_that_servers_write() -> None:
    redactor = Redactor([SESSION])
    for form in (SESSION.upper(), SESSION.replace("-", ""), f"{{{SESSION}}}"):
        assert redactor.redact_text(form) != form


def test_text_without_secrets_is_returned_as_it_is() -> None:
    body = envelope("<a>&lt;b&gt; %41 \\u0041 &#65;</a>")
    assert Redactor([SESSION, "hunter2hunter2"]).redact(body) == body


def test_thousands_of_secrets_are_all_found() -> None:
    values = [f"session-{number:05d}-{number * 7919 % 10007:05d}" for number in range(2000)]
    redactor = Redactor(values, key=KEY)
    redacted = redactor.redact(" ".join(values[::17]).encode())
    assert not any(value.encode() in redacted for value in values)


def test_a_short_secret_is_replaced_where_it_is_declared_and_nowhere_else() -> None:
    redactor = Redactor(["4711"], key=KEY)
    body = envelope('<Lookup xmlns="urn:depot"><c:Pin kind="x"> 4711 </c:Pin><Part>4711</Part></Lookup>')
    redacted = redactor.redact_request(body, OPERATION)
    made = pseudonym("4711", KEY).encode()
    assert redacted == body.replace(b"> 4711 <", b"> " + made + b" <")
    assert redactor.redact_path("/Lookup?Pin=4711&Part=4711", OPERATION) == f"/Lookup?Pin={made.decode()}&Part=4711"


@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_a_short_value_of_a_declared_response_member_is_replaced(charset: str) -> None:
    body = "<R><Token>ab12</Token><Token/><Stock>ab12</Stock></R>".encode(charset)
    text = Redactor().redact_response(body, OPERATION).decode(charset)
    assert "<Token>ab12" not in text
    assert "<Token/><Stock>ab12" in text


@pytest.mark.parametrize(
    "answer",
    [
        b"<R><d:Token>tok-9f8e7d6c5b</d:Token></R>",
        b"<R><Token a='b'><![CDATA[tok-9f8e7d6c5b]]></Token></R>",
        b"<R><Token>tok&#45;9f8e7d6c5b",
        b'{"Token": "tok-9f8e7d6c5b"}',
        "<R><Token>tok-9f8e7d6c5b</Token></R>".encode("utf-16"),
    ],
)
def test_a_token_is_learned_from_the_answer_that_brings_it(answer: bytes) -> None:
    redactor = Redactor()
    redactor.learn_from(exchange(answer=answer), OPERATION)
    assert b"tok-9f8e7d6c5b" not in redactor.redact(b"later: tok-9f8e7d6c5b")


def test_a_cookie_is_learned() -> None:
    redactor = Redactor()
    answer = Response(200, "OK", (("Set-Cookie", "ss-id=Zm9vYmFyYmF6; path=/; HttpOnly"),), b"")
    redactor.learn_from(exchange(outcome=answer), OPERATION)
    assert "Zm9vYmFyYmF6" not in redactor.redact_text("Cookie: ss-id=Zm9vYmFyYmF6")


@pytest.mark.parametrize("value", ["00000000-0000-0000-0000-000000000000", "String", "", "7", "urn:depot"])
def test_what_is_no_secret_is_not_learned(value: str) -> None:
    redactor = Redactor()
    redactor.learn_from(exchange(answer=f"<R><Token>{value}</Token></R>".encode()), OPERATION)
    assert redactor.redact_text(f"see {value} here") == f"see {value} here"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.binary(max_size=300))
def test_any_bytes_can_be_redacted(data: bytes) -> None:
    redactor = Redactor([SESSION, "hunter2hunter2"])
    assert redactor.redact(data) == data
    assert len(redactor.redact_response(data, OPERATION)) >= 0


@pytest.mark.parametrize(
    "hostile",
    [
        b"<Token><!--" * 50_000,
        b"<!--" * 200_000,
        b"<Token " * 50_000,
        b'"Token":"' * 50_000,
        b"&lt;%41\\u0041" * 50_000,
    ],
    ids=["members", "comments", "tags", "JSON", "escapes"],
)
def test_a_hostile_answer_is_redacted_in_time_that_grows_with_its_length(hostile: bytes) -> None:
    redactor = Redactor([SESSION])
    started = time.perf_counter()
    redactor.learn_from(exchange(answer=hostile), OPERATION)
    assert redactor.redact_response(hostile, OPERATION) == hostile
    assert time.perf_counter() - started < 5
