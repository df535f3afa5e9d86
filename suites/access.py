"""How a target is reached and entered: TLS, a proxy, and what proves to it who calls.

Secrets stand here as their sources (`env:NAME`, `file:PATH`, `command:...`), never as themselves.
"""

import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from contracts.errors import ContractError, Place
from suites.negotiation import is_available
from suites.sources import ValueUnavailableError, anchored, is_known_beforehand, is_secret_source, resolve

Scheme: TypeAlias = Literal["basic", "bearer", "api_key", "ntlm", "negotiate", "username_token"]
PlaceOf: TypeAlias = Callable[[list[str]], Place]
"""From a path of keys in a configuration to where it stands."""

SECRETS: Mapping[str, tuple[str, ...]] = {
    "basic": ("password",),
    "bearer": ("token",),
    "api_key": ("value",),
    "ntlm": ("password",),
    "negotiate": ("password",),
    "username_token": ("password",),
}
"""The settings of each scheme that are secret. Every other setting, a user name above all, may stand as it is."""

_AUTHORIZATION = frozenset({"basic", "bearer", "ntlm", "negotiate"})
"""The schemes that fill the Authorization field, of which a request has one (RFC 9110 section 11.6.2)."""


BY_CONNECTION = frozenset({"ntlm", "negotiate"})
"""The schemes that prove the caller of a connection, not of a request."""


class AccessError(ContractError):
    """A target's access cannot be set up as the configuration has it."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Whom a target is trusted on the word of, and what it is shown of us. `password` opens the key; a source."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Proxy:
    """The HTTP proxy that requests go through; user name and password are sources."""

    url: str
    username: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """One way of proving who calls, with its settings as configured."""

    scheme: Scheme
    settings: Mapping[str, str]

    def setting(self, name: str, service: str) -> str:
        """A setting's value; empty where it is not given. Raises ValueUnavailableError."""
        source = self.settings.get(name, "")
        return resolve(source, f"{service}.auth.{self.scheme}.{name}") if source else ""


@dataclass(frozen=True, slots=True)
class Access:
    """How one target is reached and entered."""

    tls: Tls = field(default_factory=Tls)
    proxy: Proxy | None = None
    logins: tuple[Login, ...] = ()

    def guarded(self, service: str) -> Iterator[tuple[str, str]]:
        """The sources of every value that may reach no output, each with the name of its setting."""
        for login in self.logins:
            for name, source in login.settings.items():
                if name in SECRETS[login.scheme] or is_secret_source(source):
                    yield source, f"{service}.auth.{login.scheme}.{name}"
        told = self.proxy or Proxy("")
        for name, given in (("username", told.username), ("password", told.password)):
            if given and (name == "password" or is_secret_source(given)):
                yield given, f"{service}.proxy.{name}"
        if self.tls.password:
            yield self.tls.password, f"{service}.tls.password"


DIRECT = Access()
"""No proxy, nothing to prove, the usual certificate authorities."""


def read_access(
    table: Mapping[str, Any], service: str, folder: Path, place: PlaceOf, lacking: list[ContractError]
) -> Access:
    """The access of a target's table in targets.toml. Paths are relative to its folder. Raises AccessError.

    Variables and files that are not there are added to `lacking`.
    """
    file = _File(folder, place, lacking)
    logins = tuple(
        Login(scheme, _settings(settings, SECRETS[scheme], [service, "auth", scheme], file))
        for scheme, settings in table.get("auth", {}).items()
    )
    fields = [each.scheme for each in logins if each.scheme in _AUTHORIZATION]
    if len(fields) > 1:
        problem = f"{service}.auth: {' and '.join(fields)} both need the Authorization field: choose one"
        raise AccessError(place([service, "auth", fields[1]]), problem)
    by_token = next((each.scheme for each in logins if each.scheme in BY_CONNECTION), None)
    if by_token is not None and not is_available():
        problem = f"{service}.auth.{by_token}: needs pyspnego: pip install pyspnego"
        raise AccessError(place([service, "auth", by_token]), problem)
    return Access(_tls(table, service, file), _proxy(table, service, file), logins)


@dataclass(frozen=True, slots=True)
class _File:
    """The file that is read: its folder, where keys stand in it, and what it names and cannot be had."""

    folder: Path
    place: PlaceOf
    lacking: list[ContractError]


def _tls(table: Mapping[str, Any], service: str, file: _File) -> Tls:
    told = dict(table.get("tls", {}))
    passwords = {name: told.pop(name) for name in ("password",) if name in told}
    place, known = file.place, len(file.lacking)
    sources = _settings(passwords, ("password",), [service, "tls"], file)
    files = {}
    for name, path in told.items():
        files[name] = file.folder / path
        if not files[name].is_file():
            raise AccessError(place([service, "tls", name]), f"{service}.tls.{name}: there is no such file", value=path)
    if "key" in files and "certificate" not in files:
        raise AccessError(place([service, "tls", "key"]), f"{service}.tls: a key without a certificate says nothing")
    tls = Tls(files.get("ca"), files.get("certificate"), files.get("key"), sources.get("password"))
    if len(file.lacking) == known and (tls.password is None or is_known_beforehand(tls.password)):
        try:
            tls_context(tls, service)
        except ValueUnavailableError as error:
            raise AccessError(place([service, "tls"]), str(error)) from error
    return tls


def _proxy(table: Mapping[str, Any], service: str, file: _File) -> Proxy | None:
    told = table.get("proxy")
    if told is None:
        return None
    where = [service, "proxy"]
    parts = urlsplit(told["url"])
    if parts.scheme != "http" or not parts.hostname or parts.username or parts.path.strip("/") or parts.query:
        problem = f"{service}.proxy.url: is not http://HOST:PORT; a user name and a password go beside it"
        shown = told["url"] if not parts.username else None
        raise AccessError(file.place([*where, "url"]), problem, value=shown)
    sources = _settings({name: value for name, value in told.items() if name != "url"}, ("password",), where, file)
    return Proxy(told["url"].rstrip("/"), **sources)


def _settings(told: Mapping[str, Any], secrets: tuple[str, ...], path: list[str], file: _File) -> dict[str, str]:
    """The settings of a table with sources made whole. A secret that is written out is refused, and never repeated."""
    settings = {}
    for name, given in told.items():
        what = ".".join([*path, name])
        if name in secrets and not (isinstance(given, str) and is_known_source(given)):
            hint = "Give where it comes from: env:NAME, file:PATH or command:..."
            raise AccessError(file.place([*path, name]), f"{what}: a secret is not written here. {hint}")
        settings[name] = anchored(given, file.folder)
        if is_known_beforehand(given):
            file.lacking.extend(_lacking(settings[name], what, file.place([*path, name])))
    return settings


def is_known_source(given: str) -> bool:
    """Whether a setting names a source of its own, as every secret of an access has to."""
    kind, _, rest = given.partition(":")
    return kind in ("env", "file", "command") and bool(rest)


def _lacking(source: str, what: str, place: Place) -> Iterator[AccessError]:
    """What is wrong with a value that is not there: without it nothing could be sent at all."""
    try:
        resolve(source, what)
    except ValueUnavailableError as error:
        yield AccessError(place, str(error))


def tls_context(tls: Tls, service: str) -> ssl.SSLContext | None:
    """The context of connections to a target; None where the usual one serves.

    Certificates are verified always: by the authorities of `ca` alone, where given. Raises ValueUnavailableError.
    """
    if tls == Tls():
        return None
    context = ssl.create_default_context(cafile=_authorities(tls, service))
    if tls.certificate is not None:
        password = resolve(tls.password, f"{service}.tls.password") if tls.password else ""
        try:
            # An empty password fails where a key wants one; without any, OpenSSL would ask at the terminal.
            context.load_cert_chain(tls.certificate, tls.key, password)
        except (OSError, ValueError) as error:
            raise ValueUnavailableError(
                f"{service}.tls: {tls.key or tls.certificate}: {_problem(tls, error)}"
            ) from error
    return context


def _authorities(tls: Tls, service: str) -> str:
    if tls.ca is None:
        return DEFAULT_CA_BUNDLE_PATH
    try:
        ssl.create_default_context(cafile=str(tls.ca))
    except (OSError, ValueError) as error:
        raise ValueUnavailableError(f"{service}.tls.ca: {tls.ca} holds no certificate in PEM form") from error
    return str(tls.ca)


def _problem(tls: Tls, error: OSError | ValueError) -> str:
    """Why certificate and key are of no use. OpenSSL's own words for most of it are "PEM lib"."""
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        return "certificate and key do not belong together"
    if b"ENCRYPTED" in (tls.key or tls.certificate or Path()).read_bytes():
        return "its password does not open the key" if tls.password else "the key is locked: give its password"
    return "holds no certificate in PEM form, or no key beside it"
