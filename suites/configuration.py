"""What a run is told: targets, the values they need, scope and budgets. From targets.toml and the command line."""

import ipaddress
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from contracts.documents import line_of, read_document
from contracts.errors import ContractError, Place
from contracts.model import Operation, Service
from suites.leaves import is_valid, names_of

FORMATS = Path(__file__).parent / "formats"

COMMAND_SECONDS = 60
"""A command that hands out a value has this long."""

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document can hold (XML 1.0, section 2.2)."""


class ConfigurationError(ContractError):
    """The configuration cannot be used."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds that hold throughout a run: `rate` in requests per second, `seconds` and `bytes` per exchange.

    None means that there is no bound.
    """

    requests: int | None = None
    rate: float | None = None
    seconds: float = 5.0
    bytes: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Target:
    """Where one service runs. `values` are as configured: literals, `env:NAME` or `command:...`."""

    service: str
    url: str
    values: Mapping[str, str] = field(default_factory=dict)
    defects: bool = False

    @property
    def is_loopback(self) -> bool:
        """Whether the URL names this machine by a loopback address or `localhost`."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @property
    def allows_defects(self) -> bool:
        """Whether messages that break the contract may be sent."""
        return self.is_loopback or self.defects


@dataclass(frozen=True, slots=True)
class Configuration:
    """Targets by service, and the budget."""

    targets: Mapping[str, Target]
    budget: Budget = field(default_factory=Budget)


def read_configuration(file: Path | None, named: Iterable[str], services: Mapping[str, Service]) -> Configuration:
    """The configuration of a targets.toml (None: there is none) and of `SERVICE=URL` words, which win.

    `services` are those that contracts exist for. Raises ConfigurationError.
    """
    configuration = Configuration({}) if file is None else _read_file(file, services)
    targets = dict(configuration.targets)
    for word in named:
        service, url = _named_target(word, services)
        before = targets.get(service, Target(service, url))
        targets[service] = Target(service, url, before.values, before.defects)
    return Configuration(targets, configuration.budget)


def _read_file(file: Path, services: Mapping[str, Service]) -> Configuration:
    try:
        content = read_document(file, "targets", FORMATS)
    except ContractError as error:
        raise ConfigurationError(error.place, error.problem, value=error.value, hint=error.hint) from error
    text = file.read_text("utf-8")
    budget = Budget(**content.pop("budget", {}))
    targets = {}
    for name, table in content.items():
        service = _known(name, services, Place(file, line_of(text, [name])))
        url = _url(table["url"], service, Place(file, line_of(text, [name, "url"])))
        values = table.get("values", {})
        for leaf in values:
            _check_value(service, leaf, values[leaf], Place(file, line_of(text, [name, "values", leaf])))
        targets[name] = Target(name, url, values, table.get("defects", False))
    return Configuration(targets, budget)


def _named_target(word: str, services: Mapping[str, Service]) -> tuple[str, str]:
    name, equals, url = word.partition("=")
    place = Place(Path("--target"))
    if not equals:
        raise ConfigurationError(place, "is not SERVICE=URL", value=_shown(word))
    return name, _url(url, _known(name, services, place), place)


def _known(name: str, services: Mapping[str, Service], place: Place) -> Service:
    if name not in services:
        hint = f"Known: {', '.join(sorted(services))}"
        raise ConfigurationError(place, "no contract for this service", value=name, hint=hint)
    return services[name]


def _url(url: str, service: Service, place: Place) -> str:
    """The URL of a target; without a slash at its end, unless the URL itself is where requests go."""
    if not _is_target(url):
        problem = "is not the URL of a target: http or https, a host, and neither user name, query nor fragment"
        raise ConfigurationError(place, problem, value=_shown(url))
    has_paths = any(each.path for operation in service.operations.values() for each in operation.bindings)
    return url.rstrip("/") if has_paths else url


def _is_target(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    is_plain = url.isprintable() and not set(url) & set(" @?#")
    return parts.scheme in ("http", "https") and has_host and is_plain


def _shown(url: str) -> str:
    """A URL without what may be a password."""
    return re.sub(r"//.*@", "//", url)


def _check_value(service: Service, name: str, value: object, place: Place) -> None:
    """Raises ConfigurationError for a value that no request has a place for, or that breaks the requests it is in.

    Values are shown only where they cannot be secret: a literal for a leaf that is not a credential may be.
    """
    what = f"{service.name}.values.{name}"
    if name not in (known := names_of(service)):
        hint = f"Known: {', '.join(sorted(known))}"
        raise ConfigurationError(place, f"{what}: no request of the service has this value", value=name, hint=hint)
    if not isinstance(value, str):
        raise ConfigurationError(place, f"{what}: is not text; write it in quotes")
    operations = service.operations.values()
    if not is_secret_source(value) and not all(is_valid(each, name, value) for each in operations):
        is_secret = any(leaf.secret for each in operations for leaf in each.leaves if leaf.name == name)
        raise ConfigurationError(place, f"{what}: is not valid there by the schema", value=None if is_secret else value)


class ValueUnavailableError(RuntimeError):
    """A configured value cannot be had: the variable is not set, or the command failed."""


class Values:
    """The values of one operation on one target, resolved when first needed.

    Values that the operation consumes come from their command afresh each time.
    """

    def __init__(self, target: Target, operation: Operation) -> None:
        self._target = target
        self._operation = operation
        self._names = {leaf.name for leaf in operation.leaves}
        self._consumed = frozenset(operation.consumes)
        self._resolved: dict[str, str] = {}

    @property
    def names(self) -> frozenset[str]:
        """Names of the operation's leaves that the target gives a value for."""
        return frozenset(name for name in self._target.values if name in self._names)

    def take(self, names: Iterable[str]) -> Mapping[str, str]:
        """The values of those names, as far as they are configured. Raises ValueUnavailableError."""
        return {name: self._take(name) for name in names if name in self._target.values}

    def _take(self, name: str) -> str:
        if name in self._consumed or name not in self._resolved:
            what = f"{self._target.service}.values.{name}"
            value = resolve(self._target.values[name], what)
            if not is_valid(self._operation, name, value):
                raise ValueUnavailableError(f"{what}: the value is not valid there by the schema")
            self._resolved[name] = value
        return self._resolved[name]


def resolve(source: str, name: str) -> str:
    """The value that a literal, `env:NAME` or `command:...` stands for; `name` says whose it is in errors."""
    kind, _, rest = source.partition(":")
    value = _SOURCES[kind](rest, name) if kind in _SOURCES else source
    if _UNWRITABLE.search(value):
        raise ValueUnavailableError(f"{name}: the value holds characters that no XML document can hold")
    return value


def is_secret_source(source: str) -> bool:
    """Whether values from there are secret wherever they stand."""
    return source.partition(":")[0] in _SOURCES


def _from_environment(variable: str, name: str) -> str:
    if variable not in os.environ:
        raise ValueUnavailableError(f"{name}: the environment variable {variable} is not set")
    return os.environ[variable]


def _run(command: str, name: str) -> str:
    """First line of a command's output. The command's own words may hold secrets and are not repeated."""
    try:
        done = subprocess.run(
            shlex.split(command),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as error:
        reason = (
            f"exit status {error.returncode}"
            if isinstance(error, subprocess.CalledProcessError)
            else type(error).__name__
        )
        raise ValueUnavailableError(f"{name}: its command failed ({reason})") from error
    lines = done.stdout.splitlines()
    if not lines or not lines[0].strip():
        raise ValueUnavailableError(f"{name}: its command printed nothing")
    return lines[0].strip()


_SOURCES: Mapping[str, Callable[[str, str], str]] = {"env": _from_environment, "command": _run}
"""Where a value can come from, by the word before its colon; anything else is the value itself."""
