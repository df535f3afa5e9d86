"""`python -m bench.campaign [--messages N] [--write]`: draws messages over every shipped operation and proves each.

No message that is called valid may be invalid to either validator, none that is called a defect may be healed, and
memory stays flat. Prints the table as Markdown; any such message makes the exit status 1.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from lxml import etree

from contracts.judge.records import Message, Request
from contracts.loader import load_services
from contracts.model import Binding, Content, Operation
from contracts.names import namespace_of
from contracts.values import fill
from strategies.cases import CASES
from strategies.draws import draw
from strategies.http_requests import requests
from strategies.payloads import messages
from strategies.subjects import Subject
from strategies.templates import Template, made_up, template_of
from strategies.values import ValueSpace
from strategies.wire import read
from suites.plan import Item, plan

PAGE: Final = Path(__file__).parent.parent / "docs" / "messages.md"
SEED: Final = 1
STEP: Final = 1_000
"""Messages of an operation before the next one has its turn: so that memory is looked at with all of them warm."""

SPELLED_EVERY: Final = 10
"""One message in so many is the known-good one in another spelling, the others are variations of it."""

EXACT_EVERY: Final = 20
"""One message in so many is shown to xmlschema, too; lxml sees all. It is some 50 times as slow."""

DISTINCT_OF: Final = 1_000
_UNIT: Final = 1 if sys.platform == "darwin" else 1024
"""Bytes in the unit of `ru_maxrss`: getrusage(2) counts kilobytes on Linux, bytes on macOS."""


@dataclass
class Tally:
    """What the campaign found of one operation over one binding."""

    operation: Operation
    binding: Binding
    leaves: int = 0
    edge_values: int = 0
    missed_edges: int = 0
    edges: int = 0
    valid: int = 0
    spelled: int = 0
    defects: int = 0
    distinct: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The operation and its binding."""
        return f"{self.operation.key}/{self.binding.protocol}"


@dataclass(frozen=True, slots=True)
class Campaign:
    """The tallies, and peak memory (bytes) after each round of messages."""

    tallies: Sequence[Tally]
    peaks: Sequence[tuple[int, int]]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was wrong and memory did not grow by more than a tenth after the first fifth."""
        return not any(tally.wrong for tally in self.tallies) and self.growth <= 1.1

    @property
    def growth(self) -> float:
        """Peak memory at the end as a multiple of that after the first fifth."""
        warm = self.peaks[len(self.peaks) // 5][1]
        return self.peaks[-1][1] / warm


def main() -> None:
    """Draws, prints and, if asked to, writes the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.campaign", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000, help="messages to draw (%(default)s)")
    parser.add_argument("--write", action="store_true", help="write docs/messages.md too")
    arguments = parser.parse_args()
    campaign = run(arguments.messages)
    page = markdown(campaign)
    print(page)
    if arguments.write:
        PAGE.write_text(page, "utf-8")
    sys.exit(0 if campaign.is_clean else 1)


def run(count: int) -> Campaign:
    """A campaign of about so many drawn messages, beside all deterministic ones."""
    tallies = [
        Tally(operation, binding)
        for service in load_services().values()
        for operation in service.operations.values()
        for binding in operation.bindings
    ]
    for tally in tallies:
        _deterministic(tally)
    rounds = max(1, -(-count // (STEP * len(tallies))))
    peaks = []
    for number in range(rounds):
        for tally in tallies:
            _drawn(tally, number)
        peaks.append(((number + 1) * STEP * len(tallies), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT))
    return Campaign(tallies, peaks)


# --- one operation over one binding -----------------------------------------------------------------------------------


def _deterministic(tally: Tally) -> None:
    """The edges, which are all valid, and the defects, none of which is."""
    template = template_of(tally.operation, tally.binding.protocol)
    edges = list(_case(tally, "edges"))
    _count_edges(tally, template, edges)
    for message in edges:
        tally.edges += 1
        tally.wrong += _faults_of_valid(tally, message, exact=True)
    known_good = next(_case(tally, "known_good")).request
    for item in _defective(tally):
        for message in item.messages():
            if message.kind == "defect":
                tally.defects += 1
                tally.wrong += _faults_of_defect(tally, item.case, message, known_good)


def _defective(tally: Tally) -> list[Item]:
    """The plan's items of defects for the operation and binding."""
    services = {tally.operation.service: load_services()[tally.operation.service]}
    items = plan(services, [tally.binding.protocol], "thorough", SEED)
    return [item for item in items if item.operation.name == tally.operation.name and not item.is_unbroken]


def _count_edges(tally: Tally, template: Template, edges: Iterable[Message]) -> None:
    """How many values of leaves the deterministic phase has to try, and how many it does not."""
    tried = {(change.kind, _plain(change.where), change.after) for message in edges for change in message.changes}
    wanted = {
        ("value", _plain(site.where), option.after)
        for site in template.sites
        if site.kind == "value" and isinstance(site.space, ValueSpace)
        for option in site.options
    }
    tally.leaves = len({where for _, where, _ in wanted})
    tally.edge_values, tally.missed_edges = len(wanted), len(wanted - tried)
    if wanted - tried:
        tally.wrong.append(f"{tally.name}: edges that no message has: {sorted(map(str, wanted - tried))[:3]}")


def _plain(where: str) -> str:
    """A path without positions: items of a list take turns."""
    return "/".join(step.partition("[")[0] for step in where.split("/"))


def _drawn(tally: Tally, number: int) -> None:
    """A thousand messages: nine in ten vary the sample, one in ten spells it otherwise."""
    operation, protocol = tally.operation, tally.binding.protocol
    started = time.process_time()
    spelled = STEP // SPELLED_EVERY
    varied = list(draw(messages(operation, protocol), STEP - spelled, SEED + number))
    tally.seconds += time.process_time() - started
    if number == 0:
        more = draw(messages(operation, protocol), DISTINCT_OF, SEED - 1)
        tally.distinct = len({message.request for message in more})
    for index, message in enumerate(varied):
        tally.valid += 1
        tally.wrong += _faults_of_valid(tally, message, exact=index % EXACT_EVERY == 0)
    for message in draw(requests(operation, protocol), spelled, SEED + number):
        tally.spelled += 1
        tally.wrong += _faults_of_valid(tally, message, exact=False)


def _case(tally: Tally, name: str) -> Iterator[Message]:
    return CASES[name](Subject(tally.operation, tally.binding, requirement_id="", item="", seed=SEED))


# --- proof ------------------------------------------------------------------------------------------------------------


def _faults_of_valid(tally: Tally, message: Message, *, exact: bool) -> list[str]:
    """What is wrong with a message that is called valid."""
    schema = tally.operation.schema
    try:
        for part in _parts(tally, message.request):
            if not schema.fast.validate(part):
                return [f"{tally.name}: {message.changes}: lxml: {schema.fast.error_log.last_error}"]
            if exact:
                schema.exact.validate(part)  # type: ignore[arg-type]
    except (etree.XMLSyntaxError, ValueError) as error:
        return [f"{tally.name}: {message.changes}: {error}"]
    return []


def _faults_of_defect(tally: Tally, case: str, message: Message, known_good: Request) -> list[str]:
    """What is wrong with a message that is called a defect: that it is none."""
    is_repeated = any(change.kind == "again" for change in message.changes)
    if message.request == known_good and not is_repeated:
        return [f"{tally.name}: {case}: {message.changes}: the known-good message"]
    healed = False
    if message.changes and message.changes[-1].kind == "structure":
        template = template_of(tally.operation, tally.binding.protocol)
        healed = template.is_valid(read(template, message.request))
    elif message.changes and message.changes[0].kind == "lexical":
        healed = all(tally.operation.schema.fast.validate(part) for part in _parts(tally, message.request))
    elif case == "ill_formed":
        healed = _is_well_formed(message.request)
    return [f"{tally.name}: {case}: {message.changes}: healed"] if healed else []


def _is_well_formed(request: Request) -> bool:
    try:
        etree.fromstring(request.body or b"", etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError:
        return False
    return True


def _parts(tally: Tally, request: Request) -> list[etree._Element]:
    """The content of Header and Body, or the document, each below an element that the schema declares."""
    binding = tally.binding
    template = template_of(tally.operation, binding.protocol)
    request = fill(request, {site.leaf.name: made_up(site) for site in template.credentials if site.leaf})
    if binding.is_form:
        tag = binding.request.body.element or ""
        root = etree.Element(tag)
        text = (request.body or b"").decode() or request.path.partition("?")[2]
        for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=True):
            etree.SubElement(root, f"{{{namespace_of(tag)}}}{name}").text = value
        order = [str(child.tag) for child in template.payload.body]
        root[:] = sorted(root, key=lambda child: order.index(str(child.tag)))
        return [root]
    root = etree.fromstring(request.body or b"", etree.XMLParser(remove_comments=True, huge_tree=True))
    return list(_soap_parts(tally, root)) if binding.is_soap else [root]


def _soap_parts(tally: Tally, root: etree._Element) -> Iterator[etree._Element]:
    shape = tally.binding.request
    for name, content in (("Header", shape.header), ("Body", shape.body)):
        part = root.find(f"{{{namespace_of(str(root.tag))}}}{name}")
        if content is not None and part is not None:
            yield _as_declared(tally.operation, part, content)


def _as_declared(operation: Operation, part: etree._Element, content: Content) -> etree._Element:
    if content.element is not None:
        return part[0]
    wrapper = etree.Element(operation.schema.wrapper(content.type_name or ""))
    wrapper.extend([child for child in part if not str(child.tag).startswith("{urn:soapstone:")])
    return wrapper


# --- the page ---------------------------------------------------------------------------------------------------------

_HEAD: Final = (
    "Operation and binding", "Leaves", "Edge values", "Messages of the deterministic phase", "Drawn", "Spelled",
    "Defects", f"Distinct of {DISTINCT_OF:,}", "Drawn per second of CPU",
)  # fmt: skip


def markdown(campaign: Campaign) -> str:
    """The campaign as a page."""
    rows = [
        (
            f"`{tally.name}`", tally.leaves, tally.edge_values, tally.edges, tally.valid, tally.spelled, tally.defects,
            tally.distinct, round(tally.valid / tally.seconds),
        )
        for tally in campaign.tallies
    ]  # fmt: skip
    wrong = [each for tally in campaign.tallies for each in tally.wrong]
    total = sum(tally.valid + tally.spelled + tally.edges + tally.defects for tally in campaign.tallies)
    missed = sum(tally.missed_edges for tally in campaign.tallies)
    first, last = campaign.peaks[0], campaign.peaks[-1]
    lines = [
        "# The message campaign",
        "",
        "`tox run -e campaign` draws messages over every shipped operation and binding. lxml validates each message",
        f"that is called valid, xmlschema every edge and one drawn message in {EXACT_EVERY}; each defect is checked to",
        "be one.",
        "The deterministic phase comes first in every run: it has every edge value of every leaf.",
        "",
        _row(_HEAD),
        _row(("---", *["---:"] * (len(_HEAD) - 1))),
        *(_row(tuple(f"{cell:,}" if isinstance(cell, int) else cell for cell in row)) for row in rows),
        "",
        f"- Messages: {total:,}. Invalid though called valid, or healed though called a defect: {len(wrong)}.",
        f"- Edge values that the deterministic phase leaves out: {missed}.",
        f"- Peak memory: {_megabytes(first[1])} after {first[0]:,} drawn messages, {_megabytes(last[1])} after "
        f"{last[0]:,} ({campaign.growth:.2f} times that after the first fifth).",
        "",
        *(f"    {each}" for each in wrong[:20]),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


if __name__ == "__main__":
    main()
