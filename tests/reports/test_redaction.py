"""No secret reaches an output, in whatever encoding; what stands in its place can be told apart and compared."""

import base64
import html
import json
import quopri
import re
import time
import unicodedata
from collections.abc import Callable
from html.entities import codepoint2name
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


NAMES = {code: name for code, name in codepoint2name.items() if len(name) >= 4}
"""HTML's names of characters, but for those too short for any reference to stand in their place."""


def _markup(value: str) -> str:
    return escape(value, {'"': "&quot;", "'": "&apos;"})


def _units(value: str) -> list[int]:
    """The UTF-16 code units of a value."""
    data = value.encode("utf-16-be")
    return [int.from_bytes(data[index : index + 2], "big") for index in range(0, len(data), 2)]


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
    "HTML names": (
        lambda value: "".join(f"&{NAMES[ord(each)]};" if ord(each) in NAMES else each for each in value).encode(),
        lambda data: re.sub(r"&#?\w+;", lambda found: html.unescape(found.group()), data.decode()),
    ),
    "XML three times": (
        lambda value: _markup(_markup(_markup(value))).encode(),
        lambda data: _unescape(_markup(_unescape(_markup(_unescape(data)).encode())).encode()),
    ),
    "percent three times": (
        lambda value: quote(quote(quote(value, safe=""), safe=""), safe="").encode(),
        lambda data: unquote(_unquote_twice(data)),
    ),
    "CDATA in pieces": (
        lambda value: f"<![CDATA[{value[:4]}]]><![CDATA[{value[4:]}]]>".encode(),
        _unescape,
    ),
    "split by an instruction": (
        lambda value: f"{_markup(value[:3])}<?a b?>{_markup(value[3:])}".encode(),
        lambda data: _unescape(data.replace(b"<?a b?>", b"")),
    ),
    "percent and u": (
        lambda value: "".join(f"%u{unit:04X}" for unit in _units(value)).encode(),
        lambda data: json.loads(b'"%s"' % data.replace(b"%u", b"\\u")),
    ),
    "octets in JavaScript": (
        lambda value: "".join(f"\\x{byte:02x}" for byte in value.encode()).encode(),
        lambda data: bytes.fromhex(data.replace(b"\\x", b"").decode()).decode(),
    ),
    "quoted-printable": (
        lambda value: quopri.encodestring(value.encode()),
        lambda data: quopri.decodestring(data).decode(),
    ),
    "hexadecimal": (lambda value: value.encode().hex().encode(), lambda data: bytes.fromhex(data.decode()).decode()),
    "base64 of UTF-16": (
        lambda value: base64.b64encode(f"<{value}".encode("utf-16-le")),
        lambda data: base64.b64decode(data).decode("utf-16-le")[1:],
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
@example(value="5f-<ses>&amp;'id'%25-Yt63")
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


@pytest.mark.parametrize("way", ["twice", "in lines", "in lines, in percent"])
@settings(max_examples=30, deadline=None, derandomize=True)
@given(value=SECRETS)
@example(value="Ünïcödé-sëcrët")
def test_a_secret_within_folded_or_nested_base64_is_replaced(way: str, value: str) -> None:
    whole = b"x" * 50 + value.encode() + b"!"
    once = base64.encodebytes(whole)
    encode, decode = {
        "twice": (lambda: base64.b64encode(once.replace(b"\n", b"")), lambda data: base64.b64decode(data)),
        "in lines": (lambda: once, lambda data: data),
        "in lines, in percent": (lambda: quote(once, safe="").encode(), lambda data: unquote(data.decode()).encode()),
    }[way]
    redacted = Redactor([value], key=KEY).redact(encode())
    decoded = base64.b64decode(decode(redacted))
    assert len(redacted) == len(encode())
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


NAME = "Zoë-Müller-Lemaître-42"


def test_a_cookie_in_utf_8_has_the_stand_in_of_the_same_name_elsewhere() -> None:
    redactor = Redactor(key=KEY)
    answer = Response(500, "Oops", (("Set-Cookie", f"user={NAME.encode().decode('latin-1')}; path=/"),), b"")
    redactor.learn_from(exchange(outcome=answer), OPERATION)
    assert redactor.redact(f"no {NAME} here".encode()).decode() == f"no {pseudonym(NAME, KEY)} here"
    assert (
        redactor.redact_text(f"user={NAME.encode().decode('latin-1')}").encode("latin-1").decode().startswith("user=")
    )


def test_a_value_in_other_letters_or_composed_otherwise_is_found() -> None:
    redactor = Redactor([NAME], key=KEY)
    for other in (NAME.upper(), NAME.lower(), unicodedata.normalize("NFD", NAME)):
        assert redactor.redact_text(other) != other
        assert len(redactor.redact_text(other)) == len(other)


def test_one_notation_does_not_bring_back_what_another_took() -> None:
    written = (_markup(_markup("p<ss&word-99")) + quote("p<ss&word-99", safe="")).encode()
    redacted = Redactor(["p<ss&word-99"], key=KEY).redact(written)
    assert b"word-99" not in redacted


_ODD = st.text(
    st.sampled_from([*"Ã«¼Â®ëüaZ<&% ", "\x80", "\xbf", "\ud800", "\udc80", "é", "€", "漢", "🗝"]),
    min_size=8,
    max_size=12,
)
_PIECES = st.sampled_from(
    [*(b"&#xe9; &#x %C3 %c3%ab \\ud83d \\xc3 =C3 <![CDATA[ ]]> &eacute; \xc3 \xff\xfe".split()), b"", b"\n", b"\0"]
)


@st.composite
def _hidden(draw: st.DrawFn) -> tuple[list[str], bytes]:
    """Learnt values, and bytes with parts of them in charsets and escapes that do not go together."""
    values = draw(st.lists(_ODD, min_size=1, max_size=3))
    parts = []
    for value in values:
        charset = draw(st.sampled_from(["utf-8", "latin-1", "utf-16-le"]))
        parts += [draw(_PIECES), value.encode(charset, "replace" if charset == "latin-1" else "surrogatepass")]
        parts.append(
            draw(_PIECES)
            + quote(value.encode("utf-8", "surrogatepass"), safe=draw(st.sampled_from(["", "%<&"]))).encode()
        )
    return values, b"".join([*parts, draw(_PIECES)])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(hidden=_hidden())
@example(hidden=([NAME.encode().decode("latin-1")], f"{NAME} Zo\\u00eb-M\\u00fcller-Lema\\u00eetre-42".encode()))
@example(hidden=(["«abcdefgh-12"], "ëabcdefgh-12".encode()))
@example(hidden=(["\x80\x80\x80\x80\x80\x80\x80\x80-12"], "一&#x4e00;一一一一-12".encode()))
def test_whatever_was_learnt_redacting_keeps_length_and_encoding(hidden: tuple[list[str], bytes]) -> None:
    values, data = hidden
    redactor = Redactor(values, key=KEY)
    redacted = redactor.redact(data)
    assert len(redacted) == len(data)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    else:
        redacted.decode()
    assert len(redactor.redact_text(text)) == len(text)
    redactor.redact_path(text, OPERATION)
    redactor.redact_request(data, OPERATION)
    redactor.redact_response(data, OPERATION)


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
        b"\0" * 200_000,
        b"a<?" * 100_000,
        b"<![CDATA[" * 100_000,
        base64.b64encode(bytes(range(256)) * 800),
        b"0123456789abcdef" * 10_000,
        b"&amp;amp;%2525\\u0041=3D\n" * 5_000,
    ],
    ids=[
        "members",
        "comments",
        "tags",
        "JSON",
        "escapes",
        "NULs",
        "instructions",
        "sections",
        "base64",
        "hex",
        "layers",
    ],
)
def test_a_hostile_answer_is_redacted_in_time_that_grows_with_its_length(hostile: bytes) -> None:
    redactor = Redactor([SESSION])
    started = time.perf_counter()
    redactor.learn_from(exchange(answer=hostile), OPERATION)
    assert redactor.redact_response(hostile, OPERATION) == hostile
    assert time.perf_counter() - started < 5
