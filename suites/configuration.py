"""What a run is told: targets, the values they need, scope and budgets. From targets.toml and the command line."""

import ipaddress
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from contracts.documents import line_of, read_document
from contracts.errors import ContractError, Place
from contracts.model import Effect, Operation, Protocol, Service
from suites.access import DIRECT, Access, PlaceOf, read_access
from suites.leaves import is_valid, names_of
from suites.sources import (
    OPERATION,
    ValueUnavailableError,
    anchored,
    is_known_beforehand,
    is_renewable,
    is_secret_source,
    resolve,
)

FORMATS = Path(__file__).parent / "formats"


class ConfigurationError(ContractError):
    """The configuration cannot be used."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds that hold throughout a run: `rate` in requests per second, `seconds` and `bytes` per exchange.

    `duration` bounds the whole run in seconds and `traffic` what it sends and receives in bytes; None means that there
    is no bound. `patience` is how many seconds a target that has answered before is waited for, while it is away or
    asks for fewer requests.
    """

    requests: int | None = None
    rate: float | None = None
    seconds: float = 5.0
    bytes: int = 16 * 1024 * 1024
    duration: float | None = None
    traffic: int | None = None
    patience: float = 30.0

    @property
    def at_once(self) -> int | None:
        """How many requests may be under way together; None for any number."""
        return None if self.rate is None else max(1, int(self.rate))


@dataclass(frozen=True, slots=True)
class Target:
    """Where one service runs, how it is entered, and what may be sent there.

    `values` are as configured: literals or sources such as `env:NAME`. `operations`, `bindings` and `effects` narrow
    what is tested; None leaves all operations and bindings in, and the effects that `allows_effect` tells. `defects`
    and `probes` are None where nothing is said of them. `lacking` is what of the target's sources cannot be had, which
    keeps nobody from looking at the plan.
    """

    service: str
    url: str
    values: Mapping[str, str] = field(default_factory=dict)
    defects: bool | None = None
    probes: bool | None = None
    operations: tuple[str, ...] | None = None
    bindings: tuple[Protocol, ...] | None = None
    effects: tuple[Effect, ...] | None = None
    access: Access = DIRECT
    lacking: tuple[ContractError, ...] = ()

    def require_sources(self) -> None:
        """Raises ContractError where a source that the target names has nothing, without which nothing can be sent."""
        for problem in self.lacking:
            raise problem

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
        """Whether messages that break the contract may be sent: as is said, else on loopback, where nobody else is."""
        return self.is_loopback if self.defects is None else self.defects

    @property
    def allows_probes(self) -> bool:
        """Whether messages that look for weaknesses may be sent."""
        return self.is_loopback if self.probes is None else self.probes

    def allows_effect(self, effect: Effect) -> bool:
        """Whether operations of that effect may be called. Off loopback, those that write need to be named."""
        if self.effects is not None:
            return effect in self.effects
        return self.is_loopback or effect != "write"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Targets by service, the budget, and the originals by service that candidates are compared with."""

    targets: Mapping[str, Target]
    budget: Budget = field(default_factory=Budget)
    originals: Mapping[str, Target] = field(default_factory=dict)


def read_configuration(
    file: Path | None, named: Iterable[str], services: Mapping[str, Service], beside: Iterable[str] = ()
) -> Configuration:
    """The configuration of a targets.toml (None: there is none) and of `SERVICE=URL` words, which win.

    `services` are those that contracts exist for; `beside` names originals, as `SERVICE=URL` or, where the file has
    their URL, as `SERVICE`. Raises ConfigurationError.
    """
    configuration = Configuration({}) if file is None else _read_file(file, services)
    targets = dict(configuration.targets)
    for word in named:
        service, url = _named_target(word, services)
        before = targets.get(service, Target(service, url))
        targets[service] = replace(before, url=url)
    originals = dict(_originals(beside, configuration.originals, targets, services))
    return Configuration(targets, configuration.budget, originals)


def _originals(
    words: Iterable[str], known: Mapping[str, Target], targets: Mapping[str, Target], services: Mapping[str, Service]
) -> Iterator[tuple[str, Target]]:
    """The originals that words name. What the file does not say of one is as for the candidate, its access excepted."""
    for word in words:
        if "=" not in word and word in known:
            yield word, known[word]
            continue
        service, url = _named_target(word, services, "--beside")
        candidate = targets.get(service, Target(service, url))
        yield service, replace(known.get(service, replace(candidate, access=DIRECT)), url=url)


def _read_file(file: Path, services: Mapping[str, Service]) -> Configuration:
    try:
        content = read_document(file, "targets", FORMATS)
    except ContractError as error:
        raise ConfigurationError(error.place, error.problem, value=error.value, hint=error.hint) from error
    text = file.read_text("utf-8")
    budget = Budget(**content.pop("budget", {}))
    place = _placing(file, text)
    targets, originals = {}, {}
    for name, table in content.items():
        service = _known(name, services, place([name]))
        targets[name] = _target(table, service, file.parent, place, (name,))
        if "original" in table:
            told = {"values": table.get("values", {}), **table["original"]}
            originals[name] = _target(told, service, file.parent, place, (name, "original"))
    return Configuration(targets, budget, originals)


def _target(table: Mapping[str, Any], service: Service, folder: Path, place: PlaceOf, path: tuple[str, ...]) -> Target:
    """The target that a table at a path of the file tells of."""
    url = _url(table["url"], service, place([*path, "url"]))
    lacking: list[ContractError] = []
    values = {}
    for leaf, given in table.get("values", {}).items():
        named = _Named(leaf, ".".join([*path, "values", leaf]), place([*path, "values", leaf]))
        _check_value(service, named, given)
        values[leaf] = anchored(given, folder)
        lacking += _lacking(service, named, values[leaf])
    try:
        access = read_access(table, ".".join(path), folder, lambda rest: place([*path, *rest[1:]]), lacking)
    except ContractError as error:
        raise ConfigurationError(error.place, error.problem, value=error.value, hint=error.hint) from error
    return Target(
        service=service.name,
        url=url,
        values=values,
        defects=table.get("defects"),
        probes=table.get("probes"),
        operations=_known_operations(table, service, place),
        bindings=_tuple(table.get("bindings")),
        effects=_tuple(table.get("effects")),
        access=access,
        lacking=tuple(lacking),
    )


def _placing(file: Path, text: str) -> PlaceOf:
    """From a path of keys to its place in the file."""
    return lambda path: Place(file, line_of(text, path))


def _tuple(given: list[Any] | None) -> tuple[Any, ...] | None:
    return None if given is None else tuple(given)


def _known_operations(table: Mapping[str, Any], service: Service, place: PlaceOf) -> tuple[str, ...] | None:
    """The operations that a table allows. Raises ConfigurationError for one that the service does not have."""
    named = _tuple(table.get("operations"))
    for each in named or ():
        if each not in service.operations:
            hint = f"Known: {', '.join(service.operations)}"
            where = place([service.name, "operations"])
            raise ConfigurationError(where, f"{service.name}.operations: no such operation", value=each, hint=hint)
    return named


def _named_target(word: str, services: Mapping[str, Service], option: str = "--target") -> tuple[str, str]:
    name, equals, url = word.partition("=")
    place = Place(Path(option))
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


@dataclass(frozen=True, slots=True)
class _Named:
    """A leaf that the file gives a value for; what the value is called, with its tables, and where it stands."""

    leaf: str
    what: str
    place: Place

    def error(self, problem: str, *, value: object = None, hint: str = "") -> ConfigurationError:
        """An error that tells of it."""
        return ConfigurationError(self.place, f"{self.what}: {problem}", value=value, hint=hint)


def _check_value(service: Service, named: _Named, value: object) -> None:
    """Raises ConfigurationError for a value that no request has a place for, or that breaks the requests it is in.

    Values are shown only where they cannot be secret: a literal for a leaf that is not a credential may be.
    """
    if named.leaf not in (known := names_of(service)):
        hint = f"Known: {', '.join(sorted(known))}"
        raise named.error("no request of the service has this value", value=named.leaf, hint=hint)
    if not isinstance(value, str):
        raise named.error("is not text; write it in quotes")
    if value.startswith(f"{OPERATION}:"):
        _check_operation(service, named, value)
    if not is_secret_source(value) and not _fits(service, named.leaf, value):
        leaves = (leaf for each in service.operations.values() for leaf in each.leaves)
        is_secret = any(leaf.secret for leaf in leaves if leaf.name == named.leaf)
        raise named.error("is not valid there by the schema", value=None if is_secret else value)


def _fits(service: Service, leaf: str, value: str) -> bool:
    """Whether a value is valid by the schema wherever the service's requests hold that leaf."""
    return all(is_valid(each, leaf, value) for each in service.operations.values())


def _lacking(service: Service, named: _Named, source: str) -> Iterator[ConfigurationError]:
    """What is wrong with what a variable or a file gives. What else gives a value is asked when it is needed."""
    if not (is_secret_source(source) and is_known_beforehand(source)):
        return
    try:
        value = resolve(source, named.what)
    except ValueUnavailableError as error:
        yield ConfigurationError(named.place, str(error))
        return
    if not _fits(service, named.leaf, value):
        yield named.error(f"what {source} gives is not valid there by the schema")


def _check_operation(service: Service, named: _Named, value: str) -> None:
    """Raises ConfigurationError for a value from an answer that the service does not document."""
    name, slash, path = value.removeprefix(f"{OPERATION}:").partition("/")
    if name not in service.operations or not slash or not path:
        hint = f"Write {OPERATION}:NAME/path/of/member; known: {', '.join(service.operations)}"
        raise named.error("names no answer of the service", value=value, hint=hint)


Ask: TypeAlias = Callable[[str, str], str]
"""From an operation's name and the path of a member to what its answer holds there. Raises ValueUnavailableError."""


def _ask_nobody(operation: str, path: str) -> str:
    raise ValueUnavailableError(f"{operation}/{path}: nothing is sent to ask for it")


class Values:
    """The values of one operation on one target, resolved when first needed, and again after `renew`.

    Values that the operation consumes come from their source afresh each time. `ask` asks another operation, and
    `waiting` is what is to hold while a command runs that hands out such a value.
    """

    def __init__(
        self,
        target: Target,
        operation: Operation,
        ask: Ask = _ask_nobody,
        waiting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._target = target
        self._operation = operation
        self._ask = ask
        self._waiting = waiting
        self._names = {leaf.name for leaf in operation.leaves}
        self._consumed = frozenset(operation.consumes)
        self._resolved: dict[str, str] = {}
        self._taken: dict[tuple[str, str], str] = {}
        self._renewed = 0.0

    @property
    def names(self) -> frozenset[str]:
        """Names of the operation's leaves that the target gives a value for."""
        return frozenset(name for name in self._target.values if name in self._names)

    def take(self, names: Iterable[str], *, again: bool = False, by: str = "") -> Mapping[str, str]:
        """The values of those names, as far as they are configured. Raises ValueUnavailableError.

        With `again`, those that the operation consumes are the ones that were last taken `by` the same plan item.
        """
        return {name: self._take(name, again, by) for name in names if name in self._target.values}

    def renew(self, names: Iterable[str], *, since: float | None = None) -> bool:
        """Forgets those values that may lapse and can be had again; whether there are any.

        Those that lapsed before a moment, `since`, after which they were renewed already, are new enough.
        """
        renewable = [name for name in names if is_renewable(self._target.values.get(name, ""))]
        if since is None or since >= self._renewed:
            self._renewed = time.time()
            for name in renewable:
                self._resolved.pop(name, None)
        return bool(renewable)

    def _take(self, name: str, again: bool, by: str) -> str:
        if name in self._consumed:
            if not again or (name, by) not in self._taken:
                with self._waiting():
                    value = self._valid(name)
                self._taken[name, by] = value
            return self._taken[name, by]
        if name not in self._resolved:
            self._resolved[name] = self._valid(name)
        return self._resolved[name]

    def _valid(self, name: str) -> str:
        """A value fresh from its source."""
        what = f"{self._target.service}.values.{name}"
        value = self._had(self._target.values[name], what)
        if not is_valid(self._operation, name, value):
            raise ValueUnavailableError(f"{what}: the value is not valid there by the schema")
        return value

    def _had(self, source: str, what: str) -> str:
        if not source.startswith(f"{OPERATION}:"):
            return resolve(source, what)
        operation, _, path = source.removeprefix(f"{OPERATION}:").partition("/")
        try:
            return self._ask(operation, path)
        except ValueUnavailableError as error:
            raise ValueUnavailableError(f"{what}: {error}") from error
