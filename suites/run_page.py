"""pytest-html's page of a run, `run.html`: columns for what an item is about, links into conformance.html."""

from collections.abc import MutableSequence
from html import escape
from typing import Any

import pytest

from contracts.judge.verdicts import RequirementVerdict
from reports.anchors import requirement_anchor

COLUMNS = ("service", "binding", "requirement", "verdict")
"""Names of the item's user properties that the page shows, in order, instead of pytest's node id."""

TEST_COLUMN = 1
"""Where pytest-html puts the node id."""


def properties_of(reached: RequirementVerdict) -> list[tuple[str, object]]:
    """What a pytest item tells the page and other reports of its verdict."""
    key = (reached.service, reached.operation, reached.protocol, reached.requirement.id)
    return [
        ("service", f"{reached.service}/{reached.operation}"),
        ("binding", reached.protocol),
        ("requirement", reached.requirement.id),
        ("verdict", reached.verdict),
        ("exercised", reached.exercised),
        ("anchor", requirement_anchor(key)),
    ]


@pytest.hookimpl(optionalhook=True)
def pytest_html_report_title(report: Any) -> None:
    """The page's title."""
    report.title = "Soapstone: a run, requirement by requirement"


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_header(cells: MutableSequence[str]) -> None:
    """Our columns instead of the node id."""
    named = [f'<th class="sortable" data-column-type="{name}">{name.capitalize()}</th>' for name in COLUMNS]
    cells[TEST_COLUMN : TEST_COLUMN + 1] = named


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_row(report: pytest.TestReport, cells: MutableSequence[str]) -> None:
    """An item's row; the requirement links to its place in conformance.html."""
    if not cells:
        return
    known = dict(report.user_properties)
    texts = {name: escape(str(known.get(name, ""))) for name in COLUMNS}
    if "anchor" in known:
        address = escape(f"conformance.html#{known['anchor']}", quote=True)
        texts["requirement"] = f'<a href="{address}">{texts["requirement"]}</a>'
    else:
        texts["requirement"] = escape(report.nodeid)
    cells[TEST_COLUMN : TEST_COLUMN + 1] = [f'<td class="col-{name}">{texts[name]}</td>' for name in COLUMNS]


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_html(report: pytest.TestReport, data: MutableSequence[str]) -> None:
    """The reason of a skip in plain words, where pytest-html prints a tuple."""
    if report.skipped and isinstance(report.longrepr, tuple):
        data[:] = [escape(report.longrepr[2].removeprefix("Skipped: "))]
