"""Checks over several exchanges: what one answer does not show, but the answers to several messages together do.

Each takes the answers of a comparison in the order in which they came, and says which of them breaks the requirement,
and how; None where they show nothing. What each message is for, it carries in its changes.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Final, TypeAlias

from contracts.judge import dataset
from contracts.judge.answer import Answer
from contracts.judge.checks import Problem, few
from contracts.judge.presence import is_away, is_cut_off, is_from_gateway
from contracts.judge.records import Failure
from contracts.judge.survival import Row, loses_caller, rows_of
from contracts.judge.trees import Element, children, descend, text_of
from contracts.model import Level, Requirement

Found: TypeAlias = Sequence[tuple[Answer, Problem]]
Comparison: TypeAlias = Callable[[Sequence[Answer], Requirement], Found | None]
Content: TypeAlias = Mapping[str, str]
"""The texts and attributes of a document by their place in it."""

IDENTITY, TOGETHER, WINDOW = "identity", "together", "window"
"""Kinds of change by which a message of a comparison says what it is for: which of several it is, that it was in flight
with others, and how much of the service's data it asks for."""

MIN_TELLING = 6
"""Characters of a value that cannot be taken for another's by chance."""


def equal_answers(answers: Sequence[Answer], _: Requirement) -> Found | None:
    """Messages that mean the same as the known-good one, or whose difference may not matter, get its answer.

    Compared are answers of success. What moves by itself is learnt from the known-good messages sent before, between
    and after: where two of their answers differ, no other's is compared. A difference counts if it is there each time
    that its message was sent, between two known-good messages whose answers agree.
    """
    told = [each for each in answers if each.outcome == "success"]
    samples = [each for each in told if each.exchange.message.kind == "sample"]
    others = [each for each in told if each.exchange.message.kind != "sample"]
    if len(samples) < 2 or not others:
        return None
    moving = _moving([_content(each) for each in samples])
    by_message: dict[int, list[tuple[Answer, str]]] = {}
    for each in others:
        said = _difference(each, samples, moving)
        by_message.setdefault(each.exchange.message.index, []).append((each, said))
    return few_found(
        (times[0][0], _other_answer(times[0][0], times[0][1]))
        for times in by_message.values()
        if all(said for _, said in times)
    )


def _other_answer(answer: Answer, said: str) -> Problem:
    how = ", ".join(change.after or change.rule for change in answer.exchange.message.changes)
    return Problem("OtherAnswerToSameMessage", f"the answer to the known-good message ({how} aside)", said, "body")


def _difference(answer: Answer, samples: Sequence[Answer], moving: frozenset[str]) -> str:
    """How an answer differs from those to the known-good messages before and after; empty if it does not."""
    number = answer.exchange.number
    before = next((each for each in reversed(samples) if each.exchange.number < number), None)
    after = next((each for each in samples if each.exchange.number > number), None)
    if before is None or after is None:
        return ""
    one, other, mine = _content(before), _content(after), _content(answer, _blocks_beyond(answer, before))
    if list(one) != list(other):
        return ""
    if list(one) != list(mine):
        place = next((a or b for a, b in _side_by_side(list(one), list(mine)) if a != b), "")
        return f"other elements, from {_shown_place(place)} on"
    place = next((key for key in one if key not in moving and mine[key] != one[key] == other[key]), "")
    return f"{mine[place][:80]!r} for {one[place][:80]!r} in {_shown_place(place)}" if place else ""


def _moving(contents: Sequence[Content]) -> frozenset[str]:
    """The places whose texts differ between answers to one message."""
    return frozenset(key for one, other in pairwise(contents) for key in one if key in other and one[key] != other[key])


def answers_match_requests(answers: Sequence[Answer], _: Requirement) -> Found | None:
    """Of several requests in flight, each gets its own answer. Source: RFC 9112 section 9.2.

    Each message was also sent alone, before and after. An answer is another's if it is that one's answer alone and not
    its own, or if it holds a value that only another request carried.
    """
    together = [each for each in answers if _change(each, TOGETHER) is not None]
    alone: dict[str, list[Content]] = {}
    for each in answers:
        if _change(each, TOGETHER) is None and each.outcome == "success":
            alone.setdefault(_change(each, IDENTITY) or "", []).append(_content(each))
    answered = [each for each in together if each.outcome == "success"]
    if len(together) < 2 or not alone:
        return None
    carried = {_change(each, IDENTITY) or "": _telling_values(each) for each in answered}
    mixed = ((each, _other_request(each, alone, carried)) for each in answered)
    lost = (each for each in together if _is_lost(each, alone))
    return few_found(
        (
            *(
                (each, Problem("AnswerOfAnotherRequest", "its own answer", said, "body"))
                for each, said in mixed
                if said
            ),
            *(
                (
                    each,
                    Problem("FailsWithOthersInFlight", "the answer that it gets alone", each.described, level="should"),
                )
                for each in lost
            ),
        )
    )


def _is_lost(answer: Answer, alone: Mapping[str, Sequence[Content]]) -> bool:
    """Whether a message that succeeded alone is answered with an error of the server when others are in flight.

    429 and 503 say that there are too many, which a server may.
    """
    if answer.exchange.response is None or answer.outcome == "success":
        return False
    has_succeeded = len(alone.get(_change(answer, IDENTITY) or "", ())) >= 2
    return has_succeeded and answer.response.status_code not in (429, 503)


def _other_request(
    answer: Answer, alone: Mapping[str, Sequence[Content]], carried: Mapping[str, frozenset[str]]
) -> str:
    """Which other request an answer belongs to; empty if it may be its own."""
    mine = _change(answer, IDENTITY) or ""
    content = _content(answer)
    values = frozenset(content.values())
    known = frozenset(value for each in alone.get(mine, ()) for value in each.values())
    for other, others in carried.items():
        strange = (others - carried.get(mine, frozenset()) - known) & values
        if other != mine and strange:
            return f"the value {min(strange)[:80]!r} of request {other}"
    own = alone.get(mine, ())
    if len(own) < 2 or own[0] != own[-1] or content in own:
        return ""
    same = (other for other, found in alone.items() if other != mine and all(each == content for each in found))
    return next((f"the answer to request {other}" for other in same), "")


def _telling_values(answer: Answer) -> frozenset[str]:
    """The values of a request that no other carries by chance."""
    root = answer.request_root
    if root is None:
        return frozenset()
    return frozenset(value for value in _flat(root).values() if len(value) >= MIN_TELLING)


def steady(answers: Sequence[Answer], _: Requirement) -> Found | None:
    """A message that succeeds once succeeds each time; if not, what is reported is how often it fails.

    One time that the service was not there may have been the network's or a gateway's affair. Several deviate where
    nothing else failed, since none of them is an answer of the service; that it hangs counts in full.
    """
    lacking = [each for each in answers if each.outcome != "success"]
    failed = [each for each in lacking if not _is_absent(each)]
    failed = lacking if len(lacking) > len(failed) + 1 else failed
    if not answers or len(failed) == len(answers):
        return None
    if not failed:
        return list(islice(_lacking_now_and_then(answers), 1))
    level: Level | None = "should" if all(_is_absent(each, even_hanging=False) for each in failed) else None
    first = min(failed, key=lambda each: each.exchange.number)
    place = next(index for index, each in enumerate(answers, 1) if each is first)
    rate = f"{len(failed)} of {len(answers)} messages, one in {len(answers) / len(failed):.3g}, the first after"
    said = f"{rate} {place - 1} others: {first.described}"
    return [(first, Problem("FailsNowAndThen", "a documented success payload each time", said, level=level))]


def _lacking_now_and_then(answers: Sequence[Answer]) -> Iterator[tuple[Answer, Problem]]:
    """Answers to one message without elements that nearly all others hold, those before and after among them.

    Data that move go on moving: what is gone once and there again is rather the service's failure to tell it.
    """
    told = [(each, frozenset(map(_unnumbered, _content(each)))) for each in answers if each.outcome == "success"]
    counted = Counter(place for _, places in told for place in places)
    usual = {place for place, count in counted.items() if count >= USUALLY * len(told)}
    lacking = [(each, usual - places) for each, places in told[1:-1] if not usual <= places]
    for each, places in lacking if len(told) >= MIN_STEADY else ():
        expected = f"{_shown_place(min(places, key=len))}, as in {len(told) - len(lacking)} of {len(told)} answers"
        said = f"not there in {len(lacking)}, one in {len(told) / len(lacking):.3g}"
        yield each, Problem("LacksNowAndThen", expected, said, "body", level="should")


def _unnumbered(place: str) -> str:
    return re.sub(r"\[\d+\]", "", place)


USUALLY: Final = 0.9
"""The share of answers that hold an element which none should lack."""

MIN_STEADY: Final = 10
"""Answers to one message that show what is usual."""


def _is_absent(answer: Answer, *, even_hanging: bool = True) -> bool:
    """Whether no whole answer came back, or a gateway's; silence until the time is up counts if it may."""
    outcome = answer.exchange.outcome
    if isinstance(outcome, Failure):
        return even_hanging or outcome.kind != "timeout"
    return is_from_gateway(answer) or is_cut_off(answer)


def agree(answers: Sequence[Answer], _: Requirement) -> Found | None:
    """The bindings of an operation answer alike: the same tables, columns and types, or the same elements.

    Values are compared where the answers over the first binding, before and after another's, are equal: data move.
    """
    told = [each for each in answers if each.outcome == "success"]
    mine = [each for each in told if each.binding is answers[0].binding]
    others = [each for each in told if each.binding is not answers[0].binding]
    if not mine or not others:
        return None
    return few_found((each, problem) for each in others for problem in _disagreements(each, mine))


def _disagreements(other: Answer, mine: Sequence[Answer]) -> Iterator[Problem]:
    name = f"over {mine[0].binding.protocol}"
    number = other.exchange.number
    before = next((each for each in reversed(mine) if each.exchange.number < number), None)
    after = next((each for each in mine if each.exchange.number > number), None)
    structures = [_structure(each) for each in mine]
    if _structure(other) not in structures and all(each == structures[0] for each in structures):
        yield Problem("BindingsDisagree", f"{_shown(structures[0])} as {name}", _shown(_structure(other)), "body")
    elif before is not None and after is not None and _values(before) == _values(after) != _values(other):
        place = next(pair for pair in _side_by_side(_values(before), _values(other)) if pair[0] != pair[1])
        yield Problem("BindingsDisagree", f"{place[0]} as {name}", str(place[1]), "body", level="should")


def _structure(answer: Answer) -> frozenset[tuple[str, str]]:
    """Tables and columns with their types; without a DataSet, the names of what stands below the payload.

    A list that happens to be empty has no names to compare, so that only what both hold is told apart.
    """
    columns = dataset.columns(answer)
    if columns is not None or dataset.is_promised(answer):
        return columns or frozenset()
    assert answer.payload is not None
    return frozenset((str(each.tag), "") for each in children(answer.payload))


def _values(answer: Answer) -> Sequence[str]:
    rows = dataset.rows(answer)
    if rows is not None or dataset.is_promised(answer):
        return rows or []
    assert answer.payload is not None
    return [f"{_shown_place(place)}={value}" for place, value in _flat(answer.payload).items()]


def _shown(structure: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name.rpartition('}')[2]} {kind}".strip() for name, kind in sorted(structure))[:200] or "nothing"


def monotonic(answers: Sequence[Answer], requirement: Requirement) -> Found | None:
    """A narrower window never has more items than a wider one, over all pages asked for.

    The wide window is asked for before and after the narrow one; the larger number counts, and only if its pages came
    to an end: one had fewer items than were asked for. Of a narrow window whose pages did not, the first one counts.
    """
    items, size = str(requirement.parameters["response_items"]), requirement.parameters.get("size")
    pages: dict[str, list[Answer]] = {}
    for each in answers:
        if each.outcome == "success":
            pages.setdefault(_change(each, WINDOW) or "", []).append(each)
    totals = {label: _total(found, items, size) for label, found in pages.items()}
    wide = [totals[label] for label in totals if label.startswith("wide")]
    most = max((number for number, _ in wide), default=0)
    narrow = [label for label in totals if label.startswith("narrow")]
    if not wide or not narrow or not all(has_ended for _, has_ended in wide):
        return None
    expected = f"at most {most} items, as the wider window"
    return few_found(
        (pages[label][0], Problem("NarrowerWindowHasMore", expected, f"{totals[label][0]} in {label}"))
        for label in narrow
        if totals[label][0] > most
    )


def _total(pages: Sequence[Answer], items: str, size: object) -> tuple[int, bool]:
    """Items of the pages of a window up to the last, and whether that is known to be the last."""
    counts = [len(descend(each.payload, items)) for each in pages]
    asked = _asked(pages[0], str(size)) if size else None
    for index, count in enumerate(counts):
        if count == 0 or (asked is not None and count < asked):
            return sum(counts[: index + 1]), True
    return counts[0], asked is None and len(counts) == 1


def pages(answers: Sequence[Answer], requirement: Requirement) -> Found | None:
    """Pages share no items, and with the others they make up the whole.

    The whole is asked for on one large page before the small ones and after them: what moved meanwhile shows nothing.
    Whether pages count from 0 or from 1 is not known: judged is what holds for both, of pages other than 0.
    """
    named = requirement.parameters
    items, size = str(named["response_items"]), str(named["size"])
    asked: dict[str, Answer] = {}
    for each in answers:
        if each.outcome == "success":
            asked.setdefault(_change(each, WINDOW) or "", each)
    wide = [each for label, each in asked.items() if label.startswith("wide")]
    small = [each for label, each in asked.items() if not label.startswith("wide")]
    if len(wide) < 2 or len(small) < 2:
        return None
    whole, *others = (_records(each, items) for each in wide)
    if any(each != whole for each in others):
        return ()
    page_count = named.get("page_count")
    return few_found(
        (
            *((each, problem) for each, other in _overlapping(small, whole, items) for problem in [_shares(other)]),
            *((each, problem) for each in small for problem in _lacks(each, len(whole), items, named)),
            *((each, problem) for each in small for problem in _too_few(each, len(whole), size, page_count)),
        )
    )


def _records(answer: Answer, items: str) -> Sequence[str]:
    """The items of an answer, each as its content."""
    return [str(sorted(_flat(each).items())) for each in descend(answer.payload, items)]


def _overlapping(small: Sequence[Answer], whole: Sequence[str], items: str) -> Iterator[tuple[Answer, Answer]]:
    """Pages with an item that a page before has, where no two items of the whole are alike."""
    if len(set(whole)) < len(whole):
        return
    for one, other in pairwise(small):
        if set(_records(one, items)) & set(_records(other, items)):
            yield other, one


def _shares(other: Answer) -> Problem:
    expected = f"none of the items of the page before it, in exchange {other.exchange.number}"
    return Problem("PagesShareItems", expected, "some of them", "body")


def _lacks(answer: Answer, total: int, items: str, named: Mapping[str, object]) -> Iterator[Problem]:
    """That a page holds fewer items than it can, though there are more."""
    size, page = _asked(answer, str(named["size"])), _asked(answer, str(named["page"]))
    if size is None or page is None:
        return
    wanted = min(size, max(0, total - page * size))
    found = len(descend(answer.payload, items))
    if found < wanted:
        yield Problem("PageLacksItems", f"{wanted} items or more, of {total} in all", f"{found} on page {page}", items)


def _too_few(answer: Answer, total: int, size_leaf: str, page_count: object) -> Iterator[Problem]:
    """That the number of pages told cannot hold all items. 0 may stand for a number that is not told."""
    size = _asked(answer, size_leaf)
    told = next(iter(descend(answer.payload, str(page_count or ""))), None)
    text = "" if told is None else text_of(told).strip()
    number = int(text) if text.removeprefix("-").isdecimal() and len(text) < _MOST_DIGITS else 0
    if size is not None and told is not None and number and number * size < total:
        expected = f"{-(-total // size)} pages of {size}, for {total} items"
        yield Problem("TooFewPagesTold", expected, text, str(page_count), told.sourceline)


_MOST_DIGITS = 20
"""Of a number of pages, the sign included: those that fit 64 bits."""


def _asked(answer: Answer, path: str) -> int | None:
    """The number in a leaf of the request; None where there is none."""
    name = path.rpartition("/")[2]
    found = () if answer.request_root is None else answer.request_root.iter(f"{{*}}{name}")
    return next((int(text) for each in found if (text := text_of(each).strip()).isdigit()), None)


def survives(answers: Sequence[Answer], requirement: Requirement) -> Found | None:
    """The known-good message succeeds after other messages as it did before them.

    Asked for a requirement that such messages are sent for, it speaks of those alone. An answer in which the service
    fails counts at once. That it is not there, by a gateway's answer, silence or a page of its server, counts where it
    is so each time that the messages are sent; it deviates where it came after them and did not end: whether they did
    it, only a second time would show.
    """
    is_general = requirement.parameters.get("compares") == "survives"
    samples = [index for index, each in enumerate(answers) if each.exchange.message.kind == "sample"]
    if len(samples) < 2 or answers[samples[0]].outcome != "success":
        return None

    def concerns(sent: Sequence[Answer]) -> bool:
        return is_general or any(each.exchange.message.requirement == requirement.id for each in sent)

    between = [(before, answers[before + 1 : after], after) for before, after in pairwise(samples)]
    if not any(concerns(sent) for _, sent, _ in between):
        return None
    failed = (
        (answers[after], Row(sent))
        for before, sent, after in between
        if answers[before].outcome == "success" and concerns(sent) and _is_failure(answers[after:])
    )
    return few_found(
        (
            *((each, _fails_after(row, each, "")) for each, row in failed),
            *(found for row in rows_of(answers) if concerns(row.answers) for found in put_down(row)),
        )
    )


def _is_failure(answers: Sequence[Answer]) -> bool:
    """Whether the service itself answers the known-good message, the first of these, with something else than success.

    That a session has ended is no failure: it is refused from there on. An answer that was cut off is none, if the next
    one is not.
    """
    is_lost = is_cut_off(answers[0]) and any(each.outcome == "success" for each in answers[1:2])
    return answers[0].outcome != "success" and not is_away(answers[0]) and not is_lost and not loses_caller(answers)


def put_down(row: Row) -> Iterator[tuple[Answer, Problem]]:
    """That messages put the service down: each time that they are sent, or once and for good, which deviates."""
    if row.puts_down:
        yield row.downs[0], _fails_after(row, row.downs[0], f", each of the {len(row.downs)} times that it was sent")
    elif row.is_never_followed:
        said = ", and nothing after that: whether the message did it, only a second time would show"
        yield row.downs[0], _fails_after(row, row.downs[0], said, level="should")


def _fails_after(row: Row, answer: Answer, more: str, level: Level | None = None) -> Problem:
    said = f"{answer.described[:160]}, after {row.told}{more}"
    return Problem("FailsAfterMessage", "a documented success payload", said, level=level)


COMPARISONS: Mapping[str, Comparison] = {
    "equal_answers": equal_answers,
    "answers_match_requests": answers_match_requests,
    "steady": steady,
    "survives": survives,
    "agree": agree,
    "monotonic": monotonic,
    "pages": pages,
}
"""Every comparison by the name that a requirement's parameter `compares` gives."""


def few_found(found: Iterable[tuple[Answer, Problem]]) -> Found:
    """The first of many."""
    listed = list(found)
    kept = few(problem for _, problem in listed)
    return listed[: len(kept)]


def _change(answer: Answer, kind: str) -> str | None:
    """What the message's change of a kind says; None without one."""
    return next((change.after for change in answer.exchange.message.changes if change.kind == kind), None)


def _blocks_beyond(answer: Answer, other: Answer) -> Sequence[Element]:
    """The header blocks that another answer lacks, or the Header if it has none.

    Such a block is about the message that is answered, as RelatesTo of WS-Addressing is.
    """
    if answer.header is None or other.header is None:
        return [] if answer.header is None else [answer.header]
    known = {each.tag for each in children(other.header)}
    return [each for each in children(answer.header) if each.tag not in known]


def _content(answer: Answer, aside: Sequence[Element] = ()) -> Content:
    return {} if answer.root is None else _flat(answer.root, aside)


def _flat(root: Element, aside: Sequence[Element] = ()) -> Content:
    """Every attribute and every text of an element without children, by place: expanded names, counted by name."""
    found: dict[str, str] = {}
    waiting = [(root, str(root.tag))]
    while waiting:
        element, place = waiting.pop()
        held = [each for each in children(element) if each not in aside]
        found[place] = "" if held else text_of(element)
        for name, value in sorted((str(key), str(text)) for key, text in element.attrib.items()):
            found[f"{place}/@{name}"] = value
        seen: dict[str, int] = {}
        below = []
        for each in held:
            tag = str(each.tag)
            seen[tag] = seen.get(tag, 0) + 1
            below.append((each, f"{place}/{tag}[{seen[tag]}]"))
        waiting += reversed(below)
    return found


def _shown_place(place: str) -> str:
    """A place by local names."""
    return "/".join(step.rpartition("}")[2] for step in place.replace("/{", "\0{").split("\0"))[-160:]


def _side_by_side(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Two sequences in step; the shorter one is filled up with nothing."""
    for index in range(max(len(one), len(other))):
        yield (one[index] if index < len(one) else "", other[index] if index < len(other) else "")
