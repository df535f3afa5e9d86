"""conformance.html as its readers have it: quick, quiet, accessible, and deaf to whatever a target answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contracts.judge.records import Change, Judgement, Response
from reports.header import Reasons, requirement_rows
from reports.render import write_reports
from tests.reports.report_samples import (
    ID,
    envelope,
    exchange,
    finding,
    header,
    message,
    operation,
    requirement,
    write_log,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LARGEST = 5_000_000
"""Bytes of the page."""

INTERACTIVE = 2_000
"""Milliseconds until the page can be used."""


@dataclass(slots=True)
class Opened:
    """A page that was opened, and what it said and asked for since; `blocked` is what its own policy held back."""

    page: Page
    said: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)


@contextmanager
def opened(chromium: Browser, folder: Path, fragment: str = "", **options: Any) -> Iterator[Opened]:
    """The report of a folder, open."""
    context = chromium.new_context(viewport={"width": 1300, "height": 900}, **options)
    found = Opened(context.new_page())
    found.page.on("console", lambda message: found.said.append(message.text))
    found.page.on("pageerror", lambda error: found.said.append(str(error)))
    found.page.on("request", lambda request: found.requests.append(request.url))
    found.page.on("requestfailed", lambda request: request.failure == "csp" and found.blocked.append(request.url))

    def dismiss(dialog: Any) -> None:
        found.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    found.page.on("dialog", dismiss)
    address = (folder / "conformance.html").as_uri()
    found.page.goto(address + fragment)
    found.requests[:] = [each for each in found.requests if each.partition("#")[0] != address]
    try:
        yield found
    finally:
        context.close()


@pytest.fixture(params=["certified", "failed", "long"])
def folder(request: pytest.FixtureRequest) -> Path:
    """The reports of each run in turn."""
    found: Path = request.getfixturevalue(request.param)
    return found


def test_it_is_small_quick_and_quiet(chromium: Browser, folder: Path) -> None:
    assert (folder / "conformance.html").stat().st_size < LARGEST
    taken = []
    for _ in range(3):
        with opened(chromium, folder) as report:
            taken.append(report.page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive"))
            report.page.fill("#filter input", "fault")
            report.page.wait_for_timeout(500)
            assert " entries" in report.page.inner_text("#filter output")
            assert report.said == []
            assert report.requests == []
    assert min(taken) < INTERACTIVE, taken


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(chromium: Browser, folder: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    # The page's own policy would keep axe itself out.
    with opened(chromium, folder, color_scheme=scheme, bypass_csp=True) as report:
        report.page.set_default_timeout(600_000)
        found = axe.run(report.page, options={"resultTypes": ["violations"]})
    told = [(each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]]
    assert told == []


def test_sixty_findings_are_shown(chromium: Browser, failed: Path) -> None:
    with opened(chromium, failed) as report:
        assert report.page.locator("article.finding").count() >= 60


def test_a_link_to_a_requirement_opens_what_it_stands_in(chromium: Browser, certified: Path) -> None:
    anchor = "utws/logsAvailable/soap12/soap12/5.4.1/fault-code-children"
    with opened(chromium, certified, f"#{anchor}") as report:
        row = report.page.locator(f"[id='{anchor}']")
        assert row.is_visible()
        box = row.bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 900


def test_search_and_verdict_narrow_the_page(chromium: Browser, failed: Path) -> None:
    with opened(chromium, failed) as report:
        rows = report.page.locator("#matrix tr[data-verdict]:visible")
        everything = rows.count()
        report.page.select_option("#filter select", "violated")
        report.page.wait_for_timeout(300)
        violated = rows.count()
        assert 0 < violated < everything
        assert {each.get_attribute("data-verdict") for each in rows.all()} == {"violated"}
        report.page.click("#filter button")
        report.page.wait_for_timeout(300)
        assert rows.count() == everything


def test_it_is_read_without_javascript(chromium: Browser, failed: Path) -> None:
    with opened(chromium, failed, java_script_enabled=False) as report:
        assert report.page.locator("#filter").is_hidden()
        assert report.page.locator("article.finding").first.is_visible()
        assert report.page.locator("#matrix tr[data-verdict]").first.is_visible()


def test_the_keyboard_reaches_the_report_first(chromium: Browser, certified: Path) -> None:
    with opened(chromium, certified) as report:
        report.page.keyboard.press("Tab")
        assert report.page.evaluate("document.activeElement.className") == "skip"
        report.page.keyboard.press("Enter")
        assert report.page.evaluate("location.hash") == "#main"


def test_it_prints(chromium: Browser, failed: Path) -> None:
    with opened(chromium, failed) as report:
        assert report.page.pdf(format="A4").startswith(b"%PDF")
        report.page.emulate_media(media="print")
        assert report.page.locator("nav").is_hidden()
        assert report.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [320, 390, 800])
def test_a_narrow_screen_needs_no_sideways_scrolling(chromium: Browser, failed: Path, width: int) -> None:
    with opened(chromium, failed) as report:
        report.page.set_viewport_size({"width": width, "height": 800})
        assert report.page.evaluate("document.documentElement.scrollWidth") <= width


# --- hostile answers --------------------------------------------------------------------------------------------------

HIT = "window.hit=1"
HOSTILE = (
    f"<script>{HIT}</script>",
    f"</script><script>{HIT}</script>",
    f"<img src=x onerror={HIT}>",
    f'"><img src=x onerror="{HIT}">',
    f"'><svg/onload={HIT}>",
    f"<svg><animate onbegin={HIT} attributeName=x dur=1s>",
    f"]]><script>{HIT}</script>",
    f"</pre></style></title></textarea><script>{HIT}</script>",
    f"<iframe srcdoc='<script>parent.{HIT}</script>'>",
    f"<iframe src=javascript:parent.{HIT}>",
    f"<details open ontoggle={HIT}>",
    f"<input autofocus onfocus={HIT}>",
    f"<body onload={HIT}>",
    f"<math><mtext><style><img src=x onerror={HIT}>",
    f"<a href=javascript:{HIT}>x</a>",
    f"javascript:{HIT}",
    "<link rel=stylesheet href=http://127.0.0.1:9/x>",
    "<base href=http://127.0.0.1:9/>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "<style>@import 'http://127.0.0.1:9/x'; * { background: url(http://127.0.0.1:9/y) }</style>",
    "<form action=http://127.0.0.1:9/><button autofocus>",
    "<object data=http://127.0.0.1:9/x></object><embed src=http://127.0.0.1:9/x>",
    "<!--<img src=x onerror=" + HIT + ">-->",
    f"<![CDATA[<script>{HIT}</script>]]>",
    f"+ADw-script+AD4-{HIT}+ADw-/script+AD4-",
    f"{{{{constructor.constructor('{HIT}')()}}}}",
    f"\ufeff<script>{HIT}</script>\u2028\u202e\x00",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of a run in which every text that comes from elsewhere is a script, in one way or another."""
    folder = tmp_path_factory.mktemp("hostile")
    judged = []
    for number, evil in enumerate(HOSTILE, 1):
        raw = evil.encode()
        bodies = (
            raw,
            envelope("") + raw,
            envelope(f"<a b='{evil}'>{evil}</a>"),
            evil.encode("utf-16"),
            raw + bytes(range(256)),
        )
        spoken = message(changes=(Change(evil, evil, evil, evil, evil),), because=evil, item=evil)
        answered = Response(200, evil, (("X-" + evil, evil), ("Location", evil)), bodies[number % len(bodies)])
        told = finding(name=evil, expected=evil, actual=evil, where=evil, source=evil, exchange=number)
        judged.append((exchange(number, message=spoken, sent=raw, outcome=answered), Judgement((), (told,))))
    required = tuple(requirement(f"a/{number}", requires=evil, does=evil) for number, evil in enumerate(HOSTILE))
    tested = operation("soap11", requirements=(*operation("soap11").requirements("soap11"), *required))
    reasons = Reasons(not_exercised={ID["accepts-the-sample"]: HOSTILE[0], required[0].id: HOSTILE[2]})
    head = header(
        tested,
        rows=requirement_rows(tested, "soap11", reasons),
        scope=dict.fromkeys(HOSTILE, HOSTILE[3]),
        versions=dict.fromkeys(HOSTILE[:3], HOSTILE[3]),
        targets={"depot": f"http://127.0.0.1/{HOSTILE[3]}"},
    )
    write_reports(write_log(folder / "evidence.jsonl", judged, head=head), folder)
    return folder


def test_hostile_answers_execute_nothing_and_ask_for_nothing(chromium: Browser, hostile: Path) -> None:
    with opened(chromium, hostile) as report:
        report.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        report.page.wait_for_timeout(500)
        assert report.page.evaluate("window.hit === undefined")
        assert report.page.url.startswith("file:")
        assert report.said == []
        assert report.requests == []
        assert HIT in report.page.inner_text("#violations")


def test_markup_that_came_through_would_not_run_either(chromium: Browser, hostile: Path) -> None:
    with opened(chromium, hostile) as report:
        report.page.evaluate(
            "html => document.body.append(document.createRange().createContextualFragment(html))", "".join(HOSTILE[:12])
        )
        report.page.wait_for_timeout(500)
        assert report.page.evaluate("window.hit === undefined")
        assert sorted(report.requests) == sorted(report.blocked)
        assert any("Content Security Policy" in each for each in report.said)


def test_the_other_pages_run_nothing_hostile(chromium: Browser, hostile: Path) -> None:
    for name in ("badge.svg", "junit.xml"):
        context = chromium.new_context()
        page = context.new_page()
        page.goto((hostile / name).as_uri())
        assert page.evaluate("window.hit === undefined")
        context.close()


# --- the archive ------------------------------------------------------------------------------------------------------


def test_the_browser_serves_an_exchange_from_the_archive(chromium: Browser, certified: Path) -> None:
    archive = json.loads((certified / "exchanges.har").read_text("utf-8"))
    entry = next(
        each
        for each in archive["log"]["entries"]
        if each["request"]["method"] == "GET" and each["response"]["status"] == 200
    )
    context = chromium.new_context()
    context.route_from_har(certified / "exchanges.har", not_found="abort")
    answer = context.new_page().goto(entry["request"]["url"])
    assert answer is not None
    assert answer.status == 200
    assert answer.text() == entry["response"]["content"]["text"]
    context.close()
