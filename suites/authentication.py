"""What proves to a target who calls: fields and header entries that are added to a request just before it is sent."""

import base64
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from contracts.judge.records import Headers, Request
from suites.access import BY_CONNECTION, Access, Login, Scheme
from suites.sources import ValueUnavailableError, is_renewable, resolve
from suites.username_token import username_token, with_header_entry_in

Guard: TypeAlias = Callable[[str], str]
"""Takes note of a secret, and gives what stands for it in evidence."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A request with what proves who calls, and the same request as evidence shows it."""

    request: Request
    shown: Request


class Authentication:
    """The logins of one target. Secrets are had when they are first needed, and again after `renew`.

    Clients of several threads share them. `renewals` counts how often they were forgotten.
    """

    def __init__(self, access: Access, service: str, guard: Guard, *, is_plain: bool = False) -> None:
        """`is_plain` says that requests go to a proxy as they are, not through a tunnel."""
        self._access = access
        self._service = service
        self._guard = guard
        self.is_plain = is_plain
        self._known: dict[tuple[str, str], str] = {}
        self._asking = threading.Lock()
        self.renewals = 0

    @property
    def is_renewable(self) -> bool:
        """Whether asking again may give other secrets."""
        return any(is_renewable(each) for login in self._access.logins for each in login.settings.values())

    @property
    def is_by_connection(self) -> Login | None:
        """The login that a connection is opened with, if there is one (NTLM, Negotiate)."""
        return next((each for each in self._access.logins if each.scheme in BY_CONNECTION), None)

    def renew(self) -> None:
        """Forgets the secrets, so that those that have lapsed are asked for again."""
        self._known = {}
        self.renewals += 1

    def setting(self, login: Login, name: str) -> str:
        """A login's setting, known until renewed. Raises ValueUnavailableError."""
        with self._asking:
            return self._setting(login, name)

    def _setting(self, login: Login, name: str) -> str:
        key, known = (login.scheme, name), self._known
        if key not in known:
            value = login.setting(name, self._service)
            if login.scheme != "username_token" and not value.isprintable():
                what = f"{self._service}.auth.{login.scheme}.{name}"
                raise ValueUnavailableError(f"{what}: the value holds characters that no field can hold")
            known[key] = value
        return known[key]

    def proven(self, request: Request) -> Proven:
        """The request with what each login adds. Raises ValueUnavailableError."""
        proof = Proven(request, request)
        for login in self._access.logins:
            if login.scheme in _ADD:
                proof = _ADD[login.scheme](self, login, proof)
        blob = self.proxy_authorization if self.is_plain else ""
        return (
            _with_field(proof, "Proxy-Authorization", f"Basic {blob}", f"Basic {self._guard(blob)}") if blob else proof
        )

    def with_token(self, login: Login, token: str, proof: Proven) -> Proven:
        """A request with the token that a connection is opened with."""
        return self._with_authorization("NTLM" if login.scheme == "ntlm" else "Negotiate", token, proof)

    @cached_property
    def proxy_authorization(self) -> str:
        """User name and password for the proxy as Basic credentials; empty where it wants none."""
        proxy = self._access.proxy
        if proxy is None or proxy.username is None:
            return ""
        what = f"{self._service}.proxy"
        password = resolve(proxy.password, f"{what}.password") if proxy.password else ""
        blob = _basic(resolve(proxy.username, f"{what}.username"), password)
        self._guard(blob)
        return blob

    def basic(self, login: Login, proof: Proven) -> Proven:
        """RFC 7617: user name and password in UTF-8."""
        blob = _basic(self.setting(login, "username"), self.setting(login, "password"))
        return self._with_authorization("Basic", blob, proof)

    def bearer(self, login: Login, proof: Proven) -> Proven:
        """RFC 6750, section 2.1."""
        return self._with_authorization("Bearer", self.setting(login, "token"), proof)

    def api_key(self, login: Login, proof: Proven) -> Proven:
        """A field of the target's own."""
        value = self.setting(login, "value")
        return _with_field(proof, self.setting(login, "header"), value, self._guard(value))

    def username_token(self, login: Login, proof: Proven) -> Proven:
        """A WS-Security header entry, in messages that have an Envelope to put it in."""
        if proof.request.body is None:
            return proof
        token = username_token(
            self.setting(login, "username"),
            self.setting(login, "password"),
            digest=login.settings.get("type", "digest") == "digest",
        )
        told = replace(token, secret=self._guard(token.secret))
        coding = next((value for name, value in proof.request.headers if name.lower() == "content-encoding"), "")
        given = proof.request.body, coding, proof.request.encoding
        bodies = [with_header_entry_in(*given, each.text) for each in (token, told)]
        if bodies[0] is None:
            return proof
        return Proven(replace(proof.request, body=bodies[0]), replace(proof.shown, body=bodies[1]))

    def _with_authorization(self, word: str, value: str, proof: Proven) -> Proven:
        return _with_field(proof, "Authorization", f"{word} {value}", f"{word} {self._guard(value)}")


def _basic(username: str, password: str) -> str:
    return base64.b64encode(f"{username}:{password}".encode()).decode()


def _with_field(proof: Proven, name: str, value: str, told: str) -> Proven:
    """A field more, in place of one of that name."""
    return Proven(
        replace(proof.request, headers=_replaced(proof.request.headers, name, value)),
        replace(proof.shown, headers=_replaced(proof.shown.headers, name, told)),
    )


def _replaced(headers: Headers, name: str, value: str) -> Headers:
    return (*(each for each in headers if each[0].lower() != name.lower()), (name, value))


_ADD: Mapping[Scheme, Callable[[Authentication, Login, Proven], Proven]] = {
    "basic": Authentication.basic,
    "bearer": Authentication.bearer,
    "api_key": Authentication.api_key,
    "username_token": Authentication.username_token,
}
"""What the schemes that go with every request add to it."""
