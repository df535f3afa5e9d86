"""What the records of a log say of one another: numbers, places, groups, and what the footer counts."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from reports.codec import Json
from reports.header import RunHeader

PLAN = "items in the plan"
"""What the footer counts that no record tells of: the items that the run was to send."""

_CUTTING = frozenset({"target given up", "cut short"})
"""Events that leave messages unjudged which were under way, or waited for others that are not sent any more."""

_MessageId = tuple[str, str, int]


def counted(record: Json) -> Iterator[str]:
    """What a record counts as in the footer."""
    if record["type"] == "group":
        yield "groups"
    elif record["type"] == "exchange":
        yield "exchanges"
        yield record["purpose"]
        if "failure" in record:
            yield f"failed: {record['failure']['kind']}"


class Ledger:
    """Takes the records of a log one by one, and says where one does not go with those before it.

    Two bytes for each exchange, and what was not judged yet: a long log takes little.
    """

    def __init__(self, header: RunHeader) -> None:
        self.counts: Counter[str] = Counter()
        self.has_ended = False
        self._places: dict[tuple[str, str, str], int] = {
            binding.key: index for index, binding in enumerate(header.bindings)
        }
        self._rows = [self._places.get(row.key[:3], -1) for row in header.requirements]
        self._sent_over = array("H")
        self._items: set[str] = set()
        self._unjudged: dict[_MessageId, list[int]] = {}
        self._message_of: dict[int, _MessageId] = {}

    def add(self, record: Json) -> list[str]:
        """What is wrong with a record, as far as others tell. KeyError and TypeError for one that lacks something."""
        problems = ["a record after the footer: the log was edited or joined"] if self.has_ended else []
        check = _CHECKS.get(record["type"])
        if check is not None:
            problems += check(self, record)
        self.counts.update(counted(record))
        return problems

    def _exchange(self, record: Json) -> Iterator[str]:
        message, due = record["message"], len(self._sent_over) + 1
        if record["number"] != due:
            yield f"exchange {record['number']} stands where exchange {due} should: one is missing, added or moved"
        place = self._places.get(_place(message))
        if place is None:
            yield f"exchange {record['number']} is about {'/'.join(_place(message))}, no binding of the header"
        self._sent_over.append(len(self._places) if place is None else place)
        if record["purpose"] == "planned":
            self._items.add(message["item"])
            if "response" in record:
                identity = (message["service"], message["item"], message["index"])
                self._unjudged.setdefault(identity, []).append(record["number"])
                self._message_of[record["number"]] = identity

    def _group(self, record: Json) -> Iterator[str]:
        place = self._places.get(_place(record))
        if place is None:
            yield f"the group is about {'/'.join(_place(record))}, no binding of the header"
        numbers = record["exchanges"]
        yield from self._unknown((*numbers, *(each["exchange"] for each in record["findings"])))
        if 0 < numbers[0] <= len(self._sent_over) and self._sent_over[numbers[0] - 1] != place:
            yield f"the group is about {'/'.join(_place(record))}, and its exchange {numbers[0]} about another binding"
        named = [each["requirement"] for part in ("findings", "observations") for each in record[part]]
        yield from self._foreign((*record["observed"], *record["inconclusive"], *named), place)
        for number in numbers:
            for other in self._unjudged.pop(self._message_of.get(number, ("", "", 0)), ()):
                del self._message_of[other]

    def _minimised(self, record: Json) -> Iterator[str]:
        yield from self._unknown((record["exchange"], record["smaller"]))
        yield from self._foreign([record["requirement"]])

    def _event(self, record: Json) -> Iterator[str]:
        yield from self._unknown(() if record["exchange"] is None else (record["exchange"],))
        if record["name"] in _CUTTING:
            self._unjudged.clear()
            self._message_of.clear()

    def _not_exercised(self, record: Json) -> Iterator[str]:
        yield from self._foreign(row for row, _ in record["reasons"])

    def _footer(self, record: Json) -> Iterator[str]:
        self.has_ended = True
        datetime.fromisoformat(record["finished"])
        told = {name: number for name, number in record["counts"].items() if name != PLAN}
        for name in sorted({*told, *self.counts}):
            if told.get(name, 0) != self.counts[name]:
                yield f"the footer counts {told.get(name, 0)} {name}, and the log holds {self.counts[name]}"
        if len(self._items) > record["counts"].get(PLAN, len(self._items)):
            yield f"the footer counts {record['counts'][PLAN]} {PLAN}, and messages of {len(self._items)} were sent"
        if self._unjudged:
            numbers = sorted(number for each in self._unjudged.values() for number in each)
            more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
            yield f"no group judges exchange {', '.join(map(str, numbers[:5]))}{more}, whose messages were planned"

    def _unknown(self, numbers: Iterable[int]) -> Iterator[str]:
        for number in numbers:
            if not 0 < number <= len(self._sent_over):
                yield f"speaks of exchange {number}, which is not there before it"

    def _foreign(self, rows: Iterable[int], place: int | None = None) -> Iterator[str]:
        """The rows that the header's table lacks, or that are about another binding."""
        for row in rows:
            if not 0 <= row < len(self._rows):
                yield f"speaks of requirement {row}; the header lists {len(self._rows)}, counted from 0"
            elif place is not None and self._rows[row] != place:
                yield f"speaks of requirement {row}, which is about another binding"


def _place(record: Json) -> tuple[str, str, str]:
    return record["service"], record["operation"], record["protocol"]


_CHECKS = {
    "exchange": Ledger._exchange,
    "group": Ledger._group,
    "minimised": Ledger._minimised,
    "event": Ledger._event,
    "not_exercised": Ledger._not_exercised,
    "footer": Ledger._footer,
}
