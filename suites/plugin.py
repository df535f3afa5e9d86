"""The pytest plugin: options, parametrisation by requirement, reports, exit status.

It does nothing in a session that does not run the suites.
"""

from collections.abc import Generator
from functools import partial
from pathlib import Path

import pytest

from contracts.errors import ContractError
from contracts.judge.verdicts import EXIT_STATUS, RequirementVerdict
from reports.canaries import survivors
from reports.errors import EvidenceError, OutputError
from reports.render import OUTPUTS, write_reports
from reports.run import Run as ReportedRun
from suites import run_page
from suites.certification import Certification, Promise
from suites.embedded import EmbeddedError, EmbeddedTarget
from suites.options import add_options, configuration_of, output_folder, settings_of
from suites.outcome import Settle
from suites.plan_page import plan_lines
from suites.run import EVIDENCE
from suites.summary import finding_lines, run_lines

HOME = Path(__file__).parent
EXIT_NOT_CERTIFIED, EXIT_INTERRUPTED, EXIT_INTERNAL, EXIT_USAGE = 1, 2, 3, 4
_ENDINGS = {EXIT_INTERRUPTED: "interrupted", EXIT_INTERNAL: "an error of our own", EXIT_USAGE: "could not go on"}
"""What the log says of runs that ended before their time, by exit status."""

_CERTIFICATION = pytest.StashKey[Certification]()
_EMBEDDED = pytest.StashKey[EmbeddedTarget]()
_REPORTED = pytest.StashKey[ReportedRun]()
_SESSION = pytest.StashKey[pytest.Session]()
_OWN_ERROR = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Prepares the certification, if this session runs the suites. What cannot be used ends it with status 4."""
    config.addinivalue_line("markers", "section(*prefixes): the requirement ids that a suite module is about")
    if not _runs_suites(config):
        return
    if getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("the suites keep one log and run in one process: leave -n out")
    if (output_folder(config) / EVIDENCE).exists():
        raise pytest.UsageError(f"{output_folder(config)} holds the evidence of an earlier run: name another --out")
    if hasattr(config.option, "htmlpath") and config.option.htmlpath is None:
        config.option.htmlpath = str(output_folder(config) / "run.html")
        config.option.self_contained_html = True
        config.option.css = [*config.option.css, str(HOME / "run_page.css")]
        config.pluginmanager.register(run_page)
    try:
        configuration = configuration_of(config)
        if not configuration.targets:
            config.stash[_EMBEDDED] = EmbeddedTarget()
        embedded = config.stash[_EMBEDDED].targets if _EMBEDDED in config.stash else {}
        config.stash[_CERTIFICATION] = Certification(settings_of(config, configuration, embedded))
    except (ContractError, EmbeddedError, EvidenceError, OutputError) as error:
        raise pytest.UsageError(str(error)) from error
    except KeyboardInterrupt:
        pytest.exit("interrupted before anything was sent", returncode=EXIT_INTERRUPTED)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the embedded target, and looks for canaries now that every file is written."""
    _look_for_canaries(config)
    if _EMBEDDED in config.stash:
        config.stash[_EMBEDDED].stop()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives a suite module the requirements of its section, on every binding under test."""
    section = metafunc.definition.get_closest_marker("section")
    if section is None or "verdict" not in metafunc.fixturenames:
        return
    promises = metafunc.config.stash[_CERTIFICATION].promises
    mine = [each for each in promises if each.requirement.id.partition("/")[0] in _prefixes(section, promises)]
    metafunc.parametrize("verdict", mine, ids=[each.id for each in mine], indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts items in the order in which verdicts are best asked for, across modules."""
    if _CERTIFICATION in config.stash:
        place = {promise.id: index for index, promise in enumerate(config.stash[_CERTIFICATION].promises)}
        items.sort(key=lambda item: -1 if (promise := _promise(item)) is None else place[promise.id])


def pytest_collection_finish(session: pytest.Session) -> None:
    """Prints the plan before anything is sent to a target off loopback."""
    if _CERTIFICATION not in session.config.stash:
        return
    certification = session.config.stash[_CERTIFICATION]
    targets = certification.settings.configuration.targets
    if not all(target.is_loopback for target in targets.values()):
        for line in plan_lines(certification.items, targets):
            _say(session.config, line)


@pytest.fixture
def verdict(request: pytest.FixtureRequest) -> RequirementVerdict:
    """The verdict of one requirement on one binding. Inconclusive ones error here, in the set-up."""
    certification = request.config.stash[_CERTIFICATION]
    try:
        reached = certification.verdict(request.param)
    except OutputError as error:
        pytest.exit(str(error), returncode=EXIT_USAGE)
    except Exception:
        request.config.stash[_OWN_ERROR] = True
        raise
    request.node.user_properties += run_page.properties_of(reached)
    if reached.verdict == "inconclusive":
        raise InconclusiveError(reached.reason)
    return reached


class InconclusiveError(RuntimeError):
    """Nothing can be said of a requirement, for want of usable answers."""


def judge_item(reached: RequirementVerdict, certification: Certification) -> None:
    """Turns a verdict into a pytest outcome: violated fails, what was not put to the test skips with its reason."""
    if reached.verdict == "violated":
        pytest.fail(certification.run.redactor.redact_text(finding_lines(reached)), pytrace=False)
    if reached.verdict not in ("conformant", "deviates", "waived"):
        pytest.skip(f"{reached.verdict}: {reached.reason}")


@pytest.fixture
def settle(pytestconfig: pytest.Config) -> Settle:
    """Turns a verdict into the outcome of the pytest item."""
    return partial(judge_item, certification=pytestconfig.stash[_CERTIFICATION])


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Ends the log, renders the reports, and sets the exit status that the verdict asks for."""
    if _CERTIFICATION not in session.config.stash or hasattr(session.config, "workerinput"):
        return
    run = session.config.stash[_CERTIFICATION].run
    if session.config.stash.get(_OWN_ERROR, False):
        exitstatus = EXIT_INTERNAL
    try:
        if exitstatus in _ENDINGS:
            run.abandon(_ENDINGS[exitstatus])
        else:
            run.close()
        reported = write_reports(run.log.path, run.settings.out)
    except (OutputError, EvidenceError) as error:
        _say(session.config, str(error), red=True)
        session.exitstatus = EXIT_USAGE
        return
    session.config.stash[_REPORTED] = reported
    session.exitstatus = exitstatus if exitstatus in _ENDINGS else _status_of(reported)


def _status_of(reported: ReportedRun) -> int:
    """The exit status of a run that ended: its verdict's, unless a waiver is stale."""
    return EXIT_NOT_CERTIFIED if reported.stale_waivers else EXIT_STATUS[reported.verdict]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Keeps the session at hand for what can only be decided once every file is written."""
    if _CERTIFICATION in session.config.stash:
        session.config.stash[_SESSION] = session
    return (yield)


def _look_for_canaries(config: pytest.Config) -> None:
    """Fails a run in whose outputs a canary survived."""
    if _SESSION not in config.stash:
        return
    run = config.stash[_CERTIFICATION].run
    files = [file for name in OUTPUTS if (file := run.settings.out / name).is_file()]
    found = list(survivors(files, run.canaries))
    for told in found:
        _say(config, f"a made-up secret came through redaction: {told}. Do not hand these files over")
    if found and config.stash[_SESSION].exitstatus not in (EXIT_INTERRUPTED, EXIT_INTERNAL, EXIT_USAGE):
        config.stash[_SESSION].exitstatus = EXIT_NOT_CERTIFIED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says the verdict, the counts and where the reports lie."""
    if _REPORTED in config.stash:
        terminalreporter.section("soapstone")
        for line in run_lines(config.stash[_REPORTED], output_folder(config)):
            terminalreporter.write_line(line)


def _runs_suites(config: pytest.Config) -> bool:
    """Whether any argument names the suites' folder or something in it."""
    paths = [Path(str(argument).partition("::")[0]).resolve() for argument in config.args]
    return any(path == HOME or HOME in path.parents for path in paths)


def _prefixes(section: pytest.Mark, promises: tuple[Promise, ...]) -> frozenset[str]:
    """First parts of the ids of a section; `service` stands for the name of every service."""
    services = {promise.operation.service for promise in promises}
    return frozenset(name for each in section.args for name in (services if each == "service" else {each}))


def _promise(item: pytest.Item) -> Promise | None:
    callspec = getattr(item, "callspec", None)
    found = callspec.params.get("verdict") if callspec is not None else None
    return found if isinstance(found, Promise) else None


def _say(config: pytest.Config, words: str, **markup: bool) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(words, **markup)
