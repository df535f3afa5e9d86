"""What a run was, in plain words: the first thing that an auditor reads."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from contracts.judge.verdicts import RunVerdict, Verdict, effect_of
from reports.header import CAPTURED
from reports.run import Run


def outcome(run: Run) -> str:
    """What the run's verdict means, in a sentence or two; waivers that carry it, or spoil it, are named."""
    if run.stale_waivers:
        stale = f"{_many(len(run.stale_waivers), 'waiver')} no longer hold{'s' if len(run.stale_waivers) == 1 else ''}"
        violated = sum(each.verdict == "violated" for each in run.verdicts)
        breaks = f"Besides, the target breaks {_many(violated, 'binding requirement')}: see the violations."
        told = [f"{stale}, and nothing is certified under such: see the waivers.", breaks if violated else ""]
        return " ".join(filter(None, told))
    return _OUTCOMES[run.verdict](run)


def _with_deviations(run: Run) -> str:
    deviating = sum(each.verdict == "deviates" for each in run.verdicts)
    departs = (
        f"From {_many(deviating, 'requirement')} that only recommend, or rest on conventions or on our reading of the "
        "page, the target departs: see the deviations."
    )
    breaches = _breaches(run)
    kept = "The others" if breaches else "All binding requirements"
    told = [breaches, f"{kept} that were put to the test are kept.", departs if deviating else ""]
    return " ".join(filter(None, told))


def _incomplete(run: Run) -> str:
    breaches = _breaches(run)
    found = f"{breaches} Nothing else" if breaches else "Nothing"
    return (
        f"{found} was found that forbids certification, but binding requirements remain open, so nothing is certified: "
        "see what was not exercised."
    )


def _breaches(run: Run) -> str:
    """What is broken under waivers; empty if nothing is."""
    broken = _broken_and_waived(run)
    if not broken:
        return ""
    owners = ", ".join(sorted({each.owner for each in run.header.waivers}))
    is_broken = f"{_many(broken, 'binding requirement')} {'is' if broken == 1 else 'are'} broken"
    return f"{is_broken}, which {owners} accepted in writing: see the waivers."


def _broken_and_waived(run: Run) -> int:
    """How many requirements on bindings are broken in a way that would be a violation, had no waiver accepted it."""
    return sum(
        any(
            series.first.effect == "waived"
            and effect_of(series.first.level, series.first.basis, strict=run.header.strict) == "violation"
            for series in found.series
        )
        for found in run.findings.values()
    )


_OUTCOMES: Mapping[RunVerdict, Callable[[Run], str]] = {
    "certified": lambda _: "Every requirement that was exercised is kept, and none that binds was left unexercised.",
    "certified with deviations": _with_deviations,
    "incomplete": _incomplete,
    "not certified": lambda _: "The target breaks at least one requirement that binds this run: see the violations.",
}


def statement(run: Run) -> str:
    """The run in a few sentences: what was sent where, how much of what is promised was exercised, the outcome."""
    header = run.header
    services, bindings = {row.service for row in header.bindings}, len(header.bindings)
    sent = _many(run.counts.get("exchanges", 0), "message")
    where = f"{_many(len(services), 'service')} over {_many(bindings, 'binding')}"
    told = [
        f"Soapstone looked at {sent} that others had sent to {where}, and judged every answer; it sent nothing."
        if header.profile == CAPTURED
        else f"Soapstone sent {sent} to {where}, on {header.started[:10]}, and judged every answer.",
        f"The services' documentation pages and the standards make {_many(len(run.verdicts), 'promise')} there.",
        _sum_of(run),
        outcome(run),
    ]
    return " ".join(filter(None, told))


def _sum_of(run: Run) -> str:
    """All promises by what became of them: the numbers add up to the promises."""
    seen = Counter(each.verdict for each in run.verdicts)
    parts = [f"{seen[verdict]:,} {said}" for verdict, said in _BECAME.items() if seen[verdict]]
    if not parts:
        return ""
    *most, last = parts
    return f"Of these: {', '.join(most)}{' and ' if most else ''}{last}."


_BECAME: Mapping[Verdict, str] = {
    "violated": "broken",
    "deviates": "departed from, where none binds",
    "waived": "not kept, which a waiver accepts",
    "conformant": "exercised and kept",
    "inconclusive": "without a usable answer",
    "not exercised": "not put to the test",
    "not observed": "about answers that did not occur",
    "not applicable": "not about their binding",
    "out of scope": "outside the scope that the configuration allows",
}


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def clock(time: str) -> str:
    """A time of a log (ISO 8601) as readers write it, in UTC; anything else as it is."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return time
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment.tzinfo else time
