"""The options of a run: how pytest is told, and what becomes of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.errors import Place
from contracts.loader import SERVICES, load_services, pick
from contracts.model import PROTOCOLS, Protocol, Service
from reports.waivers import read_waivers
from suites.configuration import Configuration, ConfigurationError, Target, read_configuration
from suites.header import Settings
from suites.leaves import with_configured
from suites.plan import PROFILES, bindings


def add_options(parser: pytest.Parser) -> None:
    """The options of `soapstone certify`, for people who live in pytest."""
    group = parser.getgroup("soapstone", "certifying services")
    group.addoption("--target", action="append", default=[], metavar="SERVICE=URL", help="where a service runs")
    group.addoption("--targets", type=Path, default=None, metavar="FILE", help="targets.toml")
    group.addoption("--contracts", type=Path, default=None, metavar="DIR", help="services other than the shipped ones")
    group.addoption("--service", action="append", default=[], metavar="NAME", help="only this service")
    group.addoption("--binding", action="append", default=[], choices=PROTOCOLS, help="only this binding")
    group.addoption("--profile", default="standard", choices=PROFILES, help="how much is sent (default: standard)")
    group.addoption("--seed", type=int, default=0, metavar="N", help="seed of what is drawn (default: 0)")
    group.addoption("--strict-verdict", action="store_true", help="deviations count as violations")
    group.addoption("--waivers", type=Path, default=None, metavar="FILE", help="waivers.toml: what is accepted")
    group.addoption("--out", type=Path, default=None, metavar="DIR", help="folder for the reports")


def output_folder(config: pytest.Config) -> Path:
    """The folder for the reports; decided once, and remembered in the option."""
    if config.option.out is None:
        config.option.out = Path("reports") / "out" / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder: Path = config.option.out
    return folder


def configuration_of(config: pytest.Config) -> Configuration:
    """The configuration that the options name; without targets where they name none. Raises ContractError."""
    known = load_services(config.getoption("contracts") or SERVICES)
    return read_configuration(config.getoption("targets"), config.getoption("target"), known)


def settings_of(config: pytest.Config, configuration: Configuration, embedded: Mapping[str, Target]) -> Settings:
    """The settings of a run: the services that the options name, else those with a target; `embedded` stands in where
    there is no target at all. Raises ContractError.
    """
    known = load_services(config.getoption("contracts") or SERVICES)
    targets = configuration.targets or embedded
    protocols = tuple(config.getoption("binding"))
    services = under_test(known, config.getoption("service"), protocols, targets)
    _require_targets(services, targets)
    return Settings(
        services=services,
        configuration=Configuration(targets, configuration.budget),
        out=output_folder(config),
        protocols=protocols,
        profile=config.getoption("profile"),
        seed=config.getoption("seed"),
        strict=config.getoption("strict_verdict"),
        waivers=() if config.getoption("waivers") is None else read_waivers(config.getoption("waivers")),
    )


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


def _require_targets(services: Mapping[str, Service], targets: Mapping[str, Target]) -> None:
    for name in services:
        if name not in targets:
            raise ConfigurationError(
                Place(Path("--service")), f"no target for {name}: give one with --target {name}=URL"
            )
