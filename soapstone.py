"""The command line: one thin door to the rooms."""

import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import pytest

from contracts.errors import ContractError
from contracts.loader import SERVICES, load_services
from contracts.model import PROTOCOLS, Protocol, Service
from reports.errors import EvidenceError, OutputError

EXIT_INTERNAL, EXIT_USAGE = 3, 4
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
            click.echo("soapstone: interrupted", err=True)
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
@click.option("--waivers", type=click.Path(path_type=Path), default=None, help="waivers.toml: what is accepted.")
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
    waivers: Path | None,
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
    for name, value in (("targets", config), ("out", out), ("contracts", contracts), ("waivers", waivers)):
        arguments += [f"--{name}={value}"] if value is not None else []
    arguments += ["--strict-verdict"] if strict else []
    raise click.exceptions.Exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    """Exit status of pytest; that of an error of our own where one escapes it, told in full for whoever mends it."""
    try:
        return int(pytest.main(arguments))
    except Exception:
        traceback.print_exc()
        return EXIT_INTERNAL


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
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--against", type=click.Path(path_type=Path), default=None, help="Log of an earlier run to compare with.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the reports.")
def report(logs: Sequence[Path], against: Path | None, out: Path) -> None:
    """Render the reports of a run from its log, or from the logs of its workers and shards."""
    from reports.render import report as render

    run = render(logs, out, against)
    click.echo(f"{run.verdict.upper()}: {out / 'conformance.html'}")


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


@main.command()
@click.argument("log", type=click.Path(path_type=Path))
@click.argument("fingerprint")
@click.option("--owner", required=True, help="Who accepts the finding.")
@click.option("--reason", required=True, help="Why.")
@click.option("--ticket", default="", help="Where it is followed up.")
@click.option("--expires", required=True, metavar="YYYY-MM-DD", help="Last day that the waiver holds.")
@click.option("--waivers", type=click.Path(path_type=Path), default=Path("waivers.toml"), show_default=True)
def waive(log: Path, fingerprint: str, owner: str, reason: str, ticket: str, expires: str, waivers: Path) -> None:
    """Write a waiver for a finding of a run, told by the fingerprint that its report gives."""
    from reports.explaining import finding_of
    from reports.reading import read_run
    from reports.waivers import Waiver, append_waiver

    found = finding_of(read_run(log), fingerprint)
    if found is None:
        raise click.UsageError(f"{log} has no finding {fingerprint}: the report gives the fingerprint of each")
    place = {"requirement": found.requirement, "service": found.service, "binding": found.protocol}
    said = {"owner": owner, "reason": reason, "ticket": ticket, "expires": expires}
    click.echo(f"waived: {append_waiver(waivers, Waiver(**place, **said, fingerprint=fingerprint))}")


@main.command()
@click.argument("log", type=click.Path(path_type=Path))
@click.option("--exchange", "number", type=int, required=True, help="Number of the exchange.")
@_targets
@click.option("--contracts", type=click.Path(path_type=Path), default=None, help="Folder of services.")
def replay(log: Path, number: int, target: Sequence[str], config: Path | None, contracts: Path | None) -> None:
    """Send one exchange of a log again, with the values of the configuration, and have its answer judged.

    Exit status: 0 nothing is violated; 1 something is; 4 the log or the configuration cannot be used; 6 no answer.
    """
    from suites.configuration import read_configuration
    from suites.replay import logged_exchange, replay_lines
    from suites.replay import replay as send_again

    known = load_services(contracts or SERVICES)
    exchange, names, strict = logged_exchange(log, number)
    message = exchange.message
    targets = read_configuration(config, target, known).targets
    if message.service not in targets:
        raise click.UsageError(f"no target for {message.service}: give one with --target {message.service}=URL")
    operation = known[message.service].operations[message.operation]
    again, judgement = send_again(exchange, names, operation, targets[message.service], strict=strict)
    for line in replay_lines(again, judgement):
        click.echo(line)
    is_violated = any(each.effect == "violation" for each in judgement.findings)
    raise click.exceptions.Exit(6 if again.response is None else int(is_violated))


@main.command()
@click.argument("subject")
@click.option("--log", type=click.Path(path_type=Path), default=None, help="Log that the finding is in.")
@click.option("--contracts", type=click.Path(path_type=Path), default=None, help="Folder of services.")
def explain(subject: str, log: Path | None, contracts: Path | None) -> None:
    """Tell what a requirement (its id) or, with --log, a finding (its fingerprint) is about."""
    from reports.explaining import explained_finding, explained_requirement
    from reports.reading import read_run

    told = explained_requirement(subject, load_services(contracts or SERVICES))
    if log is not None and not told:
        told = explained_finding(subject, read_run(log))
    if not told:
        raise click.UsageError(f"neither a requirement nor{'' if log else ', without --log,'} a finding: {subject}")
    click.echo("\n".join(told))


if __name__ == "__main__":
    main()
