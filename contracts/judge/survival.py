"""Whether messages put the service down: what the known-good message shows after them, each time that they are sent.

An answer of a gateway, a closed connection or silence is no answer of the service, and by itself shows nothing of the
messages before it: networks and gateways fail by themselves. What fails by itself does not do so again after the same
messages.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from contracts.judge.answer import Answer
from contracts.judge.expectations import says_unread
from contracts.judge.presence import is_away
from contracts.judge.xml import is_xml_type


@dataclass(slots=True)
class Row:
    """Messages sent one after another between known-good ones: `answers` as they came the first time.

    `downs` are the known-good messages that found the service away right after the row, one for each time; `survived`
    counts the times after which it answered. `is_last` says that nothing was accepted after the last down.
    """

    answers: Sequence[Answer]
    downs: list[Answer] = field(default_factory=list)
    survived: int = 0
    is_last: bool = False

    @property
    def puts_down(self) -> bool:
        """Whether the service was away after the messages each time, and they were sent more than once."""
        return len(self.downs) > 1 and not self.survived

    @property
    def is_suspect(self) -> bool:
        """Whether the service was away after the messages, and came back, and they were not sent again."""
        return len(self.downs) == 1 and not self.survived and not self.is_last

    @property
    def is_never_followed(self) -> bool:
        """Whether the service was away after the messages the one time that they were sent, and did not come back."""
        return len(self.downs) == 1 and not self.survived and self.is_last

    @property
    def told(self) -> str:
        """The messages in words."""
        changes = (change.after or change.rule for each in self.answers for change in each.exchange.message.changes)
        return ", ".join(changes)[:160] or ("such messages" if self.answers else "itself")


def interrupts(answers: Sequence[Answer]) -> bool:
    """Whether the known-good message, sent last to see what an answer is worth, shows that it is worth nothing.

    Either the service is not there, or it does not know its caller any more: it refuses what it accepted before.
    """
    probe = next((each for each in reversed(answers) if each.exchange.purpose == "probe"), None)
    if probe is None:
        return False
    subject = answers[0]
    has_lost_caller = subject.exchange.response is not None and _needs_caller(subject) and may_have_lapsed(probe)
    return has_lost_caller or (probe.exchange.response is not None and is_away(probe))


def loses_caller(answers: Sequence[Answer]) -> bool:
    """Whether the known-good message, refused first, is never accepted again where it says who calls."""
    samples = [each for each in answers if each.exchange.message.kind == "sample"]
    return bool(samples) and _needs_caller(samples[0]) and all(map(may_have_lapsed, samples))


def may_have_lapsed(answer: Answer) -> bool:
    """Whether an answer to the known-good message may say that its caller is no longer let in.

    It is refused then, sent elsewhere, or shown a page for humans. Of other XML, of 304 unasked (RFC 9110 section
    15.4.5), and of a message that could not be read no session is the cause.
    """
    if answer.exchange.response is None or answer.outcome == "success":
        return answer.outcome != "success"
    if answer.outcome in ("fault", "refusal") and says_unread(answer):
        return False
    if 300 <= answer.response.status_code < 400:
        return answer.response.status_code in _ELSEWHERE
    return answer.outcome != "unrecognised" or answer.payload is None or not is_xml_type(answer.media_type)


_ELSEWHERE = (301, 302, 303, 307, 308)


def _needs_caller(answer: Answer) -> bool:
    """Whether a message carries what only its caller has: a session, a password."""
    return answer.exchange.message.uses_credentials and any(leaf.credential for leaf in answer.operation.leaves)


def rows_of(answers: Iterable[Answer], *, begins_accepted: bool = False) -> Sequence[Row]:
    """The rows of a sequence of answers, in order, each with what came after it every time that it was sent.

    A row counts where the known-good message was accepted right before it; `begins_accepted` says that it was before
    the first.
    """
    rows: dict[tuple[tuple[str, int], ...], Row] = {}
    held: list[Answer] = []
    is_accepted = begins_accepted
    for each in answers:
        if each.exchange.message.kind != "sample":
            held.append(each)
            continue
        has_succeeded, was_accepted = each.outcome == "success", is_accepted
        is_accepted = has_succeeded
        if has_succeeded:
            for row in rows.values():
                row.is_last = False
        if was_accepted and held and (has_succeeded or is_away(each)):
            key = tuple((one.exchange.message.item, one.exchange.message.index) for one in held)
            row = rows.setdefault(key, Row(tuple(held)))
            row.survived += has_succeeded
            if not has_succeeded:
                row.downs.append(each)
                row.is_last = True
        held = []
    return tuple(rows.values())
