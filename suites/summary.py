"""What the terminal says: of a finding, and of a run."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from contracts.judge.verdicts import RequirementVerdict
from reports.bodies import shortened
from reports.run import Run
from reports.statement import outcome


def finding_lines(reached: RequirementVerdict) -> str:
    """A violated requirement in a few lines: what it requires, what was found, where, and how often."""
    requirement, finding = reached.requirement, reached.first_finding
    lines = [
        f"{requirement.id} is violated on {reached.service}/{reached.operation}/{reached.protocol}",
        f"  requires  {requirement.requires}",
        f"  source    {requirement.source} ({requirement.level}, {requirement.basis})",
    ]
    if finding is not None:
        lines += [
            f"  found     {finding.name}: {shortened(finding.actual)}",
            f"  expected  {shortened(finding.expected)}",
            f"  where     exchange {finding.exchange}{f', {finding.where}' if finding.where else ''}",
        ]
    lines.append(f"  count     {reached.violated} findings in {reached.exercised} observations")
    return "\n".join(map(printable, lines))


def printable(text: str) -> str:
    """A line as a terminal may show it: whatever a target sent, no control character acts and no line breaks."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


def run_lines(run: Run, out: Path) -> Iterator[str]:
    """The run's verdict, its counts, what keeps it from being complete, and where the reports lie."""
    return map(printable, _run_lines(run, out))


def _run_lines(run: Run, out: Path) -> Iterator[str]:
    if run.finished is None:
        yield "INTERRUPTED: what was collected is kept, and the reports speak of it alone"
    yield from (f"UNREACHABLE: {event.detail}" for event in run.events if event.name == "target given up")
    yield from (_HINT.format(place) for place in _unanswered_samples(run))
    differing = [each for each in run.events if each.name.startswith("difference: ")]
    yield from (f"{each.name}: {each.detail}" for each in differing[:_MOST_TOLD])
    if len(differing) > _MOST_TOLD:
        yield f"{len(differing) - _MOST_TOLD} more differences are listed in the report"
    unjudged = [each.detail for each in run.events if each.name == "not judged"]
    if unjudged:
        yield f"not judged: {len(unjudged):,} entries, listed in the report; first: {unjudged[0]}"
    told = ("compared with the original", "original given up", "clocks differ", "target changed", "passed over")
    befell = [each for each in run.events if each.name in told]
    yield from (f"{each.name}: {each.detail}" for each in befell[:_MOST_TOLD])
    if len(befell) > _MOST_TOLD:
        yield f"{len(befell) - _MOST_TOLD} more events are listed in the report"
    counts = Counter(each.verdict for each in run.verdicts)
    yield f"{run.verdict.upper()}: {outcome(run)}"
    yield ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items(), key=lambda each: -each[1]))
    yield f"{run.counts.get('exchanges', 0):,} exchanges; profile {run.header.profile}, seed {run.header.seed}"
    for reason, number in Counter(_open_end(each) for each in run.verdicts if _is_open(each)).most_common(5):
        yield f"open: {reason} ({number} requirements of level must)"
    for stale in run.stale_waivers:
        yield f"stale: {stale}"
    for end in run.open_ends:
        yield f"open: {end}"
    yield f"report: {out / 'conformance.html'}"


_MOST_TOLD = 20
"""Events of a kind that the terminal shows; the report lists all that are recorded."""

_HINT = "{}: the known-good message is not answered as documented: are the URL and the values right?"


def _unanswered_samples(run: Run) -> Iterator[str]:
    """The bindings on which not even the known-good message got the documented answer."""
    for each in run.verdicts:
        if each.requirement.sends == "known_good" and each.verdict == "violated":
            yield f"{each.service}/{each.operation}/{each.protocol}"


def _is_open(each: RequirementVerdict) -> bool:
    return each.requirement.level == "must" and each.verdict in ("inconclusive", "not exercised")


def _open_end(each: RequirementVerdict) -> str:
    return f"{each.service}: {each.reason}"
