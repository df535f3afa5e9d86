"""What a run was, in plain words: the first thing that an auditor reads."""

from collections import Counter
from datetime import UTC, datetime

from reports.header import CAPTURED
from reports.run import Run

_ENDS = {
    "certified": "All that were exercised were kept.",
    "certified with deviations": "Nothing that binds was broken; {deviating} deviated or were waived.",
    "not certified": "The target broke {violated} of them.",
    "incomplete": "None that binds was found broken, but the run is incomplete.",
}


def statement(run: Run) -> str:
    """The run in a few sentences: what was sent where, how much of what is promised was exercised, the outcome."""
    header = run.header
    services, bindings = {row.service for row in header.bindings}, len(header.bindings)
    seen = Counter(each.verdict for each in run.verdicts)
    exercised = sum(each.exercised > 0 for each in run.verdicts)
    sent = _many(run.counts.get("exchanges", 0), "message")
    where = f"{_many(len(services), 'service')} over {_many(bindings, 'binding')}"
    told = [
        f"Soapstone looked at {sent} that others had sent to {where}, and judged every answer; it sent nothing."
        if header.profile == CAPTURED
        else f"Soapstone sent {sent} to {where}, on {header.started[:10]}, and judged every answer.",
        f"The services' documentation pages and the standards make {_many(len(run.verdicts), 'promise')} there; "
        f"the run exercised {exercised:,} of them.",
        _ENDS[run.verdict].format(violated=f"{seen['violated']:,}", deviating=f"{seen['deviates'] + seen['waived']:,}"),
        _left(seen["not exercised"] + seen["inconclusive"], "could not be put to the test, and the report says why"),
        _left(seen["out of scope"], "lay outside the scope that the configuration allows"),
        _left(seen["not observed"], "speak of answers that did not occur"),
    ]
    return " ".join(filter(None, told))


def _left(number: int, what: str) -> str:
    return f"{number:,} {what}." if number else ""


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def clock(time: str) -> str:
    """A time of a log (ISO 8601) as readers write it, in UTC; anything else as it is."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return time
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment.tzinfo else time
