"""The pytest plugin: options, parametrisation by requirement, reports, exit status.

It does nothing in a session that does not run the suites.
"""

import sys
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from contracts.errors import ContractError
from contracts.judge.verdicts import EXIT_STATUS, RequirementVerdict
from reports.canaries import canaries, survivors
from reports.errors import EvidenceError, OutputError
from reports.lines import read_lines
from reports.reading import read_run
from reports.render import OUTPUTS, write_reports
from reports.run import Run as ReportedRun
from reports.signing import private_key, sign
from suites import run_page
from suites.certification import Certification, Promise
from suites.embedded import EmbeddedError, EmbeddedTarget
from suites.options import add_options, configuration_of, output_folder, settings_of
from suites.outcome import PASSING, Settle
from suites.plan_page import plan_lines
from suites.summary import finding_lines, run_lines
from suites.workers import WorkerError, Workers, passive_reports, tell, worker_of

HOME = Path(__file__).parent
EXIT_NOT_CERTIFIED, EXIT_INTERRUPTED, EXIT_INTERNAL, EXIT_USAGE = 1, 2, 3, 4
_ENDINGS = {EXIT_INTERRUPTED: "interrupted", EXIT_INTERNAL: "an error of our own", EXIT_USAGE: "could not go on"}
"""What the log says of runs that ended before their time, by exit status."""

_CERTIFICATION = pytest.StashKey[Certification]()
_WORKERS = pytest.StashKey[Workers]()
_EMBEDDED = pytest.StashKey[EmbeddedTarget]()
_REPORTED = pytest.StashKey[ReportedRun]()
_SESSION = pytest.StashKey[pytest.Session]()
_OWN_ERROR = pytest.StashKey[bool]()
_LOG = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Prepares the certification, if this session runs the suites. What cannot be used ends it with status 4."""
    config.addinivalue_line(
        "markers", "section(*prefixes, about, but): the requirement ids that a suite module is about"
    )
    if not _runs_suites(config):
        return
    try:
        _prepare(config)
    except (ContractError, EmbeddedError, EvidenceError, OutputError, WorkerError) as error:
        # Told here, as all commands tell what is wrong; pytest itself has nothing to add.
        print(f"soapstone: {error}", file=sys.stderr)
        raise pytest.UsageError from error
    except KeyboardInterrupt:
        pytest.exit("interrupted before anything was sent", returncode=EXIT_INTERRUPTED)


def _prepare(config: pytest.Config) -> None:
    """Makes the certification of this process, and looks whether its log can be written."""
    told = worker_of(config)
    if told is not None:
        worker, config.option.out, embedded = told
        config.stash[_CERTIFICATION] = Certification(settings_of(config, configuration_of(config), embedded, worker))
        return
    configuration = configuration_of(config)
    if config.getoption("sign") is not None:
        private_key(config.getoption("sign"))
    if not configuration.targets and not config.option.collectonly:
        config.stash[_EMBEDDED] = EmbeddedTarget()
    embedded = config.stash[_EMBEDDED].targets if _EMBEDDED in config.stash else {}
    settings = settings_of(config, configuration, embedded)
    config.stash[_CERTIFICATION] = Certification(settings)
    if config.option.collectonly:
        return
    if settings.log.exists():
        raise WorkerError(f"{settings.out} holds the evidence of an earlier run: name another --out")
    _try_out(settings.log)
    if getattr(config.option, "numprocesses", None):
        if settings.resume is not None:
            raise WorkerError("--resume: what is left of a run is sent by one process: leave -n out")
        config.stash[_WORKERS] = Workers.of(config, settings, embedded)
    if settings.resume is not None:
        next(read_lines(settings.resume))  # a log that cannot be read is refused before anything is written
    _add_run_page(config)


def _try_out(log: Path) -> None:
    """Raises OutputError where a log cannot be written; leaves nothing behind but its folder."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.open("xb").close()
        log.unlink()
    except OSError as error:
        raise OutputError(log, error) from error


def _add_run_page(config: pytest.Config) -> None:
    """Has pytest-html write run.html, unless it was told to write something else or nothing."""
    if getattr(config.option, "htmlpath", "") is None:
        config.option.htmlpath = str(output_folder(config) / "run.html")
        config.option.self_contained_html = True
        config.option.css = [*config.option.css, str(HOME / "run_page.css")]
        config.pluginmanager.register(run_page)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the embedded target, and looks for canaries now that every file is written."""
    _look_for_canaries(config)
    if _EMBEDDED in config.stash:
        config.stash[_EMBEDDED].stop()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker of the run that it is part of."""
    if _WORKERS in node.config.stash:
        node.config.stash[_WORKERS].introduce(node.workerinput)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object | None) -> None:
    """Takes note of the end of a worker."""
    if _WORKERS in node.config.stash:
        node.config.stash[_WORKERS].ended(node.gateway.id, getattr(node, "workeroutput", {}), error)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives a suite module the requirements of its section, on every binding under test."""
    section = metafunc.definition.get_closest_marker("section")
    if section is None or "verdict" not in metafunc.fixturenames:
        return
    promises = metafunc.config.stash[_CERTIFICATION].promises
    mine = [each for each in promises if _is_about(section, each, promises)]
    metafunc.parametrize("verdict", mine, ids=[each.id for each in mine], indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts items in the order in which verdicts are best asked for, across modules.

    A module whose section nothing under test belongs to has one item without a promise, which is left out.
    """
    if _CERTIFICATION in config.stash:
        items[:] = [item for item in items if not _is_empty(item)]
        place = {promise.id: index for index, promise in enumerate(config.stash[_CERTIFICATION].promises)}
        items.sort(key=lambda item: -1 if (promise := _promise(item)) is None else place[promise.id])


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Prints the plan before anything is sent to a target off loopback, and begins the log.

    Not before: until the session has started, Hypothesis takes whatever is drawn for a plugin's slowness, and says so.
    """
    config = session.config
    if _CERTIFICATION not in config.stash or config.option.collectonly:
        return
    certification = config.stash[_CERTIFICATION]
    targets = certification.settings.configuration.targets
    if worker_of(config) is None and not all(target.is_loopback for target in targets.values()):
        budget = certification.settings.configuration.budget
        for line in plan_lines(certification.items, targets, budget=budget):
            _say(config, line)
    if _WORKERS not in config.stash:
        try:
            _ = certification.run
        except (ContractError, EvidenceError, OutputError) as error:
            print(f"soapstone: {error}", file=sys.stderr)
            raise pytest.UsageError from error


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
    if reached.verdict not in PASSING:
        pytest.skip(f"{reached.verdict}: {reached.reason}")


@pytest.fixture
def settle(pytestconfig: pytest.Config) -> Settle:
    """Turns a verdict into the outcome of the pytest item."""
    return partial(judge_item, certification=pytestconfig.stash[_CERTIFICATION])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Keeps the session at hand for what can only be decided once every file is written. When workers have ended,
    their logs are made one, and the passive requirements decided.
    """
    if _CERTIFICATION in session.config.stash and not session.config.option.collectonly:
        session.config.stash[_SESSION] = session
    done = yield
    if _WORKERS in session.config.stash and not _ending_of(session.config, 0):
        _settle_passive(session)
    return done


def _settle_passive(session: pytest.Session) -> None:
    """Reports the passive requirements of a run that workers shared, by all that they saw."""
    config = session.config
    certification = config.stash[_CERTIFICATION]
    try:
        config.stash[_LOG] = config.stash[_WORKERS].merged("")
        run = read_run(config.stash[_LOG])
    except (OutputError, EvidenceError) as error:
        _say(config, str(error), red=True)
        return
    passive = [each for each in run.verdicts if not each.requirement.is_active and certification.has_sent(each)]
    session.testscollected += len(passive)
    for report in passive_reports(config, passive):
        config.hook.pytest_runtest_logreport(report=report)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Ends the log, renders the reports, and sets the exit status that the verdict asks for."""
    config = session.config
    if _CERTIFICATION not in config.stash or config.option.collectonly:
        return
    if _WORKERS not in config.stash and not config.stash[_CERTIFICATION].has_begun:
        return
    ending = _ending_of(config, exitstatus)
    try:
        log = _ended_log(config, _ENDINGS.get(ending, ""))
        if worker_of(config) is not None:
            tell(config, ending)
            return
        reported = write_reports(log, output_folder(config))
        if config.getoption("sign") is not None:
            sign(log, config.getoption("sign"))
    except (OutputError, EvidenceError) as error:
        _say(config, str(error), red=True)
        session.exitstatus = EXIT_USAGE
        return
    config.stash[_REPORTED] = reported
    session.exitstatus = ending or _status_of(reported)


def _ending_of(config: pytest.Config, exitstatus: int) -> int:
    """The status of a run that ended before its time, by its own doing or a worker's; 0 for one that ended."""
    statuses = {exitstatus, *(config.stash[_WORKERS].statuses if _WORKERS in config.stash else ())}
    if config.stash.get(_OWN_ERROR, False):
        statuses.add(EXIT_INTERNAL)
    return next((each for each in _GRAVEST_FIRST if each in statuses), 0)


_GRAVEST_FIRST = (EXIT_INTERNAL, EXIT_USAGE, EXIT_INTERRUPTED)


def _ended_log(config: pytest.Config, why_not: str) -> Path:
    """The log of the run, ended; without a footer where the run did not end, for the reason given."""
    if _LOG in config.stash:
        return config.stash[_LOG]
    if _WORKERS in config.stash:
        return config.stash[_WORKERS].merged(why_not)
    run = config.stash[_CERTIFICATION].run
    if why_not:
        run.abandon(why_not)
    else:
        run.close()
    return run.log.path


def _status_of(reported: ReportedRun) -> int:
    """The exit status of a run that ended: its verdict's, unless a waiver is stale."""
    return EXIT_NOT_CERTIFIED if reported.stale_waivers else EXIT_STATUS[reported.verdict]


def _look_for_canaries(config: pytest.Config) -> None:
    """Fails a run in whose outputs a canary survived."""
    if _SESSION not in config.stash or worker_of(config) is not None:
        return
    settings = config.stash[_CERTIFICATION].settings
    files = [file for name in OUTPUTS if (file := settings.out / name).is_file()]
    found = list(survivors(files, canaries(settings.seed)))
    for told in found:
        _say(config, f"a made-up secret came through redaction: {told}. Do not hand these files over")
    if found and config.stash[_SESSION].exitstatus not in _ENDINGS:
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


def _is_about(section: pytest.Mark, promise: Promise, promises: tuple[Promise, ...]) -> bool:
    """Whether a module is about a promise: by the first part of its id, and by a word that its slug has, or has not."""
    prefix, _, rest = promise.requirement.id.partition("/")
    slug = rest.rpartition("/")[2]
    is_told = section.kwargs.get("about", "") in slug and section.kwargs.get("but", "\0") not in slug
    return is_told and prefix in _prefixes(section, promises)


def _prefixes(section: pytest.Mark, promises: tuple[Promise, ...]) -> frozenset[str]:
    """First parts of the ids of a section; `service` stands for the name of every service."""
    services = {promise.operation.service for promise in promises}
    return frozenset(name for each in section.args for name in (services if each == "service" else {each}))


def _promise(item: pytest.Item) -> Promise | None:
    callspec = getattr(item, "callspec", None)
    found = callspec.params.get("verdict") if callspec is not None else None
    return found if isinstance(found, Promise) else None


def _is_empty(item: pytest.Item) -> bool:
    """Whether pytest made up an item for a module without promises."""
    callspec = getattr(item, "callspec", None)
    return callspec is not None and "verdict" in callspec.params and _promise(item) is None


def _say(config: pytest.Config, words: str, **markup: bool) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(words, **markup)
