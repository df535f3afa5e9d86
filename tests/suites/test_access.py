"""Doors that vendors have: each kind of login and certificate, right and wrong, and no secret in any output."""

import base64
import gzip
import re
import ssl
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from guarded_servers import Certificates, Ended, Negotiating, before, field, proxying, short_run, status
from lxml import etree
from raw_servers import RawServer, serving
from zeep.wsse.username import UsernameToken

from contracts.errors import ContractError
from contracts.loader import load_services
from reference.server import Running, start
from reports.render import write_reports
from suites.access import Tls, tls_context
from suites.configuration import Configuration, read_configuration
from suites.replay import logged_exchange, replay
from suites.sources import ValueUnavailableError
from suites.username_token import (
    password_digest,
    username_token,
    with_header_entry,
    with_header_entry_in,
    without_header_entry_in,
)

SECRET = "s3cret-of-the-caller"


@pytest.fixture(scope="module")
def reference() -> Iterator[Running]:
    """The reference target."""
    with start() as running:
        yield running


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A private authority."""
    return Certificates(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret in the environment."""
    monkeypatch.setenv("CALLERS_SECRET", SECRET)


def path_of(reference: Running) -> str:
    """The path of the UTWS target."""
    return "/" + reference.targets["utws"].url.split("/", 3)[3]


def configured(folder: Path, url: str, more: str) -> Configuration:
    """The configuration of one target with more in its table."""
    file = folder / "targets.toml"
    file.write_text(f'[utws]\nurl = "{url}"\n{more}')
    return read_configuration(file, [], load_services())


def ran(folder: Path, url: str, more: str, **options: Any) -> Ended:
    """A short run against a target with more in its table."""
    return short_run(folder / "out", configured(folder, url, more).targets, **options)


def assert_no_secret(folder: Path, *secrets: str) -> None:
    """Renders every output of a run and looks for secrets in it, as they are and as Basic and base64 have them."""
    write_reports(folder / "out" / "evidence.jsonl", folder / "out")
    spelt = {each.encode() for each in secrets} | {base64.b64encode(each.encode()).rstrip(b"=") for each in secrets}
    files = [each for each in (folder / "out").iterdir() if each.is_file()]
    assert len(files) > 5
    for file in files:
        content = file.read_bytes()
        assert not [each for each in spelt if each in content], file


# --- logins -----------------------------------------------------------------------------------------------------------

BASIC = base64.b64encode(f"caller:{SECRET}".encode()).decode()
LOGINS: Mapping[str, tuple[str, str, str]] = {
    "basic": (
        '[utws.auth.basic]\nusername = "caller"\npassword = "env:CALLERS_SECRET"',
        "Authorization",
        f"Basic {BASIC}",
    ),
    "bearer": ('[utws.auth.bearer]\ntoken = "env:CALLERS_SECRET"', "Authorization", f"Bearer {SECRET}"),
    "api_key": ('[utws.auth.api_key]\nheader = "X-Key"\nvalue = "env:CALLERS_SECRET"', "X-Key", SECRET),
}


@pytest.mark.parametrize("scheme", LOGINS)
def test_login_by_field_lets_the_run_in_and_stays_out_of_every_output(
    reference: Running, tmp_path: Path, scheme: str
) -> None:
    table, name, value = LOGINS[scheme]

    def door(data: bytes) -> bytes | None:
        return None if field(data, name) == value else status(401, f'WWW-Authenticate: {scheme.title()} realm="here"')

    with serving(before(reference.port, door)) as server:
        run = ran(tmp_path, server.url + path_of(reference), table)
    assert run.verdict("known_good") == "conformant"
    assert run.given_up == ""
    assert len(server.requests) == run.reported.counts["planned"]
    shown = [value for each in run.reported.exchanges.values() for key, value in each.sent.headers if key == name]
    assert shown
    assert all(len(each) == len(value) and each.split()[:-1] == value.split()[:-1] for each in shown)
    assert_no_secret(tmp_path, SECRET, f"caller:{SECRET}")


@pytest.mark.parametrize("scheme", LOGINS)
def test_wrong_secret_ends_the_run_at_the_first_refusal(
    reference: Running, tmp_path: Path, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLERS_SECRET", "another-secret-than-that")
    table, name, value = LOGINS[scheme]
    door = lambda data: None if field(data, name) == value else status(401, "WWW-Authenticate: Any")  # noqa: E731
    with serving(before(reference.port, door)) as server:
        run = ran(tmp_path, server.url + path_of(reference), table, protocols=())
    assert len(server.requests) == 1
    assert run.reported.verdict == "incomplete"
    assert "401 Word, which offers Any" in run.given_up
    assert f"check [utws.auth.{scheme}]" in run.given_up
    assert_no_secret(tmp_path, "another-secret-than-that")


def test_target_that_asks_who_calls_is_no_violation(reference: Running, tmp_path: Path) -> None:
    with serving(before(reference.port, lambda _: status(401, 'WWW-Authenticate: Basic realm="x"'))) as server:
        run = ran(tmp_path, server.url + path_of(reference), "")
    assert run.violated == []
    assert "say how in [utws.auth]" in run.given_up
    assert run.reported.verdict == "incomplete"


def test_token_that_has_lapsed_is_asked_for_again(reference: Running, tmp_path: Path) -> None:
    counter = tmp_path / "count"
    counter.write_text("0")
    command = tmp_path / "token"
    command.write_text(f"#!/bin/sh\nn=$(($(cat {counter})+1)); echo $n > {counter}; echo token-number-000$n\n")
    command.chmod(0o700)
    seen: list[str] = []

    def door(data: bytes) -> bytes | None:
        seen.append(field(data, "Authorization"))
        lapsed = seen[-1] == "Bearer token-number-0001" and len(seen) > 4
        return status(401, "WWW-Authenticate: Bearer") if lapsed else None

    with serving(before(reference.port, door)) as server:
        run = ran(tmp_path, server.url + path_of(reference), f'[utws.auth.bearer]\ntoken = "command:{command}"')
    assert run.violated == []
    assert run.given_up == ""
    assert run.reported.counts["unauthorised"] == 1
    assert len(run.events("login renewed")) == 1
    assert {*seen} == {"Bearer token-number-0001", "Bearer token-number-0002"}
    assert_no_secret(tmp_path, "token-number-0001", "token-number-0002")


def security_header(data: bytes) -> dict[str, str]:
    """The texts of a request's UsernameToken by local name; empty where it has none."""
    try:
        root = etree.fromstring(data.partition(b"\r\n\r\n")[2])
    except etree.XMLSyntaxError:
        return {}
    token = root.find("{*}Header/{*}Security/{*}UsernameToken")
    return {} if token is None else {etree.QName(each).localname: each.text or "" for each in token}


@pytest.mark.parametrize("kind", ["digest", "text"])
def test_username_token_goes_with_every_envelope(reference: Running, tmp_path: Path, kind: str) -> None:
    nonces: list[str] = []

    def door(data: bytes) -> bytes | None:
        told = security_header(data)
        if not told:
            return None if b"<" in data and b"Envelope" not in data else status(500)
        nonce = base64.b64decode(told["Nonce"])
        nonces.append(told["Nonce"])
        right = password_digest(SECRET, nonce, told["Created"]) if kind == "digest" else SECRET
        return None if told["Password"] == right and told["Username"] == "caller" else status(500)

    table = f'[utws.auth.username_token]\nusername = "caller"\npassword = "env:CALLERS_SECRET"\ntype = "{kind}"'
    with serving(before(reference.port, door)) as server:
        run = ran(tmp_path, server.url + path_of(reference), table)
    assert run.verdict("known_good") == run.verdict("spellings") == "conformant"
    assert run.violated == []
    assert len(nonces) == len(set(nonces)) > 5
    digests = re.findall(rb"Digest\">([^<]+)</wsse:Password>", b"".join(data for _, data in server.requests))
    assert bool(digests) == (kind == "digest")
    assert_no_secret(tmp_path, SECRET, *(each.decode() for each in digests))


@pytest.mark.parametrize("case", ["chunked", "compressed"])
def test_username_token_goes_into_bodies_in_any_framing_and_coding(
    reference: Running, tmp_path: Path, case: str
) -> None:
    framed: list[dict[str, str]] = []

    def door(data: bytes) -> bytes | None:
        head, _, body = data.partition(b"\r\n\r\n")
        is_framed = b"chunked" in head or b"gzip" in head
        if b"chunked" in head:
            body = b"".join(body.split(b"\r\n")[1::2])
        plain = gzip.decompress(body) if b"gzip" in head else body
        told = security_header(b"\r\n\r\n" + plain)
        framed.extend([told] if is_framed else [])
        return None if told.get("Password") == SECRET else status(500)

    table = '[utws.auth.username_token]\nusername = "caller"\npassword = "env:CALLERS_SECRET"\ntype = "text"'
    with serving(before(reference.port, door)) as server:
        run = ran(tmp_path, server.url + path_of(reference), table, cases=("known_good", case), profile="standard")
    assert run.violated == []
    assert framed
    assert {each.get("Password") for each in framed} == {SECRET}
    assert_no_secret(tmp_path, SECRET)
    shown = [each.sent.body or b"" for each in run.reported.exchanges.values()]
    assert not [each for each in shown if each.startswith(b"\x1f\x8b") and SECRET.encode() in gzip.decompress(each)]


@pytest.mark.parametrize("kind", ["digest", "text"])
def test_replay_puts_a_fresh_token_in_the_place_of_the_old(reference: Running, tmp_path: Path, kind: str) -> None:
    """A password digest counts once; what stands for it in the log is worth nothing at all."""
    bodies: list[bytes] = []

    def door(data: bytes) -> bytes | None:
        told = security_header(data)
        bodies.append(data.partition(b"\r\n\r\n")[2])
        right = password_digest(SECRET, base64.b64decode(told["Nonce"]), told["Created"])
        return None if told["Password"] == (right if kind == "digest" else SECRET) else status(500)

    table = f'[utws.auth.username_token]\nusername = "caller"\npassword = "env:CALLERS_SECRET"\ntype = "{kind}"'
    with serving(before(reference.port, door)) as server:
        url = server.url + path_of(reference)
        ran(tmp_path, url, table, cases=("known_good", "spellings"))
        logged = logged_exchange(tmp_path / "out" / "evidence.jsonl", 2)
        first = bodies[1]
        operation = load_services()["utws"].operations["logsAvailable"]
        again, judgement = replay(logged, operation, configured(tmp_path, url, table).targets["utws"])
        with pytest.raises(ValueUnavailableError, match=r"give utws\.auth\.username_token in a file"):
            replay(logged, operation, configured(tmp_path, url, "").targets["utws"])
    assert again.response is not None
    assert again.response.status_code == 200
    assert not [each for each in judgement.findings if each.effect == "violation"]
    varying = re.compile(rb"Password Type=[^<]*<|<wsse:Nonce[^<]*<|<wsu:Created>[^<]*<")
    assert bodies[-1].count(b"UsernameToken>") == 2
    assert varying.sub(b"", bodies[-1]) == varying.sub(b"", first)
    assert bodies[-1] != first


@pytest.mark.parametrize(
    "envelope",
    ["<e:Envelope xmlns:e='urn:e'><e:Header a='1'/><e:Body/></e:Envelope>",
     "<e:Envelope xmlns:e='urn:e'><e:Header a='1'><x/></e:Header><e:Body/></e:Envelope>",
     "<e:Envelope xmlns:e='urn:e'><e:Body/></e:Envelope>",
     "<Envelope xmlns='urn:e'><Header></Header><Body/></Envelope>"],
)  # fmt: skip
@pytest.mark.parametrize("coding", ["", "gzip", "deflate"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entry_that_is_taken_out_and_put_in_again_leaves_no_trace(envelope: str, coding: str, encoding: str) -> None:
    plain = envelope.encode(encoding)
    body = {"gzip": lambda data: gzip.compress(data, mtime=0), "deflate": zlib.compress}.get(coding, bytes)(plain)
    entries = [username_token("a&b", "secret", digest=False).text for _ in range(2)]
    once = with_header_entry_in(body, coding, encoding, entries[0])
    assert once is not None
    taken_out = without_header_entry_in(once, coding, encoding)
    assert taken_out is not None
    assert without_header_entry_in(taken_out, coding, encoding) is None
    assert with_header_entry_in(taken_out, coding, encoding, entries[1]) == with_header_entry_in(
        body, coding, encoding, entries[1]
    )


def test_security_fault_on_the_known_good_message_is_a_login_that_failed(reference: Running, tmp_path: Path) -> None:
    fault = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode xmlns:w="urn:w">'
        b"w:FailedAuthentication</faultcode><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>"
    )
    table = '[utws.auth.username_token]\nusername = "caller"\npassword = "env:CALLERS_SECRET"'
    with serving(before(reference.port, lambda _: status(500, "Content-Type: text/xml", body=fault))) as server:
        run = ran(tmp_path, server.url + path_of(reference), table)
    assert len(server.requests) == 1
    assert run.violated == []
    assert "check [utws.auth.username_token]" in run.given_up


def test_ntlm_opens_each_connection_once(reference: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door = Negotiating(tmp_path, monkeypatch)
    table = '[utws.auth.ntlm]\nusername = "WORLD\\\\caller"\npassword = "env:CALLERS_SECRET"'
    with serving(door.handler(reference.port)) as server:
        run = ran(tmp_path, server.url + path_of(reference), table)
    assert run.verdict("known_good") == run.verdict("spellings") == "conformant"
    assert door.entered == door.asked > 1
    assert len(server.requests) == run.reported.counts["exchanges"] + door.asked
    assert_no_secret(tmp_path, SECRET)


def test_wrong_ntlm_password_ends_the_run(reference: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door = Negotiating(tmp_path, monkeypatch)
    monkeypatch.setenv("CALLERS_SECRET", "another-secret-than-that")
    table = '[utws.auth.ntlm]\nusername = "WORLD\\\\caller"\npassword = "env:CALLERS_SECRET"'
    with serving(door.handler(reference.port)) as server:
        run = ran(tmp_path, server.url + path_of(reference), table)
    assert door.entered == 0
    assert len(server.requests) <= 3
    assert "401 Word, which offers NTLM; check [utws.auth.ntlm]" in run.given_up
    assert run.reported.verdict == "incomplete"


# --- the header entry -------------------------------------------------------------------------------------------------


ENTRY = "<s:Header>*</s:Header>"


@pytest.mark.parametrize(
    "message, wanted",
    [
        ("<s:Envelope xmlns:s='u'><s:Body/></s:Envelope>", f"<s:Envelope xmlns:s='u'>{ENTRY}<s:Body/></s:Envelope>"),
        ("<Envelope xmlns='u'><Body/></Envelope>", "<Envelope xmlns='u'><Header>*</Header><Body/></Envelope>"),
        ("<s:Envelope><s:Header><a/></s:Header>", "<s:Envelope><s:Header>*<a/></s:Header>"),
        ("<s:Envelope><s:Header /><s:Body", f"<s:Envelope>{ENTRY}<s:Body"),
        ("<s:Envelope a='>'><!-- <s:Header> --><s:Body>", f"<s:Envelope a='>'>{ENTRY}<!-- <s:Header> --><s:Body>"),
        ("<?a <e?><!-- <e:Envelope> --><s:Envelope>", f"<?a <e?><!-- <e:Envelope> --><s:Envelope>{ENTRY}"),
        ("<!DOCTYPE s [<!ENTITY a '<b>'>]><s:Envelope>", f"<!DOCTYPE s [<!ENTITY a '<b>'>]><s:Envelope>{ENTRY}"),
        ("<Login/>", None),
        ("<s:Envelope/>", None),
        ("", None),
        ("Envelope", None),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_header_entry_leaves_the_rest_of_a_message_as_it_is(message: str, wanted: str | None, encoding: str) -> None:
    made = with_header_entry(message.encode(encoding), encoding, "*")
    assert made == (None if wanted is None else wanted.encode(encoding))


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", " GZIP"])
def test_header_entry_goes_into_a_packed_message(coding: str) -> None:
    pack = zlib.compress if coding == "deflate" else gzip.compress
    made = with_header_entry_in(pack(b"<s:Envelope><s:Body/></s:Envelope>"), coding, "utf-8", "*")
    assert made is not None
    assert zlib.decompress(made, zlib.MAX_WBITS | 32) == f"<s:Envelope>{ENTRY}<s:Body/></s:Envelope>".encode()
    assert with_header_entry_in(b"<s:Envelope>", coding, "utf-8", "*") is None


def test_digest_is_the_one_that_zeep_makes() -> None:
    moment, nonce = datetime(2024, 1, 15, 9, 30, tzinfo=UTC), b"a-nonce-of-bytes"
    envelope = etree.fromstring(
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>'
    )
    theirs = UsernameToken("caller", SECRET, use_digest=True, nonce=nonce.decode(), created=moment, zulu_timestamp=True)
    theirs.apply(envelope, {})
    ours = etree.fromstring(username_token("caller", SECRET, digest=True, created=moment, nonce=nonce).text)
    texts = [
        [(each.text, dict(each.attrib)) for each in root.iter("{*}Password", "{*}Nonce")] for root in (envelope, ours)
    ]
    assert [text for text, _ in texts[0]] == [text for text, _ in texts[1]]
    assert texts[0][0][1] == texts[1][0][1]


# --- TLS --------------------------------------------------------------------------------------------------------------


def over_tls(reference: Running, context: ssl.SSLContext, folder: Path, table: str) -> tuple[Ended, RawServer]:
    """A short run against the reference behind TLS."""
    with serving(before(reference.port, lambda _: None, context)) as server:
        url = server.url.replace("http:", "https:") + path_of(reference)
        return ran(folder, url, table, cases=("known_good",)), server


def test_private_authority_is_trusted_where_it_is_named(
    reference: Running, tmp_path: Path, certificates: Certificates
) -> None:
    table = f'[utws.tls]\nca = "{certificates.ca}"'
    run, _ = over_tls(reference, certificates.server(), tmp_path, table)
    assert run.verdict("known_good") == "conformant"


@pytest.mark.parametrize(
    "kind, words",
    [
        ("unknown", "give the private one's certificate as ca in"),
        ("expired", "certificate has expired"),
        ("other host", "The certificate is for another host"),
        ("asks", "client certificate"),
    ],
)
def test_certificates_that_are_no_use_are_told_apart(
    reference: Running, tmp_path: Path, certificates: Certificates, kind: str, words: str
) -> None:
    contexts = {
        "unknown": certificates.server,
        "expired": certificates.expired,
        "other host": lambda: certificates.server("elsewhere.example"),
        "asks": lambda: certificates.server(asks=True),
    }
    table = "" if kind == "unknown" else f'[utws.tls]\nca = "{certificates.ca}"'
    run, _ = over_tls(reference, contexts[kind](), tmp_path, table)
    assert words in run.given_up
    assert "does not answer: tls" in run.given_up
    assert run.violated == []
    assert run.reported.verdict == "incomplete"


def test_client_certificate_is_shown_where_it_is_asked_for(
    reference: Running, tmp_path: Path, certificates: Certificates
) -> None:
    table = f'[utws.tls]\nca = "{certificates.ca}"\ncertificate = "{certificates.client()}"'
    run, _ = over_tls(reference, certificates.server(asks=True), tmp_path, table)
    assert run.verdict("known_good") == "conformant"


def test_locked_key_wants_its_password(tmp_path: Path, certificates: Certificates) -> None:
    shown = certificates.client()
    key = serialization.load_pem_private_key(shown.read_bytes(), None)
    locked = tmp_path / "locked.pem"
    password = serialization.BestAvailableEncryption(SECRET.encode())
    form = serialization.PrivateFormat.PKCS8
    locked.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, password))
    tls = Tls(certificate=shown, key=locked)
    with pytest.raises(ValueUnavailableError, match=r"the key is locked: give its password"):
        tls_context(tls, "utws")
    right = Tls(certificate=shown, key=locked, password="env:CALLERS_SECRET")
    assert tls_context(right, "utws") is not None


# --- a proxy ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_tls", [False, True])
def test_requests_go_through_the_proxy_that_is_named(
    reference: Running, tmp_path: Path, certificates: Certificates, is_tls: bool
) -> None:
    context = certificates.server() if is_tls else None
    with (
        proxying("--basic-auth", f"caller:{SECRET}") as port,
        serving(before(reference.port, lambda _: None, context)) as server,
    ):
        table = (
            f'[utws.proxy]\nurl = "http://127.0.0.1:{port}"\nusername = "caller"\npassword = "env:CALLERS_SECRET"\n'
            f'[utws.tls]\nca = "{certificates.ca}"\n'
        )
        url = server.url.replace("http:", "https:" if is_tls else "http:") + path_of(reference)
        run = ran(tmp_path, url, table, cases=("known_good", "spellings"))
        wrong = ran(tmp_path, url, f'[utws.proxy]\nurl = "http://127.0.0.1:{port}"\n', cases=("known_good",))
    assert run.verdict("known_good") == run.verdict("spellings") == "conformant"
    assert "Give the proxy's username and password" in wrong.given_up
    assert wrong.violated == []
    assert_no_secret(tmp_path, SECRET, f"caller:{SECRET}")


# --- the configuration ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table, line, words",
    [
        ('[utws.auth.basic]\nusername = "a"\npassword = "hunter2hunter2"', 5, "a secret is not written here"),
        ("[utws.auth.bearer]\ntoken = 12345678901", 4, "a secret is not written here"),
        ('[utws.auth.bearer]\ntoken = "env:NOT_SET_ANYWHERE"', 4, "NOT_SET_ANYWHERE is not set"),
        ('[utws.auth.bearer]\ntoken = "file:nothing"', 4, "nothing cannot be read: No such file"),
        ('[utws.auth.basic]\nusername = "a"', 3, "'password' is a required property"),
        ('[utws.auth.digest]\nusername = "a"', 3, "Known here: api_key, basic"),
        (
            '[utws.auth.bearer]\ntoken = "env:CALLERS_SECRET"\n'
            '[utws.auth.basic]\nusername = "a"\npassword = "env:CALLERS_SECRET"',
            5,
            "both need the Authorization field",
        ),
        ('[utws.tls]\nca = "nothing.pem"', 4, "there is no such file"),
        ('[utws.tls]\nkey = "targets.toml"', 4, "a key without a certificate"),
        ('[utws.proxy]\nurl = "http://a:hunter2hunter2@host:1"', 4, "is not http://HOST:PORT"),
        ('[utws.proxy]\nurl = "socks5://host:1"', 4, "is not http://HOST:PORT"),
    ],
)
def test_access_that_cannot_be_is_refused_with_its_line(tmp_path: Path, table: str, line: int, words: str) -> None:
    with pytest.raises(ContractError) as caught:
        configured(tmp_path, "http://127.0.0.1:1/a.asmx", table).targets["utws"].require_sources()
    assert str(caught.value).startswith(f"{tmp_path / 'targets.toml'}:{line}: ")
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "12345678901" not in str(caught.value)


def test_secret_in_a_file_is_read_beside_the_configuration(reference: Running, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    door = lambda data: None if field(data, "X-Key") == SECRET else status(403)  # noqa: E731
    with serving(before(reference.port, door)) as server:
        table = '[utws.auth.api_key]\nheader = "X-Key"\nvalue = "file:secret"'
        run = ran(tmp_path, server.url + path_of(reference), table, cases=("known_good",))
    assert run.verdict("known_good") == "conformant"
    assert_no_secret(tmp_path, SECRET)
