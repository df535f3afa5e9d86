"""The command line: one thin door to the rooms.

Each command opens its own: what takes long to import waits until it is needed, so that an interrupt is always heard.
"""

import sys

EXIT_INTERRUPTED, EXIT_INTERNAL, EXIT_USAGE = 2, 3, 4

try:
    import traceback
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import TYPE_CHECKING, Any

    import click

    from contracts.errors import ContractError
    from reports.errors import EvidenceError, OutputError
    from suites.flags import FLAGS, SELECTION, TARGETS, Flag, log_of
except KeyboardInterrupt:
    sys.exit(EXIT_INTERRUPTED)

if TYPE_CHECKING:
    from contracts.model import Service

_HELP = {"help_option_names": ["-h", "--help"]}


LOG = click.types.FuncParamType(log_of)
"""A log, or the folder of the run that it is of."""

LOG.name = "log"


class _Commands(click.Group):
    """A group whose usage errors end with the status that every other wrong configuration has."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Runs a command and exits with its status; contract errors become one line."""
        try:
            # Outside its standalone mode click gives back the status that a command exits with.
            sys.exit(super().main(*args, **{**kwargs, "standalone_mode": False}))
        except click.Abort:
            click.echo("soapstone: interrupted", err=True)
            sys.exit(EXIT_INTERRUPTED)
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


def _options(*flags: Flag) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options of a table, for a command."""

    def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
        for flag in reversed(flags):
            words = [f"--{flag.name}", *([f"-{flag.short}"] if flag.short else [])]
            command = click.option(*words, help=flag.help, **_for_click(flag))(command)
        return command

    return with_options


def _for_click(flag: Flag) -> dict[str, Any]:
    """What click is to know of an option."""
    if flag.kind == "switch":
        return {"is_flag": True}
    kinds = {
        "path": click.Path(path_type=Path),
        "log": LOG,
        "number": click.INT,
        "count": click.IntRange(min=1),
        "text": click.STRING,
    }
    kind = click.Choice(flag.choices) if flag.choices else kinds[flag.kind]
    more = {} if flag.repeats else {"default": flag.default, "show_default": True}
    return {"type": kind, "multiple": flag.repeats, "metavar": flag.metavar, **more}


@main.command()
@_options(*FLAGS)
@click.option("--verbose", "-v", is_flag=True, help="One line for each requirement.")
@click.option("--dry-run", is_flag=True, help="Print the plan, and send nothing.")
def certify(verbose: bool, dry_run: bool, **given: Any) -> None:
    """Certify targets; without one, the embedded reference target.

    Exit status: 0 certified, with or without deviations; 1 not certified; 2 interrupted; 3 our own error; 4 usage,
    configuration, contract or output; 6 incomplete or target unreachable.
    """
    import suites

    if dry_run:
        _print_plan(given, messages=False)
        return
    home = Path(suites.__file__).parent
    arguments = [str(home), "-c", str(home / "certify.ini"), f"--rootdir={home}", "-p", "suites.plugin", "--no-header"]
    arguments += ["-v"] if verbose else ["-q"]
    arguments += [word for flag in FLAGS for word in flag.arguments(given[flag.name])]
    raise click.exceptions.Exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    """Exit status of pytest; that of an error of our own where one escapes it.

    Told for whoever mends it by its place alone: its words may hold what is secret, and nobody is left to redact them.
    """
    import pytest

    try:
        return int(pytest.main(arguments))
    except Exception as error:
        click.echo("".join(traceback.format_tb(error.__traceback__)) + type(error).__name__, err=True)
        return EXIT_INTERNAL


def _known(contracts: Path | None) -> Mapping[str, "Service"]:
    """The services of a folder, or the shipped ones."""
    from contracts.loader import SERVICES, load_services

    return load_services(contracts or SERVICES)


@main.command()
@_options(*SELECTION, *TARGETS)
@click.option("--messages", is_flag=True, help="Every message, with its changes.")
def plan(messages: bool, **given: Any) -> None:
    """Print what a run would send, and how many requests that is. Sends nothing.

    Values that a target's configuration lacks are named, and the messages that need them are counted all the same.
    """
    _print_plan(given, messages=messages)


def _print_plan(given: Mapping[str, Any], *, messages: bool) -> None:
    """The plan of a run with those options."""
    from suites.configuration import read_configuration
    from suites.options import shard_of, under_test
    from suites.plan import plan as draw
    from suites.plan_page import plan_lines

    known = _known(given["contracts"])
    configuration = read_configuration(given["config"], given["target"], known)
    targets = configuration.targets
    services = under_test(known, given["service"], given["binding"], targets)
    items = draw(services, given["binding"], given["profile"], given["seed"])
    shard = shard_of(given["shard"])
    mine = shard.items(items) if shard else items
    for line in plan_lines(mine, targets, budget=configuration.budget, messages=messages):
        click.echo(line)


@main.command()
@click.option("--contracts", type=click.Path(path_type=Path), default=None, help="Folder of services.")
def services(contracts: Path | None) -> None:
    """List services, operations, bindings, and the values that a target's configuration must give."""
    for each in _known(contracts).values():
        click.echo(f"{each.name}  {each.title} ({each.family})")
        _list_operations(each)


def _list_operations(service: "Service") -> None:
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
@click.argument("logs", nargs=-1, required=True, type=LOG)
@click.option("--against", type=LOG, default=None, help="Log of an earlier run to compare with.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the reports.")
@click.option("--exit-code", is_flag=True, help="End with the status that certify would have ended with.")
def report(logs: Sequence[Path], against: Path | None, out: Path, exit_code: bool) -> None:
    """Render the reports of a run from its log, or from the logs of its shards."""
    from contracts.judge.verdicts import EXIT_STATUS
    from reports.render import report as render

    run = render(logs, out, against)
    click.echo(f"{run.verdict.upper()}: {out / 'conformance.html'}")
    for told in (*run.open_ends, *run.stale_waivers):
        click.echo(f"open: {told}")
    if exit_code:
        raise click.exceptions.Exit(EXIT_STATUS[run.verdict])


@main.command()
@click.argument("traffic", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--service", "-s", multiple=True, metavar="NAME", help="Only this service (repeatable).")
@_options(*TARGETS)
@click.option("--contracts", type=click.Path(path_type=Path), default=None, help="Folder of services.")
@click.option("--waivers", type=click.Path(path_type=Path), default=None, help="waivers.toml: what is accepted.")
@click.option("--strict", is_flag=True, help="Deviations count as violations.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the reports.")
def check(
    traffic: Sequence[Path],
    service: Sequence[str],
    target: Sequence[str],
    config: Path | None,
    contracts: Path | None,
    waivers: Path | None,
    strict: bool,
    out: Path,
) -> None:
    """Judge captured traffic (HAR 1.2, or our own logs) without sending anything.

    Only what went to a named target counts, where any is named. Exit status: that of certify; what the traffic does
    not show is not observed.
    """
    from contracts.judge.verdicts import EXIT_STATUS
    from contracts.loader import pick
    from reports.render import write_reports
    from reports.waivers import read_waivers, require_known
    from suites.captured import check as judge_traffic
    from suites.configuration import read_configuration
    from suites.summary import run_lines

    known = _known(contracts)
    targets = read_configuration(config, target, known).targets
    accepted = () if waivers is None else read_waivers(waivers)
    if waivers is not None:
        require_known(waivers, accepted, known)
    chosen = pick(known, service or list(targets) or list(known))
    log = judge_traffic(traffic, chosen, out, targets=targets, waivers=accepted, strict=strict)
    run = write_reports(log, out)
    for line in run_lines(run, out):
        click.echo(line)
    raise click.exceptions.Exit(EXIT_STATUS[run.verdict])


@main.command()
@click.argument("log", type=LOG)
@click.option("--contracts", type=click.Path(path_type=Path), default=None, help="Folder of services.")
@click.option("--key", type=click.Path(path_type=Path), default=None, help="Public key that it is signed by.")
def verify(log: Path, contracts: Path | None, key: Path | None) -> None:
    """Prove a log: its form, its chain, its digests, and every verdict reached once more, offline.

    Exit status: 0 everything holds; 1 something does not; 4 the log cannot be read.
    """
    from reports.verify import lines_of
    from reports.verify import verify as prove
    from suites.header import tool_digest

    found = prove(log, _known(contracts), tool_digest=tool_digest(), key=key)
    for line in lines_of(found):
        click.echo(line)
    raise click.exceptions.Exit(0 if found.holds else 1)


@main.command()
@click.argument("log", type=LOG)
@click.option("--for", "service", type=click.Choice(["github", "azure"]), required=True, help="Whose log it goes to.")
def annotate(log: Path, service: Any) -> None:
    """Print what a run found as lines that a CI service shows beside the job. LOG is a log or its folder."""
    from reports.annotations import annotation_lines
    from reports.reading import read_run

    for line in annotation_lines(read_run(log), service):
        click.echo(line)


@main.command()
@click.argument("run_a", type=LOG)
@click.argument("run_b", type=LOG)
@click.option(
    "--fail-on", multiple=True, type=click.Choice(["new", "gone", "changed"]), help="End with 1 if any (repeatable)."
)
def diff(run_a: Path, run_b: Path, fail_on: Sequence[str]) -> None:
    """Compare what two runs found: new, gone and changed findings of RUN_B against RUN_A (logs, or their folders).

    Exit status: 0, or 1 where --fail-on names a kind that occurred; 4 a log cannot be read.
    """
    from reports.differences import difference_lines, differences_of
    from reports.reading import read_run

    old, new = read_run(run_a), read_run(run_b)
    found = differences_of(old, new)
    for line in difference_lines(found):
        click.echo(line)
    raise click.exceptions.Exit(1 if any(each.kind in fail_on and not each.because for each in found.found) else 0)


@main.command()
@click.argument("log", type=LOG)
@click.option("--key", type=click.Path(path_type=Path), required=True, help="Private key: PEM, Ed25519.")
def sign(log: Path, key: Path) -> None:
    """Sign a log, so that verify --key shows who vouches for it. Writes LOG.sig."""
    from reports.signing import sign as sign_log

    click.echo(f"signed: {sign_log(log, key)}")


@main.command()
@click.argument("log", type=LOG)
@click.argument("fingerprint")
@click.option("--owner", required=True, help="Who accepts the finding.")
@click.option("--reason", required=True, help="Why.")
@click.option("--ticket", default="", help="Where it is followed up.")
@click.option("--expires", required=True, metavar="YYYY-MM-DD", help="Last day that the waiver holds.")
@click.option("--waivers", type=click.Path(path_type=Path), default=Path("waivers.toml"), show_default=True)
def waive(log: Path, fingerprint: str, owner: str, reason: str, ticket: str, expires: str, waivers: Path) -> None:
    """Write a waiver for a finding of a run, told by the fingerprint that its report gives."""
    from datetime import UTC, datetime

    from reports.explaining import finding_of
    from reports.reading import read_run
    from reports.waivers import Waiver, append_waiver

    found = finding_of(read_run(log), fingerprint)
    if found is None:
        raise click.UsageError(f"{log} has no finding {fingerprint}: the report gives the fingerprint of each")
    place = {"requirement": found.requirement, "service": found.service, "binding": found.protocol}
    said = {"owner": owner, "reason": reason, "ticket": ticket, "expires": expires}
    waiver = Waiver(**place, **said, fingerprint=fingerprint)
    click.echo(f"waived: {append_waiver(waivers, waiver, datetime.now(UTC).date())}")


@main.command()
@click.argument("log", type=LOG)
@click.option("--exchange", "number", type=int, required=True, help="Number of the exchange.")
@_options(*TARGETS)
@click.option("--contracts", type=click.Path(path_type=Path), default=None, help="Folder of services.")
def replay(log: Path, number: int, target: Sequence[str], config: Path | None, contracts: Path | None) -> None:
    """Send one exchange of a log again, with the values of the configuration, and have its answer judged.

    Exit status: 0 nothing is violated; 1 something is; 4 the log or the configuration cannot be used; 6 no answer.
    """
    from suites.configuration import read_configuration
    from suites.replay import logged_exchange, replay_lines
    from suites.replay import replay as send_again
    from suites.sources import ValueUnavailableError

    known = _known(contracts)
    logged = logged_exchange(log, number)
    message = logged.exchange.message
    targets = read_configuration(config, target, known).targets
    if message.service not in targets:
        raise click.UsageError(f"no target for {message.service}: give one with --target {message.service}=URL")
    operation = known[message.service].operations[message.operation]
    try:
        again, judgement = send_again(logged, operation, targets[message.service])
    except ValueUnavailableError as error:
        raise click.UsageError(str(error)) from error
    for line in replay_lines(logged, again, judgement):
        click.echo(line)
    is_violated = any(each.effect == "violation" for each in judgement.findings)
    raise click.exceptions.Exit(6 if again.response is None else int(is_violated))


@main.command()
@click.argument("subject")
@click.option("--log", type=LOG, default=None, help="Log that the finding is in.")
@click.option("--contracts", type=click.Path(path_type=Path), default=None, help="Folder of services.")
def explain(subject: str, log: Path | None, contracts: Path | None) -> None:
    """Tell what a requirement (its id) or, with --log, a finding (its fingerprint) is about."""
    from reports.explaining import explained_finding, explained_requirement
    from reports.reading import read_run
    from suites.embedded import EmbeddedTarget
    from suites.example import example_lines

    told = explained_requirement(subject, _known(contracts))
    if told:
        with EmbeddedTarget() as embedded:
            told += example_lines(subject, _known(contracts), embedded.targets)
    if log is not None and not told:
        told = explained_finding(subject, read_run(log))
    if not told:
        raise click.UsageError(f"neither a requirement nor{'' if log else ', without --log,'} a finding: {subject}")
    click.echo("\n".join(told))


@main.command()
@click.argument("sources", nargs=-1, metavar="PAGE...")
@click.option("--service", "-s", default=None, metavar="NAME", help="Name of the service: a-z, 0-9, - and _.")
@click.option("--into", type=click.Path(path_type=Path), default=None, metavar="DIR", help="Folder of services.")
@click.option("--rulings", type=click.Path(path_type=Path), default=None, metavar="FILE", help="Another service.toml.")
@click.option("--family", default=None, metavar="NAME", help="Family of pages, where it is not recognised.")
@click.option("--operation", default=None, metavar="NAME", help="Only this operation, or its name where none is shown.")
@click.option("--contracts", type=click.Path(path_type=Path), default=None, metavar="DIR", help="For --check.")
@click.option(
    "--check", is_flag=True, help="Derive contracts again (all, or --service) and compare them byte for byte."
)
@click.option("--replace", is_flag=True, help="Take these sources alone; else pages join those derived before.")
@click.option("--explain", is_flag=True, help="Print every conclusion with its place and basis.")
@click.option("--drift", is_flag=True, help="Compare the contract of --service with a WSDL; writes nothing.")
def derive(
    sources: Sequence[str],
    service: str | None,
    into: Path | None,
    rulings: Path | None,
    family: str | None,
    operation: str | None,
    contracts: Path | None,
    check: bool,
    replace: bool,
    explain: bool,
    drift: bool,
) -> None:
    """Derive the contract of a service from documentation pages, or from a WSDL (file or address).

    A page is text, Markdown or saved HTML with samples of requests and responses. What is written is used with
    --contracts DIR. Exit status: 0 derived, with or without warnings; 1 --check finds a difference, or --drift a
    breaking one; 4 nothing could be derived, and nothing is written.
    """
    from contracts.derive.deriving import Wanted, is_wsdl
    from contracts.derive.deriving import derive as write
    from contracts.derive.telling import caution_lines, derived_lines, explained_lines
    from contracts.loader import SERVICES
    from suites.wsdl import FromTarget

    if check:
        if sources:
            raise click.UsageError("--check takes no PAGE: it derives again from the pages that contracts keep")
        raise click.exceptions.Exit(_check_derived(contracts or into or SERVICES, service))
    if drift:
        raise click.exceptions.Exit(_compare_with_wsdl(sources, service, contracts or into or SERVICES))
    if not sources or service is None or into is None:
        raise click.UsageError("needs PAGE..., --service NAME and --into DIR; or --check")
    library = FromTarget(sources[0]) if "://" in sources[0] and is_wsdl(sources[0]) else None
    derived = write(sources, Wanted(service, rulings, family, operation, replace), into, library)
    for line in caution_lines(derived.description.cautions):
        click.echo(line, err=True)
    for line in derived_lines(derived):
        click.echo(line)
    for line in explained_lines(derived.description) if explain else ():
        click.echo(line)


def _compare_with_wsdl(sources: Sequence[str], service: str | None, folder: Path) -> int:
    """Exit status of a comparison with a WSDL: 1 if a difference is breaking."""
    from contracts.derive.drift import drift, drift_lines, is_broken
    from contracts.derive.telling import caution_lines
    from contracts.derive.wsdl import describe_wsdl
    from contracts.loader import load_service, load_services, pick
    from suites.wsdl import FromTarget

    if len(sources) != 1 or service is None:
        raise click.UsageError("--drift needs one WSDL, a file or an address, and --service NAME")
    own = folder / service  # where derivation writes it: what else stands below the folder may be broken
    is_there = (own / "service.toml").is_file()
    contract = load_service(own) if is_there else pick(load_services(folder), [service])[service]
    library = FromTarget(sources[0]) if "://" in sources[0] else None
    description = describe_wsdl(sources[0], library, service=service, family=contract.family)
    for line in caution_lines(description.cautions):
        click.echo(line, err=True)
    found = drift(contract, description)
    for line in drift_lines(found):
        click.echo(line)
    return int(is_broken(found))


def _check_derived(folder: Path, service: str | None) -> int:
    """Exit status of the check: 1 if a file differs from what is derived."""
    from contracts.derive.deriving import check

    differences = list(check(folder, service))
    for difference in differences:
        click.echo(difference)
    click.echo("derived contracts differ" if differences else f"all contracts below {folder} are as derived")
    return 1 if differences else 0


@main.command()
@click.option("--fault", "-f", multiple=True, metavar="NAME", help="Only this planted fault (repeatable).")
@click.option("--variant", multiple=True, metavar="NAME", help="Only this neutral variant (repeatable).")
@click.option("--service", "-s", multiple=True, metavar="NAME", help="Only what touches this service (repeatable).")
@click.option("--jobs", "-j", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
@click.option("--campaign", is_flag=True, help="Variants at profile standard instead of smoke.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Folder for the page and the data.")
@click.option("--write", is_flag=True, help="Write docs/qualification.md and the packaged data, in a checkout.")
def qualify(
    fault: Sequence[str],
    variant: Sequence[str],
    service: Sequence[str],
    jobs: int,
    campaign: bool,
    out: Path | None,
    write: bool,
) -> None:
    """Show how good the suite is: every planted fault must be flagged, and no neutral variant.

    Exit status: 0 all is right; 1 something is missed, flagged without reason, or proved by no fault; 4 usage, output.
    """
    from suites import qualifying

    wanted = qualifying.chosen(fault, variant, service)
    if write:
        qualifying.check_checkout()
    profile, whole = ("standard" if campaign else "smoke"), not (fault or variant or service)
    content = qualifying.campaign(wanted, jobs=jobs, variant_profile=profile, tell=click.echo)
    for line in qualifying.last_lines(content, whole=whole):
        click.echo(line)
    qualifying.write(qualifying.outputs(content, out, into_checkout=write))
    raise click.exceptions.Exit(0 if qualifying.is_right(content, whole=whole) else 1)


if __name__ == "__main__":
    main()
