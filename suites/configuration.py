"""What a run is told: targets, the values they need, scope and budgets. From targets.toml and the command line."""

import ipaddress
import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from contracts.documents import line_of, read_document
from contracts.errors import ContractError, Place
from contracts.model import Operation

FORMATS = Path(__file__).parent / "formats"

COMMAND_SECONDS = 60
"""A command that hands out a value has this long."""


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


def read_configuration(file: Path | None, named: Iterable[str], known: Iterable[str]) -> Configuration:
    """The configuration of a targets.toml (None: there is none) and of `SERVICE=URL` words, which win.

    `known` are the services that contracts exist for. Raises ConfigurationError.
    """
    configuration = Configuration({}) if file is None else _read_file(file)
    targets = dict(configuration.targets)
    for word in named:
        service, url = _named_target(word)
        before = targets.get(service, Target(service, url))
        targets[service] = Target(service, url, before.values, before.defects)
    unknown = sorted(set(targets) - set(known))
    if unknown:
        place = Place(file) if file is not None else Place(Path("--target"))
        hint = f"Known: {', '.join(sorted(known))}"
        raise ConfigurationError(place, "no contract for this service", value=unknown[0], hint=hint)
    return Configuration(targets, configuration.budget)


def _read_file(file: Path) -> Configuration:
    try:
        content = read_document(file, "targets", FORMATS)
    except ContractError as error:
        raise ConfigurationError(error.place, error.problem, value=error.value, hint=error.hint) from error
    budget = Budget(**content.pop("budget", {}))
    targets = {
        service: Target(service, table["url"].rstrip("/"), table.get("values", {}), table.get("defects", False))
        for service, table in content.items()
    }
    text = file.read_text("utf-8")
    for target in targets.values():
        if urlsplit(target.url).hostname is None:
            place = Place(file, line_of(text, [target.service, "url"]))
            raise ConfigurationError(place, "url names no host", value=target.url)
    return Configuration(targets, budget)


def _named_target(word: str) -> tuple[str, str]:
    service, equals, url = word.partition("=")
    parts = urlsplit(url)
    if not equals or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ConfigurationError(
            Place(Path("--target")), "is not SERVICE=URL with an http or https URL without a query", value=word
        )
    return service, url.rstrip("/")


class ValueUnavailableError(RuntimeError):
    """A configured value cannot be had: the variable is not set, or the command failed."""


class Values:
    """The values of one operation on one target, resolved when first needed.

    Values that the operation consumes come from their command afresh each time.
    """

    def __init__(self, target: Target, operation: Operation) -> None:
        self._target = target
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
            self._resolved[name] = resolve(self._target.values[name], f"{self._target.service}.values.{name}")
        return self._resolved[name]


def resolve(source: str, name: str) -> str:
    """The value that a literal, `env:NAME` or `command:...` stands for; `name` says whose it is in errors."""
    kind, _, rest = source.partition(":")
    if kind == "env":
        if rest not in os.environ:
            raise ValueUnavailableError(f"{name}: the environment variable {rest} is not set")
        return os.environ[rest]
    return _run(rest, name) if kind == "command" else source


def is_secret_source(source: str) -> bool:
    """Whether values from there are secret wherever they stand."""
    return source.partition(":")[0] in ("env", "command")


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
    except (OSError, ValueError, subprocess.SubprocessError) as error:
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
