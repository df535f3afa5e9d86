"""Messages that mean something together only: the same one again, several at a time, over every binding, by window.

Each says in its changes what it is for; `contracts.judge.comparisons` reads that again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from contracts.judge.comparisons import IDENTITY, TOGETHER, WINDOW
from contracts.judge.records import Change, Request
from contracts.model import Binding, Relation
from strategies.blocks import with_blocks
from strategies.defects import Sample, entitlement
from strategies.subjects import AGAIN, Draft, Subject
from strategies.templates import Site, Template, deepcopy_of, template_of
from strategies.wire import request

BRACKET: Final = 6
"""Messages between two known-good ones: few enough for data that move not to have moved, most often."""

IN_FLIGHT: Final = 16
"""Requests in flight together: as many as a small server has threads, and more than a pool of connections."""

TIMES: Final = 20
"""Known-good messages in a row, where a profile does not say."""

PAGES: Final = 2
"""Pages asked for of each window."""

_BOTH_ENDS: Final = (("2000-01-01T00:00:00", "2100-01-01T00:00:00"), ("2100-01-01T00:00:00", "2000-01-01T00:00:00"))
"""Both bounds of a window that leaves nearly all in, and of one that leaves nothing in, whichever is the lower one."""

_INSTANTS: Final = ("2000-01-01T00:00:00", "2015-06-15T12:00:00", "2024-01-01T00:00:00")
"""Bounds of narrower windows: one that leaves nearly all in, one in between, one that leaves little in."""


def known_good(template: Template) -> Draft:
    """The known-good message."""
    return Draft("sample", "accept", request(template, deepcopy_of(template.payload)))


def bracketed(template: Template, drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Messages with a known-good one before, after, and after every few of them; nothing around nothing."""
    rest = iter(drafts)
    while held := tuple(islice(rest, BRACKET)):
        yield known_good(template)
        yield from held
    yield known_good(template)


def each_followed(template: Template, drafts: Iterable[Draft], *, begins: bool) -> Iterator[Draft]:
    """Messages with a known-good one after each, and before the first if it begins so, which is there to see whether
    the service still answers.
    """
    rest = list(drafts)
    if rest and begins:
        yield _still(template)
    for draft in rest:
        yield draft
        yield _still(template)


REFUSALS: Final = 6
"""Refused messages between known-good ones: one more than the five after which locks and breakers often close."""

STILL_ANSWERS: Final = "security/robustness/still-answers"
"""The requirement of known-good messages that follow others."""


def between_known_good(template: Template, refused: Sequence[Draft]) -> Iterator[Draft]:
    """Messages that are refused between known-good ones: the first alone, all in a row after that."""
    passed = [replace(draft, expectation="either", because=_looked_past(draft.because)) for draft in refused]
    for row in (passed[:1], passed):
        yield _still(template)
        yield from row
        yield _still(template)
    yield _still(template)


def _looked_past(because: str) -> str:
    """Why nothing is demanded of the answer to a message that stacks refuse as told."""
    return f"{because} What is looked at is the message after it."


def _still(template: Template) -> Draft:
    return replace(known_good(template), requirement=STILL_ANSWERS)


def steadily(template: Template, subject: Subject) -> Iterator[Draft]:
    """The known-good message, again and again."""
    for _ in range(TIMES if subject.limit is None else subject.limit):
        yield known_good(template)


def in_flight(template: Template, subject: Subject) -> Iterator[Draft]:
    """Messages that can be told apart: each alone, then all together, then each alone once more.

    A limit counts the messages in flight together.
    """
    count = min(IN_FLIGHT, subject.limit or IN_FLIGHT)
    for together in (False, True, False):
        for number in range(count):
            yield _identified(template, number, together=together)


def messages_in_flight(limit: int | None) -> int:
    """How many messages `in_flight` makes for a limit."""
    return 3 * min(IN_FLIGHT, limit or IN_FLIGHT)


def _identified(template: Template, number: int, *, together: bool) -> Draft:
    changes = [Change(IDENTITY, "message", "one of several that can be told apart", after=str(number))]
    if together:
        changes.append(Change(TOGETHER, "connection", "in flight with the others", after="together"))
    values = {site.where: _own_value(site, number) for site in _telling_sites(template)}
    payload = template.with_values(values)
    if not template.is_valid(payload):
        payload = deepcopy_of(template.payload)
    return Draft("valid", "process", request(template, payload), tuple(changes))


def _telling_sites(template: Template) -> Iterator[Site]:
    """The leaves by which an answer can be told from others: those that it repeats, else every plain number."""
    repeated = set(_repeated(template.operation.relations))
    free = [site for site in template.leaves if not site.is_configured and not site.constant]
    free = [site for site in free if site.leaf is None or not site.leaf.secret]
    named = [site for site in free if site.path in repeated]
    yield from (site for site in named or free if _is_number(site.before) or (site.path in repeated and _is_text(site)))


def _repeated(relations: Iterable[Relation]) -> Iterator[str]:
    """Paths of the leaves that an answer repeats, by the relations of the operation."""
    for relation in relations:
        said: Mapping[str, Any] = relation.arguments
        if relation.kind == "echo":
            yield from (f"{said['request_items']}/{member}" for member in said["members"])
        elif relation.kind == "equals":
            yield said["request_leaf"]


def _own_value(site: Site, number: int) -> str:
    if _is_text(site):
        return f"soapstone{number:02d}"
    low, high = (site.leaf and site.leaf.process_range) or (1, IN_FLIGHT + 1)
    return str(low + 1 + number % (high - low))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_text(site: Site) -> bool:
    return "string" in site.type_names


def over_each_binding(template: Template, subject: Subject) -> Iterator[Draft]:
    """The known-good message over the subject's binding, before and after each of the operation's others."""
    named = subject.parameters.get("bindings")
    others = [each for each in template.operation.bindings if each.protocol != template.binding.protocol]
    wanted = [each for each in others if _is_wanted(each, named, subject.protocols)]
    for other in wanted:
        yield known_good(template)
        yield _over(template_of(template.operation, other.protocol), other)
    if wanted:
        yield known_good(template)


def _is_wanted(binding: Binding, named: object, chosen: Sequence[str]) -> bool:
    is_named = not isinstance(named, list | tuple) or binding.protocol in named
    return is_named and (not chosen or binding.protocol in chosen)


def _over(template: Template, binding: Binding) -> Draft:
    known = known_good(template)
    return Draft(known.kind, known.expectation, known.request, protocol=binding.protocol)


def by_window(template: Template, subject: Subject) -> Iterator[Draft]:
    """The same question over the whole, over narrower windows, and over the whole again; some pages of each."""
    narrower = subject.parameters.get("narrower", ())
    assert isinstance(narrower, list | tuple)
    sites = {site.path: site for site in template.leaves if site.path in narrower and not site.is_configured}
    places = [site.where for site in sites.values()]
    windows: list[tuple[str, dict[str, str]]] = [("wide", {})]
    windows += [
        (f"narrow: {path} {instant}", {site.where: instant}) for instant in _INSTANTS for path, site in sites.items()
    ]
    windows += [
        (f"narrow: {' and '.join(both)}", dict(zip(places, both, strict=True)))
        for both in _BOTH_ENDS
        if len(places) == 2
    ]
    page, size = (_leaf_named(template, subject.parameters.get(name)) for name in ("page", "size"))
    sized = {} if size is None else {size.where: str(((size.leaf and size.leaf.process_range) or (0, MOST_ITEMS))[1])}
    for label, values in (*windows, ("wide again", {})):
        for number in range(PAGES if page is not None else 1):
            paged = {} if page is None else {page.where: str(number)}
            change = Change(WINDOW, ", ".join(values) or "window", "how much is asked for", after=label)
            payload = template.with_values({**sized, **paged, **values})
            yield Draft("valid", "process", request(template, payload), (change,))


def by_page(template: Template, subject: Subject) -> Iterator[Draft]:
    """The whole on one large page, small pages of it, and the whole again."""
    page, size = (_leaf_named(template, subject.parameters.get(name)) for name in ("page", "size"))
    if page is None or size is None:
        return
    most = (size.leaf and size.leaf.process_range) or (0, MOST_ITEMS)
    whole = {size.where: str(most[1])}
    asked = [(f"page {number}", {size.where: str(SMALL), page.where: str(number)}) for number in SMALL_PAGES]
    for label, values in (("wide", whole), *asked, ("wide again", whole)):
        change = Change(WINDOW, ", ".join(values), "how much is asked for", after=label)
        yield Draft("valid", "process", request(template, template.with_values(values)), (change,))


SMALL: Final = 2
"""Items asked for on a small page: with 1, a page that begins at its number would be right by chance."""

SMALL_PAGES: Final = (1, 2)
"""Small pages asked for. 0 is none of them: where pages count from 1, it may stand for no page in particular."""

MOST_ITEMS: Final = 100
"""Items asked for on a page, where the page does not say how large such a number may be."""


def _leaf_named(template: Template, path: object) -> Site | None:
    """The leaf of that path, unless its value is the target's owner's to give."""
    return next((site for site in template.leaves if site.path == path and not site.is_configured), None)


def consumed_twice(template: Template, _: Subject) -> Iterator[Draft]:
    """The known-good message, and once more with the values that it consumed."""
    if template.operation.consumes:
        yield known_good(template)
        known = known_good(template)
        used = "A session that was ended is no session any more."
        yield Draft("defect", "reject", known.request, (_again("the values are used up"),), used)


def refused_then_used(template: Template, _: Subject) -> Iterator[Draft]:
    """A message that must be refused for its header, then the known-good one with the same values; nothing where it is
    not known what stacks of the family do with such a header.
    """
    change = Change("defect", "Header", "an unknown block must be understood", after="mandatory-header")
    entitled = entitlement(template, "mandatory-header")
    if template.operation.consumes and template.binding.is_soap and entitled is not None:
        refused = with_blocks({"mustUnderstand": "1"})(Sample(template))
        yield Draft("defect", "either", refused, (change,), _looked_past(entitled.because))
        known = known_good(template)
        yield Draft("valid", "accept", known.request, (_again("the values were not used"),))


def by_other_route(template: Template, subject: Subject) -> Iterator[Draft]:
    """The known-good message at another address that the page names, by the requirement's parameter `path`."""
    path = subject.parameters.get("path")
    if not isinstance(path, str):
        return
    known = request(template, deepcopy_of(template.payload))
    accepted = ", ".join(template.binding.response_media_types)
    sent = Request(known.method, path, (*known.headers, ("Accept", accepted)), known.body, known.encoding)
    change = Change("spelling", "path", "the page names another address", before=template.binding.path, after=path)
    yield Draft("spelling", "accept", sent, (change,))


def _again(rule: str) -> Change:
    return Change(AGAIN, "values", rule, after="the values of the message before")
