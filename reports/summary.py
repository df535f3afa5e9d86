"""summary.md: the run on one screen, for the job pages of CI systems."""

import re
from collections import Counter
from collections.abc import Iterator

from contracts.judge.verdicts import RequirementVerdict
from reports.run import Run
from reports.statement import clock, outcome
from reports.words import COLUMNS, PROTOCOLS

MOST_LISTED = 20

_SPECIAL = re.compile(r"([\\`*_{}\[\]#!|~]|\A[-+])")


def summary_markdown(run: Run) -> str:
    """The text: verdict, a row for each binding, what is violated and deviates, and what is open."""
    lines = [f"# {run.verdict.capitalize()}", "", outcome(run), "", *_facts(run), ""]
    lines += [*_table(run), ""]
    for title, verdict in (("Violated", "violated"), ("Deviates", "deviates"), ("Waived", "waived")):
        listed = [each for each in run.verdicts if each.verdict == verdict]
        if listed:
            lines += [f"## {title} ({len(listed)})", "", *_findings(listed), ""]
    if run.header.waivers:
        lines += [f"## Waivers ({len(run.header.waivers)})", "", *_waivers(run), ""]
    if open_ends := [*map(_plain, run.open_ends), *_open(run)]:
        lines += ["## Open", "", *(f"- {each}" for each in open_ends), ""]
    return "\n".join([*lines, "The whole report is `conformance.html`; the evidence is `evidence.jsonl`.", ""])


def _facts(run: Run) -> Iterator[str]:
    header = run.header
    strict = ", strict" if header.strict else ""
    told = f"{run.counts.get('exchanges', 0):,} exchanges, profile {header.profile}, seed {header.seed}{strict}"
    yield f"{told}, started {clock(header.started)}."
    for service, url in header.targets.items():
        yield f"- {service}: {_plain(url)}"


def _table(run: Run) -> Iterator[str]:
    yield f"| service | binding | {' | '.join(COLUMNS)} |"
    yield f"| --- | --- |{' ---: |' * len(COLUMNS)}"
    for binding in run.header.bindings:
        counts = Counter(each.verdict for each in run.of_binding(binding))
        cells = (str(sum(counts[each] for each in verdicts)) for verdicts in COLUMNS.values())
        name = f"{binding.service} {binding.operation}"
        yield f"| {_plain(name)} | {PROTOCOLS[binding.protocol]} | {' | '.join(cells)} |"


def _findings(listed: list[RequirementVerdict]) -> Iterator[str]:
    for each in listed[:MOST_LISTED]:
        finding = each.first_finding
        found = "" if finding is None else f": expected {_plain(finding.expected)}, found {_plain(finding.actual)}"
        place = f"{each.service} {each.operation}, {PROTOCOLS[each.protocol]}"
        yield f"- `{each.requirement.id}` on {_plain(place)}{found}"
    if len(listed) > MOST_LISTED:
        yield f"- and {len(listed) - MOST_LISTED} more"


def _waivers(run: Run) -> Iterator[str]:
    """What no longer holds, then who accepted what, and until when."""
    yield from (f"- **stale**: {_plain(each)}" for each in run.stale_waivers)
    for each in run.header.waivers[:MOST_LISTED]:
        ticket = f", {_plain(each.ticket)}" if each.ticket else ""
        accepted = f"`{each.requirement}` of {_plain(each.service)}, by {_plain(each.owner)}{ticket}"
        yield f"- {accepted}, until {each.expires}: {_plain(each.reason)}"
    if len(run.header.waivers) > MOST_LISTED:
        yield f"- and {len(run.header.waivers) - MOST_LISTED} more"


def _open(run: Run) -> Iterator[str]:
    """What keeps the run from being complete, by reason."""
    reasons = Counter(
        f"{each.service}: {each.reason}" for each in run.verdicts if each.verdict in ("inconclusive", "not exercised")
    )
    for reason, count in reasons.most_common(MOST_LISTED):
        yield f"{_plain(reason)} ({count} requirement{'' if count == 1 else 's'})"


def _plain(text: str) -> str:
    """Text that Markdown and HTML take as it is, on one line and not longer than a few."""
    cut = text if len(text) <= 300 else f"{text[:300]}..."
    one_line = " ".join(cut.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    printable = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in one_line)
    return _SPECIAL.sub(r"\\\1", printable)
