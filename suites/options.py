"""The options of a run: how pytest is told, and what becomes of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.errors import Place
from contracts.loader import SERVICES, load_services, pick
from contracts.model import Protocol, Service
from reports.waivers import Waiver, read_waivers, require_known
from suites.configuration import Configuration, ConfigurationError, Target, read_configuration
from suites.flags import FLAGS, TYPES, Flag
from suites.header import Settings
from suites.leaves import with_configured
from suites.plan import bindings
from suites.sharing import Shard


def add_options(parser: pytest.Parser) -> None:
    """The options of `soapstone certify`, for people who live in pytest."""
    group = parser.getgroup("soapstone", "certifying services")
    for flag in FLAGS:
        group.addoption(flag.word, help=flag.help, **_for_pytest(flag))


def _for_pytest(flag: Flag) -> dict[str, Any]:
    """What pytest is to know of an option."""
    if flag.kind == "switch":
        return {"action": "store_true"}
    more: dict[str, Any] = {"choices": flag.choices} if flag.choices else {"metavar": flag.metavar}
    if flag.repeats:
        return {"action": "append", "default": [], **more}
    return {"type": TYPES[flag.kind], "default": flag.default, **more}


def output_folder(config: pytest.Config) -> Path:
    """The folder for the reports; decided once, and remembered in the option."""
    if config.option.out is None:
        config.option.out = Path("reports") / "out" / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder: Path = config.option.out
    return folder


def configuration_of(config: pytest.Config) -> Configuration:
    """The configuration that the options name; without targets where they name none. Raises ContractError."""
    known = load_services(config.getoption("contracts") or SERVICES)
    words = config.getoption("target"), known, config.getoption("beside")
    return read_configuration(config.getoption("targets"), *words)


def settings_of(config: pytest.Config, configuration: Configuration, embedded: Mapping[str, Target]) -> Settings:
    """The settings of a run: the services that the options name, else those with a target; `embedded` stands in where
    there is no target at all. Raises ContractError.
    """
    known = load_services(config.getoption("contracts") or SERVICES)
    targets = configuration.targets or embedded
    protocols = tuple(config.getoption("binding"))
    services = under_test(known, config.getoption("service"), protocols, targets)
    _require_targets(services, targets, configuration.originals)
    return Settings(
        services=services,
        configuration=Configuration(targets, configuration.budget, configuration.originals),
        out=output_folder(config),
        protocols=protocols,
        profile=config.getoption("profile"),
        seed=config.getoption("seed"),
        strict=config.getoption("strict_verdict"),
        waivers=_waivers_of(config.getoption("waivers"), known),
        shard=shard_of(config.getoption("shard")),
        workers=config.getoption("workers") or 1,
        resume=config.getoption("resume"),
    )


def _waivers_of(path: Path | None, known: Mapping[str, Service]) -> tuple[Waiver, ...]:
    """The waivers of a file, none without one. Raises WaiverError."""
    if path is None:
        return ()
    found = read_waivers(path)
    require_known(path, found, known)
    return found


def shard_of(word: str | None) -> Shard | None:
    """The share of a run that a word such as `2/5` names; None for None. Raises ConfigurationError."""
    if word is None:
        return None
    try:
        return Shard.of_word(word)
    except ValueError as error:
        hint = "Write I/N with I from 1 to N, such as 2/5"
        raise ConfigurationError(Place(Path("--shard")), str(error), value=word, hint=hint) from error


def under_test(
    known: Mapping[str, Service], names: Sequence[str], protocols: Sequence[Protocol], targets: Mapping[str, Target]
) -> Mapping[str, Service]:
    """The services that are named, else those with a target, else all; configured values go into their requests.

    Raises ContractError for an unknown name, and where none of the services has a binding of those protocols.
    """
    chosen = pick(known, names or [name for name in known if name in targets])
    if not any(bindings(chosen, protocols)):
        raise ConfigurationError(
            Place(Path("--binding")), f"not documented for {', '.join(chosen)}", value=", ".join(protocols)
        )
    return {
        name: with_configured(service, targets[name].values) if name in targets else service
        for name, service in chosen.items()
    }


def _require_targets(
    services: Mapping[str, Service], targets: Mapping[str, Target], originals: Mapping[str, Target]
) -> None:
    """Raises ContractError where a service under test has no target, or one that lacks what its table names."""
    for name in services:
        if name not in targets:
            raise ConfigurationError(
                Place(Path("--service")), f"no target for {name}: give one with --target {name}=URL"
            )
        targets[name].require_sources()
        if name in originals:
            originals[name].require_sources()
