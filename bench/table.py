"""The results as Markdown, the ratios first: what they say does not depend on the machine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.measures import Measure
from strategies.draws import CHUNK


@dataclass(frozen=True, slots=True)
class Peak:
    """The peak memory, in bytes, of a process that did nothing but one suite run; and how large its log grew."""

    sent: int
    memory: int
    log_bytes: int


@dataclass(frozen=True, slots=True)
class Results:
    """What was measured. `rounds` holds, for each round, one measure of each thing, taken one after another."""

    rounds: Sequence[Mapping[str, Measure]]
    peaks: Sequence[Peak]


@dataclass(frozen=True, slots=True)
class _Ratio:
    """A rate of the suite over another, and what is asked of it; None where nothing is."""

    title: str
    other: str
    needed: float | None
    goal: float | None


_RATIOS = (
    _Ratio("a bare `requests.Session` loop on the same messages", "bare", 0.3, 0.4),
    _Ratio("the same loop with `trust_env` off, so that it looks for no proxy", "bare_alone", None, None),
    _Ratio("`schemathesis run` on the equivalent OpenAPI operation, evidence included", "schemathesis", 8, 10),
    _Ratio("Schemathesis called from Python, without evidence", "schemathesis_alone", None, None),
)
_RATES = {
    "suite": "suite run: drawn, filled, sent, judged, logged",
    "bare": "bare `requests.Session` loop",
    "bare_alone": "the same with `trust_env` off",
    "schemathesis": "`schemathesis run`",
    "schemathesis_alone": "Schemathesis called from Python",
}


def markdown(results: Results) -> str:
    """The whole page."""
    sections = (_ratios(results), _rates(results), _parts(results), _peaks(results.peaks))
    return _HEAD + "\n".join("\n".join(section) + "\n" for section in sections)


def _ratios(results: Results) -> Iterator[str]:
    yield "## Ratios\n"
    yield "| the suite's rate over that of | ratio | lowest to highest | needed | goal | |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    for ratio in _RATIOS:
        found = [each["suite"].rate / each[ratio.other].rate for each in results.rounds]
        asked = f"{_number(ratio.needed)} | {_number(ratio.goal)} | {_said(ratio, median(found))}"
        yield f"| {ratio.title} | **{median(found):.2f}** | {min(found):.2f} to {max(found):.2f} | {asked} |"


def _said(ratio: _Ratio, found: float) -> str:
    if ratio.needed is None or ratio.goal is None:
        return ""
    if found >= ratio.goal:
        return "goal met"
    return "first step met" if found >= ratio.needed else "not met"


def _number(wanted: float | None) -> str:
    return "" if wanted is None else f"{wanted:g}"


def _rates(results: Results) -> Iterator[str]:
    yield "## Rates of this run\n"
    yield "| what | messages | exchanges per second | microseconds each |"
    yield "| --- | ---: | ---: | ---: |"
    for name, title in _RATES.items():
        rate = median(each[name].rate for each in results.rounds)
        yield f"| {title} | {results.rounds[0][name].sent:,} | {rate:,.0f} | {1e6 / rate:,.0f} |"


def _parts(results: Results) -> Iterator[str]:
    """The parts in the round that was least disturbed: a share means little where other work got in between."""
    parts = max((each["parts"] for each in results.rounds), key=lambda measure: measure.rate)
    yield "## Where an exchange of the suite spends its time\n"
    yield "| part | microseconds | share |"
    yield "| --- | ---: | ---: |"
    rest = parts.seconds - sum(parts.parts.values())
    for name, seconds in {**parts.parts, "all else": rest}.items():
        yield f"| {name} | {seconds / parts.sent * 1e6:.0f} | {seconds / parts.seconds:.0%} |"


def _peaks(peaks: Sequence[Peak]) -> Iterator[str]:
    yield "## Peak memory of a suite run\n"
    yield "| exchanges | peak memory | over the shortest run | evidence log |"
    yield "| ---: | ---: | ---: | ---: |"
    for peak in peaks:
        grown = f"{peak.memory / peaks[0].memory - 1:+.1%}"
        yield f"| {peak.sent:,} | {_mebibytes(peak.memory)} | {grown} | {_mebibytes(peak.log_bytes)} |"
    yield f"\nMessages are drawn {CHUNK:,} at a time; a run of a few chunks is yet to reach the plateau."


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"


_HEAD = """# Speed and memory

Written by `python -m bench --write` (`tox run -e bench`). Everything was measured in one run, on one machine, against
one static target on loopback, in a process of its own, that answers each request with fixed bytes: the documented
SOAP 1.1 success response of UTWS `logsAvailable` that publishes no session (a fixed answer cannot repeat what is asked
about, and findings would weigh on one side only), and the same content as JSON. The suite and the
bare loop send the same messages. Measures alternate, and a ratio is the median of the ratios of each round: both of its
sides saw the same load. Setting up is paid before the clock starts, on every side. Rates depend on the machine; the
ratios hardly.

"""
