"""Chromium and reports as fixtures, for runs that name this folder: `tox run -e browser`, or `pytest tests/browser`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.rendering import multiplied, read_records, write_log
from contracts.loader import load_services
from reports.render import write_reports
from suites.certification import Certification
from suites.configuration import Configuration
from suites.embedded import EmbeddedTarget
from suites.header import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).resolve().parent
FAULTS = (
    "fault_with_status_200", "success_with_status_201", "reads_text_as_zero", "wraps_out_of_range_numbers",
    "ignores_must_understand", "accepts_any_media_type", "runs_unknown_operation", "refuses_least_number",
    "refuses_long_text", "charset_label_lies", "control_character_for_tab", "accepts_malformed_xml",
    "gives_token_for_invalid_credentials", "body_after_head", "answers_unknown_device",
)  # fmt: skip
"""Together they make some sixty findings."""

_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leaves this folder out of a plain `pytest`, whose users need not have a browser."""
    folder = config.invocation_params.dir
    paths = [(folder / argument.partition("::")[0]).resolve() for argument in config.args]
    return None if any(path.is_relative_to(HERE) for path in paths) else True


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium of this machine; whoever has not the `browser` extra skips what needs it."""
    playwright_api = pytest.importorskip("playwright.sync_api", reason="needs: pip install -e .[browser]")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert program, "no Chromium on the path: install it"
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield browser
        browser.close()


def _reported(folder: Path, *arguments: str) -> Path:
    """The folder of the reports of a run against a reference target with these arguments."""
    with EmbeddedTarget(arguments) as embedded:
        certification = Certification(Settings(load_services(), Configuration(embedded.targets), folder))
        certification.send_all()
        certification.run.close()
    write_reports(certification.run.log.path, folder)
    return folder


@pytest.fixture(scope="session")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of a certified run."""
    return _reported(tmp_path_factory.mktemp("certified"))


@pytest.fixture(scope="session")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of a run with sixty findings."""
    return _reported(tmp_path_factory.mktemp("failed"), *(word for name in FAULTS for word in ("--fault", name)))


@pytest.fixture(scope="session")
def long(failed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of a made-up run of 5,000 cases and 100,000 exchanges."""
    folder = tmp_path_factory.mktemp("long")
    log = folder / "evidence.jsonl"
    write_log(log, multiplied(read_records(failed / "evidence.jsonl"), 5_000, 100_000))
    write_reports(log, folder)
    return folder
