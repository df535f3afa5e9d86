"""Checks of what must hold between the members of a request and those of its answer, over one exchange."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from contracts.judge.answer import Answer
from contracts.judge.checks import KEPT, Problem, few
from contracts.judge.datatypes import base_type, is_before, is_default, same_value
from contracts.judge.trees import Element, child, children, descend, is_blank, is_nil, local, text_of, xpath_of
from contracts.model import Requirement
from contracts.names import ENVELOPE_NAMESPACE
from contracts.schema import Schema


def relation(answer: Answer, requirement: Requirement) -> Sequence[Problem] | None:
    """The relation that the requirement's parameters describe.

    Judged where a message that must be read was answered with success, and only if the member that it speaks of was
    sent with another value than its type's default.
    """
    message = answer.exchange.message
    if answer.outcome != "success" or message.expectation not in ("accept", "process"):
        return None
    judge = KINDS[str(requirement.parameters["kind"])]
    sent = _sent_payload(answer)
    return None if sent is None else judge(_Pair(answer, sent), requirement.parameters)


class _Pair:
    """The payloads of a request and its answer, with the types of their members.

    Where the contract types a Header's content, as those of narrative pages do, leaves of the request stand there too.
    """

    def __init__(self, answer: Answer, sent: Element) -> None:
        assert answer.payload is not None
        self.answer, self.sent, self.received = answer, sent, answer.payload

    def asked(self, path: str) -> str | None:
        """The value sent in a leaf; None if absent, nil or its type's default: then it asks for nothing."""
        leaf = next((each for part in self._sent_parts() for each in descend(part, path)), None)
        if leaf is None or is_nil(leaf) or is_default(self.type_of(path, self.sent), text_of(leaf)):
            return None
        return text_of(leaf)

    def _sent_parts(self) -> Iterator[Element]:
        yield self.sent
        shape, envelope = self.answer.binding.request, self.answer.request_root
        if shape.header is not None and shape.header.type_name is not None and envelope is not None:
            yield from (each for each in children(envelope) if local(each) == "Header")

    def type_of(self, path: str, root: Element) -> str:
        """Built-in type of the leaf at a path."""
        return _type_of(self.answer.operation.schema, path, str(root.tag))


@lru_cache(maxsize=1024)
def _type_of(schema: Schema, path: str, root: str) -> str:
    """Remembered: the contract does not change, and is asked for every member of every item."""
    element = schema.element(path.split("/"), root)
    return base_type(element.type) if element is not None else "string"


def _echo(pair: _Pair, arguments: Mapping[str, Any]) -> Sequence[Problem] | None:
    """Each item of the answer repeats the named members of an item of the request, and no two that of the same one."""
    asked = list(_records(pair.sent, arguments["request_items"], arguments["members"]))
    types = [pair.type_of(f"{arguments['request_items']}/{name}", pair.sent) for name in arguments["members"]]
    found = descend(pair.received, arguments["response_items"])
    if not found:
        return None
    items = [(item, _record(item, arguments["members"])) for item in found if not is_nil(item)]
    if not Counter(map(tuple, (record for _, record in items))) - Counter(map(tuple, asked)):
        return KEPT
    fitting = [[i for i, each in enumerate(asked) if _same(types, record, each)] for _, record in items]
    alone = unmatched(fitting)
    return few(
        Problem(name, expected, _shown(record), xpath_of(item), item.sourceline)
        for index, (item, record) in enumerate(items)
        if index in alone
        for name, expected in [_TOO_OFTEN if fitting[index] else _NOT_ASKED]
    )


_NOT_ASKED = ("ItemNobodyAskedFor", "the members of an item sent")
_TOO_OFTEN = ("ItemMoreOftenThanAskedFor", "an item for each one sent, at most")


def unmatched(fitting: Sequence[Sequence[int]]) -> frozenset[int]:
    """Which items are left over when each is given one of those that fit it, none twice, and as few as can be.

    By augmenting paths: which of two items that fit the same one is left over is the later.
    """
    holder: dict[int, int] = {}

    def place(item: int, tried: set[int]) -> bool:
        for each in fitting[item]:
            if each not in tried:
                tried.add(each)
                if each not in holder or place(holder[each], tried):
                    holder[each] = item
                    return True
        return False

    return frozenset(item for item in range(len(fitting)) if not place(item, set()))


def _equals(pair: _Pair, arguments: Mapping[str, Any]) -> Sequence[Problem] | None:
    """A member of the answer has the value of a leaf of the request, or where `or_less` says so, a smaller one.

    A number that is absent has its default, which is not what was asked for; text that is absent says nothing.
    """
    asked = pair.asked(arguments["request_leaf"])
    kind = pair.type_of(arguments["response_leaf"], pair.received)
    member = next(iter(descend(pair.received, arguments["response_leaf"])), None)
    if asked is None or (member is None and (kind == "string" or arguments.get("or_less"))):
        return None
    if member is None:
        return [Problem("ValueLeftOut", asked, "absent, which stands for the default", arguments["response_leaf"])]
    if same_value(kind, asked, text_of(member)):
        return KEPT
    if arguments.get("or_less") and _is_less(text_of(member), asked):
        return KEPT
    return [Problem("OtherValueThanAskedFor", asked, text_of(member), xpath_of(member), member.sourceline)]


def _is_less(one: str, other: str) -> bool:
    try:
        return int(one) <= int(other)
    except ValueError:
        return False


def _at_most(pair: _Pair, arguments: Mapping[str, Any]) -> Sequence[Problem] | None:
    """The answer has no more items than a leaf of the request allows. A limit below zero limits nothing."""
    asked = pair.asked(arguments["request_leaf"])
    if asked is None or int(asked) < 0:
        return None
    found = len(descend(pair.received, arguments["response_items"]))
    if found <= int(asked):
        return KEPT
    return [Problem("MoreItemsThanAskedFor", f"at most {asked}", str(found), arguments["response_items"])]


def _within(pair: _Pair, arguments: Mapping[str, Any]) -> Sequence[Problem] | None:
    """A dateTime of each item lies within the bounds that were sent, bounds included."""
    lower = pair.asked(arguments["lower"]) if "lower" in arguments else None
    upper = pair.asked(arguments["upper"]) if "upper" in arguments else None
    if lower is None and upper is None:
        return None
    members = [each for each in _members(pair, arguments) if not is_blank(each)]
    return few(
        Problem("ItemOutsideWindow", f"from {lower} to {upper}", text_of(each), xpath_of(each), each.sourceline)
        for each in members
        if (lower and is_before(text_of(each), lower)) or (upper and is_before(upper, text_of(each)))
    )


def _filter(pair: _Pair, arguments: Mapping[str, Any]) -> Sequence[Problem] | None:
    """A member of each item matches the filter that was sent: it equals it, or is not set.

    A database may compare strings without regard to letter case and outer blanks, and so does this.
    """
    asked = pair.asked(arguments["request_leaf"])
    kind = pair.type_of(arguments["request_leaf"], pair.sent)
    if asked is None or not same_value(kind, asked, arguments.get("when", asked)):
        return None
    member_type = pair.type_of(f"{arguments['response_items']}/{arguments['member']}", pair.received)
    wants_unset = arguments["is"] == "unset"
    return few(
        Problem(
            "ItemAgainstFilter", "not set" if wants_unset else asked, text_of(each), xpath_of(each), each.sourceline
        )
        for each in _members(pair, arguments)
        if not (
            (is_nil(each) or is_default(member_type, text_of(each)))
            if wants_unset
            else same_value(member_type, _folded(member_type, asked), _folded(member_type, text_of(each)))
        )
    )


def _distinct(pair: _Pair, arguments: Mapping[str, Any]) -> Sequence[Problem] | None:
    """No two items hold the same value in a member that names them; one that is not set names none.

    Where it is set in no item, and there are several, nothing tells them apart.
    """
    kind = pair.type_of(f"{arguments['response_items']}/{arguments['member']}", pair.received)
    members = _members(pair, arguments)
    named = [each for each in members if not is_nil(each) and not is_default(kind, text_of(each))]
    if not named and len(members) > 1:
        return [Problem("ItemsNotNamed", f"a {local(members[0])} for each item", "none set", xpath_of(members[0]))]
    if not named:
        return None
    names = [text_of(each).strip().lower() if kind == "guid" else text_of(each) for each in named]
    first = {name: index for index, name in reversed(list(enumerate(names)))}
    return few(
        Problem("ItemsShareName", f"a {local(each)} for each item", text_of(each), xpath_of(each), each.sourceline)
        for index, each in enumerate(named)
        if first[names[index]] != index
    )


def _ordered(pair: _Pair, arguments: Mapping[str, Any]) -> Sequence[Problem] | None:
    """In each item one dateTime is not before another; one that is not set, or cannot be compared, says nothing."""
    path, names = arguments["response_items"], (arguments["first"], arguments["then"])
    both = [
        (item, record)
        for item in descend(pair.received, path)
        if not is_nil(item) and not any(map(_is_no_moment, record := _record(item, names)))
    ]
    if not both:
        return None
    return few(
        Problem("ItemOutOfOrder", f"{names[1]} from {first} on", str(then), xpath_of(item), item.sourceline)
        for item, (first, then) in both
        if is_before(str(then), str(first))
    )


def _is_no_moment(text: str | None) -> bool:
    return text is None or is_default("dateTime", text)


def _folded(kind: str, text: str) -> str:
    return text.strip().casefold() if kind == "string" else text


KINDS: Mapping[str, Callable[[_Pair, Mapping[str, Any]], Sequence[Problem] | None]] = {
    "echo": _echo,
    "equals": _equals,
    "at_most": _at_most,
    "within": _within,
    "filter": _filter,
    "distinct": _distinct,
    "ordered": _ordered,
}
"""The kinds over one exchange; what `monotonic`, `pages` and `agree` say, only several show: see `comparisons`."""


def _members(pair: _Pair, arguments: Mapping[str, Any]) -> list[Element]:
    return descend(pair.received, f"{arguments['response_items']}/{arguments['member']}")


def _records(root: Element, path: str, members: Sequence[str]) -> Iterator[list[str | None]]:
    return (_record(item, members) for item in descend(root, path) if not is_nil(item))


def _record(item: Element, members: Sequence[str]) -> list[str | None]:
    """The texts of an item's members; None for one that is absent or nil."""
    texts: dict[str, str | None] = {}
    for each in children(item):
        texts.setdefault(local(each), None if is_nil(each) else text_of(each))
    return [texts.get(name) for name in members]


def _same(types: Sequence[str], one: Sequence[str | None], other: Sequence[str | None]) -> bool:
    """Whether a record of the answer repeats one of the request. A member that the answer leaves out says nothing; one
    that the request left out may come back as its type's default.
    """
    return all(
        a is None or (_is_unset(kind, a) if b is None else same_value(kind, a, b))
        for kind, a, b in zip(types, one, other, strict=True)
    )


def _is_unset(kind: str, value: str | None) -> bool:
    return value is None or is_default(kind, value)


def _shown(record: Sequence[str | None]) -> str:
    return ", ".join("absent" if each is None else repr(each[:40]) for each in record)[:300]


def _sent_payload(answer: Answer) -> Element | None:
    """The payload of the request; None for bindings without an XML request."""
    root = answer.request_root
    if root is None or not answer.binding.is_soap:
        return root
    body = child(root, f"{{{ENVELOPE_NAMESPACE[answer.binding.protocol]}}}Body")
    return None if body is None else next(children(body), None)
