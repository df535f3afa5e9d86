"""All files that are rendered from a run's evidence."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from reports.badge import badge_svg
from reports.changes import changes_since
from reports.files import write_file
from reports.forms import blaming
from reports.har import write_har
from reports.html import conformance_html
from reports.junit import junit_xml
from reports.merging import merge_logs
from reports.reading import read_run
from reports.run import Run
from reports.summary import summary_markdown
from reports.verdict_json import verdict_json

RENDERERS: Mapping[str, Callable[[Run], str]] = {
    "verdict.json": verdict_json,
    "junit.xml": junit_xml,
    "summary.md": summary_markdown,
    "badge.svg": badge_svg,
}
"""What each file is made by."""


OUTPUTS = ("evidence.jsonl", *RENDERERS, "conformance.html", "exchanges.har", "run.html")
"""Every file that a run leaves in its folder."""


def report(logs: Sequence[Path], folder: Path, against: Path | None = None) -> Run:
    """Renders every file from the logs of a run's parts, or from the one log of a run, and gives back the run.

    Several logs become one in the folder first. With an earlier log, the page tells what changed since. Raises as
    `write_reports` does.
    """
    log = logs[0] if len(logs) == 1 else merge_logs(logs, folder / "evidence.jsonl")
    return write_reports(log, folder, against)


def write_reports(log: Path, folder: Path, against: Path | None = None) -> Run:
    """Renders every file from a log, and gives back the run.

    Raises EvidenceError for a log that cannot be used and OutputError for a file that cannot be written.
    """
    run = read_run(log)
    changes = None if against is None else changes_since(read_run(against), run)
    with blaming(log):
        for name, render in RENDERERS.items():
            write_file(folder / name, render(run))
        write_file(folder / "conformance.html", conformance_html(run, changes))
        write_har(log, folder / "exchanges.har")
    return run
