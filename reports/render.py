"""All files that are rendered from a run's evidence."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from reports.files import write_file
from reports.html import conformance_html
from reports.junit import junit_xml
from reports.reading import read_run
from reports.run import Run
from reports.verdict_json import verdict_json

RENDERERS: Mapping[str, Callable[[Run], str]] = {
    "verdict.json": verdict_json,
    "junit.xml": junit_xml,
    "conformance.html": conformance_html,
}
"""What each file is made by."""


def write_reports(logs: Path | Sequence[Path], folder: Path) -> Run:
    """Renders every file from one log, or from the logs of a run's workers and shards, and gives back the run.

    Raises EvidenceError for a log that cannot be used and OutputError for a file that cannot be written.
    """
    run = read_run([logs] if isinstance(logs, Path) else logs)
    for name, render in RENDERERS.items():
        write_file(folder / name, render(run))
    return run
