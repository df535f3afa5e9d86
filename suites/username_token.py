"""The WS-Security header entry that names a user: UsernameToken, put into messages byte for byte as they are.

Source: OASIS Web Services Security UsernameToken Profile 1.0 and 1.1, section 3.1; SOAP Message Security 1.0,
sections 5 and 10 (header entry and Timestamp elements).
"""

import base64
import gzip
import hashlib
import re
import secrets
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from xml.sax.saxutils import escape

from contracts.values import in_xml

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
SECURITY = f"{_OASIS}-wssecurity-secext-1.0.xsd"
UTILITY = f"{_OASIS}-wssecurity-utility-1.0.xsd"
PROFILE = f"{_OASIS}-username-token-profile-1.0"
BASE64 = f"{_OASIS}-soap-message-security-1.0#Base64Binary"

NONCE_BYTES = 16

_MARKUP = re.compile(
    r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>|<!DOCTYPE(?:\[[^\]]*\]|\"[^\"]*\"|'[^']*'|[^\[\]>\"'])*>"
    r"|<(?P<end>/)?(?:(?P<prefix>[^\s<>/:\"'=]+):)?(?P<name>[^\s<>/:\"'=]+)"
    r"(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(?P<empty>/)?>",
    re.DOTALL,
)
"""What markup a message may begin with; start tags by prefix and local name."""


@dataclass(frozen=True, slots=True)
class Token:
    """A header entry around what in it is secret: a password, or the digest by which one can be guessed."""

    before: str
    secret: str
    after: str

    @property
    def text(self) -> str:
        """The whole entry."""
        return self.before + in_xml(self.secret) + self.after


def username_token(
    username: str,
    password: str,
    *,
    digest: bool,
    created: datetime | None = None,
    nonce: bytes | None = None,
) -> Token:
    """The Security header entry for a user; `created` and `nonce` are now and random where not given.

    The digest is Base64(SHA-1(nonce + created + password)), nonce and created as sent (section 3.1, line 189 of 1.0).
    """
    moment = (created or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    drawn = secrets.token_bytes(NONCE_BYTES) if nonce is None else nonce
    shown = password_digest(password, drawn, moment) if digest else password
    kind = "PasswordDigest" if digest else "PasswordText"
    before = (
        f'<wsse:Security xmlns:wsse="{SECURITY}" xmlns:wsu="{UTILITY}"><wsse:UsernameToken>'
        f'<wsse:Username>{escape(username)}</wsse:Username><wsse:Password Type="{PROFILE}#{kind}">'
    )
    after = (
        f'</wsse:Password><wsse:Nonce EncodingType="{BASE64}">{base64.b64encode(drawn).decode()}</wsse:Nonce>'
        f"<wsu:Created>{moment}</wsu:Created></wsse:UsernameToken></wsse:Security>"
    )
    return Token(before, shown, after)


def password_digest(password: str, nonce: bytes, created: str) -> str:
    """The digest that stands in the password's place."""
    material = nonce + created.encode() + password.encode()
    return base64.b64encode(hashlib.sha1(material, usedforsecurity=False).digest()).decode()


def with_header_entry_in(body: bytes, coding: str, encoding: str, entry: str) -> bytes | None:
    """A message in a content coding, with a header entry; the coding is undone for it, and done again.

    None for what is no Envelope, or not in the coding that is named (RFC 9110 section 8.4.1).
    """
    if coding.strip().lower() not in _PACKED:
        return with_header_entry(body, encoding, entry)
    try:
        plain = zlib.decompress(body, zlib.MAX_WBITS | 32)
    except zlib.error:
        return None
    entered = with_header_entry(plain, encoding, entry)
    return None if entered is None else _PACKED[coding.strip().lower()](entered)


def without_header_entry_in(body: bytes, coding: str, encoding: str) -> bytes | None:
    """A message as it was before an entry went into it, so that a fresh one may; None for one without.

    A Header that holds nothing else goes with it: with the next entry it comes back.
    """
    packed = _PACKED.get(coding.strip().lower())
    codec = "utf-16" if encoding.lower() in ("utf-16", "utf16") else encoding
    try:
        plain = zlib.decompress(body, zlib.MAX_WBITS | 32) if packed else body
        text = plain.decode(codec)
    except (zlib.error, UnicodeDecodeError, LookupError):
        return None
    found = _ENTRY.search(text)
    if found is None:
        return None
    left = _encoded(text[: found.start()] + text[found.end() :], plain, codec)
    return packed(left) if packed else left


_TOKEN = (
    f'<wsse:Security xmlns:wsse="{SECURITY}" xmlns:wsu="{UTILITY}"><wsse:UsernameToken>'
    "(?:(?!</?wsse:UsernameToken).)*</wsse:UsernameToken></wsse:Security>"
)
_ENTRY = re.compile(rf"<(?P<header>(?:[^\s<>/:]+:)?Header)>{_TOKEN}</(?P=header)>|{_TOKEN}", re.DOTALL)
"""An entry as `username_token` writes it, and the Header about it that holds nothing else."""

_PACKED: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": partial(gzip.compress, mtime=0),
    "x-gzip": partial(gzip.compress, mtime=0),
    "deflate": zlib.compress,
}
"""Content codings by the name that a request gives."""


def with_header_entry(body: bytes, encoding: str, entry: str) -> bytes | None:
    """A message with a header entry first in its Header, made if it has none.

    Only the tags before the entry are read, so that a message that is broken further on stays broken in its own way.
    None for a message that does not begin with an Envelope.
    """
    codec = "utf-16" if encoding.lower() in ("utf-16", "utf16") else encoding
    try:
        text = body.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return None
    found = _place(text)
    if found is None:
        return None
    start, end, before, after = found
    return _encoded(text[:start] + before + entry + after + text[end:], body, codec)


def _encoded(text: str, like: bytes, codec: str) -> bytes:
    """The text in the encoding, byte order and mark of the message that it comes from."""
    if codec == "utf-16":
        big = like.startswith(b"\xfe\xff")
        codec, mark = ("utf-16-be", b"\xfe\xff") if big else ("utf-16-le", b"\xff\xfe")
        return mark + text.encode(codec)
    return text.encode(codec, "xmlcharrefreplace")


def _place(text: str) -> tuple[int, int, str, str] | None:
    """Where an entry goes: from, to, and what stands before and after it. None for what is no envelope."""
    tags = (each for each in _MARKUP.finditer(text) if each["name"] is not None)
    envelope = next(tags, None)
    if envelope is None or envelope["name"] != "Envelope" or envelope["end"] or envelope["empty"]:
        return None
    prefix = f"{envelope['prefix']}:" if envelope["prefix"] else ""
    following = next(tags, None)
    if following is not None and following["name"] == "Header" and following["prefix"] == envelope["prefix"]:
        if not following["end"] and not following["empty"]:
            return following.end(), following.end(), "", ""
        if following["empty"]:
            opened = following[0][:-2].rstrip() + ">"
            return following.start(), following.end(), opened, f"</{prefix}Header>"
    return envelope.end(), envelope.end(), f"<{prefix}Header>", f"</{prefix}Header>"
