"""The pytest plugin: options, parametrisation by requirement, reports, exit status.

It does nothing in a session that does not run the suites.
"""

import contextlib
import errno
import sys
import traceback
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
    config.addinivalue_line(
        "markers", "section(*prefixes, about, but): the requirement ids that a suite module is about"
    )
    if not _runs_suites(config):
        return
    try:
        _prepare(config)
    except (ContractError, EmbeddedError, EvidenceError, OutputError) as error:
        # Told here, as all commands tell what is wrong; pytest itself has nothing to add.
        print(f"soapstone: {error}", file=sys.stderr)
        raise pytest.UsageError from error
    except KeyboardInterrupt:
        pytest.exit("interrupted before anything was sent", returncode=EXIT_INTERRUPTED)


def _prepare(config: pytest.Config) -> None:
    """Makes the certification, and looks whether its log can be written."""
    _take_over_workers(config)
    configuration = configuration_of(config)
    if config.getoption("sign") is not None:
        private_key(config.getoption("sign"))
    if not configuration.targets and not config.option.collectonly:
        config.stash[_EMBEDDED] = EmbeddedTarget()
    embedded = config.stash[_EMBEDDED].targets if _EMBEDDED in config.stash else {}
    settings = settings_of(config, configuration, embedded)
    config.stash[_CERTIFICATION] = Certification(settings)
    config.pluginmanager.register(_CarefulWords(config.stash[_CERTIFICATION]))
    # Longer ones show the values that functions were called with, and which may be cut-off secrets.
    config.option.tbstyle = "short" if config.option.tbstyle in ("auto", "long") else config.option.tbstyle
    config.option.showlocals = config.option.fulltrace = False
    if config.option.collectonly:
        return
    _try_out(settings.log)
    if settings.resume is not None:
        next(read_lines(settings.resume))  # a log that cannot be read is refused before anything is written
    _add_run_page(config)


def _take_over_workers(config: pytest.Config) -> None:
    """Has `-n` of pytest-xdist, where that is installed, mean our own workers.

    Processes would each open a session, and know nothing of what the others were told to wait for.
    """
    if getattr(config.option, "dist", "no") != "no":
        config.option.workers = config.option.workers or len(config.option.tx)
        config.option.dist, config.option.tx = "no", []


def _try_out(log: Path) -> None:
    """Raises OutputError where a log cannot be written, or another run's lies; leaves nothing behind but its folder."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.open("xb").close()
        log.unlink()
    except FileExistsError as error:
        taken = OSError(errno.EEXIST, "it holds the evidence of an earlier run")
        raise OutputError(log, taken) from error
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
    if not all(target.is_loopback for target in targets.values()):
        budget = certification.settings.configuration.budget
        for line in plan_lines(certification.items, targets, budget=budget):
            _say(config, line)
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
    request.node.user_properties += run_page.properties_of(reached)
    if reached.verdict == "inconclusive":
        raise InconclusiveError(reached.reason)
    return reached


class InconclusiveError(RuntimeError):
    """Nothing can be said of a requirement, for want of usable answers."""


_OUTCOMES = (pytest.fail.Exception, pytest.skip.Exception, InconclusiveError)
"""What items end with that says something of the target."""


def judge_item(reached: RequirementVerdict, certification: Certification) -> None:
    """Turns a verdict into a pytest outcome: violated fails, what was not put to the test skips with its reason."""
    if reached.verdict == "violated":
        pytest.fail(certification.redacted(finding_lines(reached)), pytrace=False)
    if reached.verdict not in PASSING:
        pytest.skip(f"{reached.verdict}: {reached.reason}")


@pytest.fixture
def settle(pytestconfig: pytest.Config) -> Settle:
    """Turns a verdict into the outcome of the pytest item."""
    return partial(judge_item, certification=pytestconfig.stash[_CERTIFICATION])


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Begins to send what the chosen items are about; keeps the session for what is decided once files are written."""
    config = session.config
    if _CERTIFICATION in config.stash and not config.option.collectonly:
        config.stash[_SESSION] = session
        chosen = [promise for item in session.items if (promise := _promise(item)) is not None]
        config.stash[_CERTIFICATION].begin(chosen)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tells an error of our own from an outcome, and keeps secrets out of what is told of an item: in the terminal, on
    run.html, by any other plugin.
    """
    report = yield
    certification = item.config.stash.get(_CERTIFICATION, None)
    if certification is not None and certification.has_begun:
        if call.excinfo is not None and not isinstance(call.excinfo.value, _OUTCOMES):
            item.config.stash[_OWN_ERROR] = True
        report.longrepr = _redacted(report.longrepr, certification)
        report.sections = [(name, certification.redacted(text)) for name, text in report.sections]
    return report


def _redacted(told: Any, certification: Certification) -> Any:
    """What pytest tells of a failure, as text without secrets; of a skip, its place and the reason."""
    if told is None:
        return None
    if isinstance(told, tuple):
        path, line, reason = told
        return path, line, certification.redacted(reason)
    return certification.redacted(str(told))


class _CarefulWords:
    """Keeps secrets out of what pytest tells of an error of our own outside any item."""

    def __init__(self, certification: Certification) -> None:
        self._certification = certification

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: Any) -> None:
        """Redacts the lines before they are shown."""
        if self._certification.has_begun:
            for entry in excrepr.reprtraceback.reprentries:
                entry.lines[:] = map(self._certification.redacted, entry.lines)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Generator[None, None, None]:
    """Ends the run; where other plugins cannot write their page after that, says so as of any file."""
    _end_run(session, exitstatus)
    page = getattr(session.config.option, "htmlpath", None)
    try:
        yield
    except OSError as error:
        if _CERTIFICATION not in session.config.stash or page is None or not isinstance(page, str):
            raise
        if session.exitstatus != EXIT_USAGE:  # else told already
            _say(session.config, str(OutputError(Path(page), error)), red=True)
        with contextlib.suppress(OSError):
            Path(page).unlink()
        session.exitstatus = EXIT_USAGE


def _end_run(session: pytest.Session, exitstatus: int) -> None:
    """Ends the log, renders the reports, and sets the exit status that the verdict asks for."""
    config = session.config
    if _CERTIFICATION not in config.stash or config.option.collectonly:
        return
    certification = config.stash[_CERTIFICATION]
    if not certification.has_begun:
        return
    ending = _ending_of(config, exitstatus)
    try:
        log = certification.end(_ENDINGS.get(ending, ""))
        reported = write_reports(log, output_folder(config))
        if config.getoption("sign") is not None:
            sign(log, config.getoption("sign"))
    except (OutputError, EvidenceError) as error:
        if ending != EXIT_USAGE:  # else it is told that the log could not be written
            _say(config, str(error), red=True)
        session.exitstatus = EXIT_USAGE
        return
    except Exception:
        _say(config, certification.redacted(traceback.format_exc()), red=True)
        session.exitstatus = EXIT_INTERNAL
        return
    config.stash[_REPORTED] = reported
    session.exitstatus = ending or EXIT_STATUS[reported.verdict]


def _ending_of(config: pytest.Config, exitstatus: int) -> int:
    """The status of a run that ended before its time; 0 for one that ended."""
    if config.stash.get(_OWN_ERROR, False):
        return EXIT_INTERNAL
    return exitstatus if exitstatus in _ENDINGS else 0


def _look_for_canaries(config: pytest.Config) -> None:
    """Fails a run in whose outputs a canary survived."""
    if _SESSION not in config.stash:
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
        reporter.ensure_newline()
        reporter.write_line(words, **markup)
