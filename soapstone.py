"""The command line: one thin door to the rooms."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import pytest

from contracts.errors import ContractError
from contracts.loader import SERVICES, load_services
from contracts.model import Protocol, Service
from reports.errors import EvidenceError, OutputError

EXIT_USAGE = 4
PROTOCOLS = ("soap11", "soap12", "xml", "http_get", "http_post")
PROFILES = ("smoke", "standard", "thorough")

_HELP = {"help_option_names": ["-h", "--help"]}


class _Commands(click.Group):
    """A group whose usage errors end with the status that every other wrong configuration has."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Runs a command and exits with its status; contract errors become one line."""
        try:
            # Outside its standalone mode click gives back the status that a command exits with.
            sys.exit(super().main(*args, **{**kwargs, "standalone_mode": False}))
        except click.Abort:
            sys.exit(2)
        except click.ClickException as error:
            error.show()
            sys.exit(EXIT_USAGE)
        except (ContractError, EvidenceError, OutputError) as error:
            click.echo(f"soapstone: {error}", err=True)
            sys.exit(EXIT_USAGE)


@click.group(cls=_Commands, context_settings=_HELP)
@click.version_option(package_name="soapstone")
def main() -> None:
    """Certifies that SOAP and XML web services keep the contract their documentation shows."""


def _selection(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which commands choose services, bindings, profile and seed."""
    options = (
        click.option("--service", "-s", multiple=True, metavar="NAME", help="Only this service (repeatable)."),
        click.option("--binding", "-b", multiple=True, type=click.Choice(PROTOCOLS), help="Only this binding."),
        click.option("--contracts", type=click.Path(path_type=Path), default=None, help="Folder of services."),
        click.option("--profile", type=click.Choice(PROFILES), default="standard", show_default=True),
        click.option("--seed", type=int, default=0, show_default=True, help="Seed of what is drawn."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _targets(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where services run."""
    for option in (
        click.option("--config", type=click.Path(path_type=Path), default=None, help="targets.toml: targets, values."),
        click.option("--target", "-t", multiple=True, metavar="SERVICE=URL", help="Where a service runs (repeatable)."),
    ):
        command = option(command)
    return command


@main.command()
@_selection
@_targets
@click.option("--strict", is_flag=True, help="Deviations count as violations.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Folder for the reports.")
@click.option("--verbose", "-v", is_flag=True, help="One line for each requirement.")
def certify(
    service: Sequence[str],
    binding: Sequence[str],
    contracts: Path | None,
    profile: str,
    seed: int,
    target: Sequence[str],
    config: Path | None,
    strict: bool,
    out: Path | None,
    verbose: bool,
) -> None:
    """Certify targets; without one, the embedded reference target.

    Exit status: 0 certified, with or without deviations; 1 not certified; 2 interrupted; 3 our own error; 4 usage,
    configuration, contract or output; 6 incomplete or target unreachable.
    """
    import suites

    home = Path(suites.__file__).parent
    arguments = [str(home), "-c", str(home / "certify.ini"), f"--rootdir={home}", "-p", "suites.plugin", "--no-header"]
    arguments += ["-v"] if verbose else ["-q"]
    arguments += [f"--profile={profile}", f"--seed={seed}"]
    arguments += [f"--target={each}" for each in target]
    arguments += [f"--service={each}" for each in service]
    arguments += [f"--binding={each}" for each in binding]
    for name, value in (("targets", config), ("out", out), ("contracts", contracts)):
        arguments += [f"--{name}={value}"] if value is not None else []
    arguments += ["--strict-verdict"] if strict else []
    raise click.exceptions.Exit(int(pytest.main(arguments)))


@main.command()
@_selection
@_targets
@click.option("--messages", is_flag=True, help="Every message, with its changes.")
def plan(
    service: Sequence[str],
    binding: Sequence[Protocol],
    contracts: Path | None,
    profile: str,
    seed: int,
    target: Sequence[str],
    config: Path | None,
    messages: bool,
) -> None:
    """Print what a run would send, and how many requests that is. Sends nothing.

    Values that a target's configuration lacks are named, and the messages that need them are counted all the same.
    """
    from suites.configuration import read_configuration
    from suites.options import under_test
    from suites.plan import plan as draw
    from suites.plan_page import plan_lines

    known = load_services(contracts or SERVICES)
    targets = read_configuration(config, target, known).targets
    items = draw(under_test(known, service, binding, targets), binding, profile, seed)
    for line in plan_lines(items, targets, messages=messages):
        click.echo(line)


@main.command()
@click.option("--contracts", type=click.Path(path_type=Path), default=None, help="Folder of services.")
def services(contracts: Path | None) -> None:
    """List services, operations, bindings, and the values that a target's configuration must give."""
    for each in load_services(contracts or SERVICES).values():
        click.echo(f"{each.name}  {each.title} ({each.family})")
        _list_operations(each)


def _list_operations(service: Service) -> None:
    for operation in service.operations.values():
        credentials = ", ".join(leaf.name for leaf in operation.leaves if leaf.credential) or "none"
        click.echo(f"  {operation.name}  effect {operation.effect}; values needed: {credentials}")
        for binding in operation.bindings:
            path = binding.path or "the target's URL itself"
            click.echo(f"    {binding.protocol:<9} {binding.method} {path}; {binding.source}")


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def serve(arguments: Sequence[str]) -> None:
    """Serve the embedded reference target, with planted faults or neutral variants by name (serve --help)."""
    from reference.__main__ import main as serve_reference

    raise click.exceptions.Exit(serve_reference(list(arguments), prog="soapstone serve"))


@main.command()
@click.argument("log", type=click.Path(path_type=Path))
@click.option("--contracts", type=click.Path(path_type=Path), default=None, help="Folder of services.")
@click.option("--key", type=click.Path(path_type=Path), default=None, help="Public key that it is signed by.")
def verify(log: Path, contracts: Path | None, key: Path | None) -> None:
    """Prove a log: its form, its chain, its digests, and every verdict reached once more, offline.

    Exit status: 0 everything holds; 1 something does not; 4 the log cannot be read.
    """
    from reports.verify import lines_of
    from reports.verify import verify as prove
    from suites.header import tool_digest

    found = prove(log, load_services(contracts or SERVICES), tool_digest=tool_digest(), key=key)
    for line in lines_of(found):
        click.echo(line)
    raise click.exceptions.Exit(0 if found.holds else 1)


@main.command()
@click.argument("log", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), required=True, help="Private key: PEM, Ed25519.")
def sign(log: Path, key: Path) -> None:
    """Sign a log, so that verify --key shows who vouches for it. Writes LOG.sig."""
    from reports.signing import sign as sign_log

    click.echo(f"signed: {sign_log(log, key)}")


if __name__ == "__main__":
    main()
