"""What only several answers together show."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from exchanges import (
    INLINE_SCHEMA,
    ROWS,
    answered,
    dataset_root,
    envelope,
    log_entry,
    logs,
    logs_asked,
    message,
    operation,
    published,
    session,
    session_log,
    session_log_asked,
    statistics,
    unanswered,
)

from contracts.judge.judge import judge
from contracts.judge.records import Change, Exchange, FailureKind, Group, Judgement, Message, MessageKind
from contracts.judge.verdicts import effect_of

SPELLED, MATCH = "page/sample/spelling-does-not-matter", "relations/http-9.2/answers-match-requests"
STEADY, STILL = "relations/page/answers-do-not-fail-now-and-then", "security/robustness/still-answers"
AGREE = "ecgridos/ReportInstantStats/bindings-agree"
NARROWER = "mobileconnect/UserClientSessionLogRequest/narrower-window-has-no-more"
PAGES = "mobileconnect/UserClientSessionLogRequest/pages-make-up-the-whole"
FAULT = envelope("<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault>")


def sent(
    binding: str, requirement: str, index: int, kind: MessageKind = "sample", *changes: Change, **of: Any
) -> Message:
    made = message(binding, requirement=requirement, kind=kind, **of)
    return replace(made, index=index, changes=changes)


def compared(*exchanges: Exchange) -> Judgement:
    return judge(Group(exchanges), operation(exchanges[0].message.service))


def names(judgement: Judgement) -> list[str]:
    return [each.name for each in judgement.findings]


def in_turn(*answers: tuple[MessageKind, str], purpose: str = "planned") -> list[Exchange]:
    """Answers to a known-good message (`sample`) and its spellings, in turn."""
    return [
        answered(sent("utws/soap11", SPELLED, index, kind), body, number=index + 1, purpose=purpose)  # type: ignore[arg-type]
        for index, (kind, body) in enumerate(answers)
    ]


SAME, OTHER, THIRD = (envelope(logs(published(country=country))) for country in ("GB", "FR", "DE"))
LONGER = envelope(logs(published() + published()))


def test_equal_answers_to_spellings_are_kept() -> None:
    judgement = compared(*in_turn(("sample", SAME), ("spelling", SAME), ("sample", SAME)))
    assert (judgement.observed, judgement.findings) == ((SPELLED,), ())


@pytest.mark.parametrize("body", [OTHER, LONGER])
def test_other_answer_to_a_spelling_is_found_with_its_place(body: str) -> None:
    judgement = compared(*in_turn(("sample", SAME), ("spelling", SAME), ("spelling", body), ("sample", SAME)))
    (finding,) = judgement.findings
    assert (finding.name, finding.exchange, finding.requirement) == ("OtherAnswerToSameMessage", 3, SPELLED)
    assert "SessionsToPublish" in finding.actual


@pytest.mark.parametrize("known", ["", "<k:Known xmlns:k='urn:known'>1</k:Known>"])
def test_header_blocks_that_only_this_answer_has_are_about_its_message(known: str) -> None:
    related = f"{known}<a:RelatesTo xmlns:a='http://www.w3.org/2005/08/addressing'>urn:uuid:1</a:RelatesTo>"
    plain = envelope(logs(published(country="GB")), header=known)
    for country, header, found in (
        ("GB", related, []),
        ("FR", related, ["OtherAnswerToSameMessage"]),
        ("GB", related.replace(">1</", ">2</"), ["OtherAnswerToSameMessage"] if known else []),
    ):
        answer = envelope(logs(published(country=country)), header=header)
        assert names(compared(*in_turn(("sample", plain), ("spelling", answer), ("sample", plain)))) == found


def test_what_moves_by_itself_is_not_compared() -> None:
    answers = in_turn(("sample", SAME), ("spelling", OTHER), ("sample", THIRD), ("spelling", SAME), ("sample", THIRD))
    assert compared(*answers).findings == ()


def test_difference_that_is_gone_when_asked_again_was_chance() -> None:
    first = in_turn(("sample", SAME), ("spelling", OTHER), ("sample", SAME))
    again = in_turn(("sample", SAME), ("spelling", SAME), ("sample", SAME), purpose="minimise")
    again = [replace(each, number=each.number + 3) for each in again]
    assert compared(*first, *again).findings == ()
    stands = in_turn(("sample", SAME), ("spelling", OTHER), ("sample", SAME), purpose="minimise")
    stands = [replace(each, number=each.number + 3) for each in stands]
    assert names(compared(*first, *stands)) == ["OtherAnswerToSameMessage"]


def test_nothing_is_compared_without_known_good_answers_around() -> None:
    assert compared(*in_turn(("sample", SAME), ("spelling", OTHER))).observed == ()
    assert compared(*in_turn(("spelling", OTHER), ("sample", SAME), ("sample", SAME))).findings == ()


def test_comparison_judges_nothing_else_again() -> None:
    """Each answer was judged for itself before: what it breaks on its own is not counted twice."""
    broken = envelope("<a/>")
    judgement = compared(*in_turn(("sample", SAME), ("spelling", broken), ("sample", SAME)))
    assert judgement.observed == ()


# --- requests in flight -----------------------------------------------------------------------------------------------


def flight(answers: Sequence[str], *, statuses: Sequence[int] = (200, 200)) -> list[Exchange]:
    """Two messages, each alone, both together (with these answers), and each alone again."""
    bodies = [envelope(logs(published(country=f"own-country-{number}"))) for number in range(2)]
    found = []
    for phase in range(3):
        for number in range(2):
            changes = [Change("identity", "message", "", after=str(number))]
            changes += [Change("together", "connection", "", after="together")] if phase == 1 else []
            request = envelope(logs_asked(session(country=f"own-country-{number}")))
            to = sent(
                "utws/soap11", MATCH, 2 * phase + number, "valid", *changes, expectation="process", request=request
            )
            body, status = (answers[number], statuses[number]) if phase == 1 else (bodies[number], 200)
            found.append(answered(to, body, status=status, number=2 * phase + number + 1))
    return found


OWN = [envelope(logs(published(country=f"own-country-{number}"))) for number in range(2)]


def test_own_answers_are_kept() -> None:
    assert compared(*flight(OWN)).findings == ()


def test_answer_of_another_request_is_found() -> None:
    judgement = compared(*flight([OWN[1], OWN[1]]))
    (finding,) = judgement.findings
    assert (finding.name, finding.exchange, finding.effect) == ("AnswerOfAnotherRequest", 3, "violation")


def test_value_of_another_request_in_an_answer_is_found() -> None:
    mixed = envelope(logs(published(country="own-country-0") + published(country="own-country-1")))
    assert names(compared(*flight([mixed, OWN[1]]))) == ["AnswerOfAnotherRequest"]


def test_failure_with_others_in_flight_deviates_unless_it_says_too_many() -> None:
    (finding,) = compared(*flight([FAULT, OWN[1]], statuses=(500, 200))).findings
    assert (finding.name, finding.effect) == ("FailsWithOthersInFlight", "deviation")
    assert compared(*flight(["", OWN[1]], statuses=(503, 200))).findings == ()


# --- time -------------------------------------------------------------------------------------------------------------


AWAY = ""
"""The body of a gateway's 503."""


def steady(*bodies: str | None, silence: FailureKind = "timeout") -> Judgement:
    return compared(
        *(
            unanswered(sent("utws/soap11", STEADY, index), silence, number=index + 1)
            if body is None
            else answered(sent("utws/soap11", STEADY, index), body, status=STATUS.get(body, 200), number=index + 1)
            for index, body in enumerate(bodies)
        )
    )


STATUS = {FAULT: 500, AWAY: 503}


def test_rate_of_failures_is_told() -> None:
    (finding,) = steady(*[SAME] * 19, FAULT, *[SAME] * 19, FAULT).findings
    assert finding.name == "FailsNowAndThen"
    assert "2 of 40 messages, one in 20, the first after 19 others" in finding.actual


def test_steady_answers_are_kept_and_one_lost_answer_may_be_the_networks() -> None:
    assert steady(SAME, SAME).findings == ()
    assert steady(SAME, None, SAME).findings == ()
    assert names(steady(SAME, None, None, SAME)) == ["FailsNowAndThen"]


@pytest.mark.parametrize(
    "bodies, silence, effect",
    [
        ((SAME, AWAY, SAME, AWAY), "timeout", "deviation"),
        ((SAME, None, SAME, None), "reset", "deviation"),
        ((SAME, None, SAME, AWAY), "refused", "deviation"),
        ((SAME, None, SAME, None), "timeout", "violation"),
        ((SAME, AWAY, SAME, AWAY, FAULT), "timeout", "violation"),
    ],
)
def test_service_that_is_not_there_now_and_then_deviates_and_one_that_hangs_or_fails_violates(
    bodies: tuple[str | None, ...], silence: FailureKind, effect: str
) -> None:
    (finding,) = steady(*bodies, silence=silence).findings
    assert finding.effect == effect
    assert f"{len(bodies) - bodies.count(SAME)} of {len(bodies)} messages" in finding.actual


def test_one_answer_of_a_gateway_shows_nothing() -> None:
    assert steady(SAME, AWAY, SAME).findings == ()


BARE = envelope(logs(""))


def test_answer_that_lacks_now_and_then_what_the_others_hold_deviates_with_its_rate() -> None:
    (finding,) = steady(*[SAME] * 9, BARE, *[SAME] * 10).findings
    assert (finding.name, finding.effect, finding.exchange) == ("LacksNowAndThen", "deviation", 10)
    assert finding.actual == "not there in 1, one in 20"
    assert "SessionsToPublish" in finding.expected


@pytest.mark.parametrize(
    "bodies",
    [
        [SAME] * 5 + [BARE] + [SAME] * 2,  # too few to say what is usual
        [SAME] * 19 + [BARE],  # what is gone at the end may be gone for good
        [BARE] + [SAME] * 19,
        [SAME] * 15 + [BARE] * 5,  # gone too often to be usual
        [SAME] * 10 + [LONGER] + [SAME] * 10,  # more is not less
        [LONGER] * 10 + [SAME] + [LONGER] * 10,  # fewer of the same
    ],
)
def test_what_may_have_moved_is_no_answer_that_lacks_something(bodies: list[str]) -> None:
    assert steady(*bodies).findings == ()


def test_message_that_always_fails_does_not_fail_now_and_then() -> None:
    assert steady(FAULT, FAULT).observed == ()


def survives(*answers: tuple[MessageKind, str, int], of: str = STILL) -> Judgement:
    """What answers in turn show; those to a defect, which is for requirement `of`, are to one and the same."""
    return compared(
        *(
            answered(sent("utws/soap11", STILL if kind == "sample" else of, index if kind == "sample" else 0, kind,
                          Change(kind, "", "", after="probe")), body, status=status, number=index + 1)
            for index, (kind, body, status) in enumerate(answers)
        )
    )  # fmt: skip


OK: tuple[MessageKind, str, int] = ("sample", SAME, 200)
SENT: tuple[MessageKind, str, int] = ("defect", FAULT, 500)
GONE: tuple[MessageKind, str, int] = ("sample", "", 503)
DEPTH, ADDRESSES = "security/cwe-674/structures-do-no-harm", "security/cwe-918/addresses-are-not-called"


def effects(judgement: Judgement) -> list[tuple[str, str]]:
    return [(each.requirement, each.effect) for each in judgement.findings]


def test_message_that_ends_a_service_is_found() -> None:
    judgement = survives(("sample", SAME, 200), ("defect", FAULT, 500), ("sample", FAULT, 500))
    (finding,) = judgement.findings
    assert (finding.name, finding.effect) == ("FailsAfterMessage", "violation")
    assert "after probe" in finding.actual


def test_service_that_does_not_come_back_after_a_message_deviates() -> None:
    judgement = survives(OK, SENT, GONE, GONE, of=ADDRESSES)
    assert effects(judgement) == [(STILL, "deviation"), (ADDRESSES, "deviation")]


def test_service_that_is_away_each_time_that_a_message_is_sent_violates() -> None:
    judgement = survives(OK, SENT, GONE, OK, SENT, GONE, OK, of=ADDRESSES)
    assert effects(judgement) == [(STILL, "violation"), (ADDRESSES, "violation")]
    assert "after probe, each of the 2 times that it was sent" in judgement.findings[0].actual
    assert effects(survives(OK, SENT, GONE, OK, SENT, GONE, of=DEPTH)) == [(STILL, "violation"), (DEPTH, "deviation")]


@pytest.mark.parametrize(
    "answers",
    [
        (OK, SENT, GONE, OK, SENT, OK),
        (OK, SENT, GONE, GONE, OK),
        (OK, SENT, OK, GONE, OK),
        (OK, SENT, OK, SENT, GONE, GONE),
    ],
    ids=["not the second time", "not sent again", "not after it", "not the first time"],
)
def test_service_that_was_away_by_itself_is_not_held_against_it(
    answers: tuple[tuple[MessageKind, str, int], ...],
) -> None:
    judgement = survives(*answers, of=ADDRESSES)
    assert judgement.findings == ()
    assert set(judgement.observed) == {STILL, ADDRESSES}


def test_service_that_answers_on_is_kept() -> None:
    assert survives(("sample", SAME, 200), ("defect", FAULT, 500), ("sample", SAME, 200)).findings == ()
    assert survives(("sample", FAULT, 500), ("defect", FAULT, 500), ("sample", FAULT, 500)).observed == ()


# --- bindings and windows ---------------------------------------------------------------------------------------------

FORM = dataset_root(INLINE_SCHEMA + ROWS)
RENAMED = dataset_root(INLINE_SCHEMA.replace("In1", "In2") + ROWS.replace("In1", "In2"))
TYPED = dataset_root(INLINE_SCHEMA.replace("xs:int", "xs:string") + ROWS)
MOVED = ROWS.replace(">5<", ">6<")


def over_bindings(other: str, *, after: str = ROWS) -> Judgement:
    first, last = (envelope(statistics(INLINE_SCHEMA + rows)) for rows in (ROWS, after))
    return compared(
        answered(sent("ecgridos/soap11", AGREE, 0), first, number=1),
        answered(sent("ecgridos/http_get", AGREE, 1), other, number=2),
        answered(sent("ecgridos/soap11", AGREE, 2), last, number=3),
    )


def test_bindings_that_agree_are_kept() -> None:
    judgement = over_bindings(FORM)
    assert (judgement.observed, judgement.findings) == ((AGREE,), ())


@pytest.mark.parametrize("other", [RENAMED, TYPED], ids=["another column", "another type"])
def test_other_tables_columns_or_types_are_found(other: str) -> None:
    (finding,) = over_bindings(other).findings
    assert (finding.name, finding.level, finding.protocol) == ("BindingsDisagree", "must", "soap11")
    assert effect_of("must", "convention") == finding.effect


def test_other_rows_count_only_between_equal_answers() -> None:
    other = dataset_root(INLINE_SCHEMA + MOVED)
    (finding,) = over_bindings(other).findings
    assert (finding.name, finding.level) == ("BindingsDisagree", "should")
    assert over_bindings(other, after=MOVED).findings == ()


def windows(*, size: int = 10, **counts: int) -> Judgement:
    """Two pages of each window, by label, both with so many entries: pages may count from 0 or from 1."""
    asked = envelope(session_log_asked(f"<t:RecordsPerPage>{size}</t:RecordsPerPage>"), version="soap12")
    found: list[Exchange] = []
    for label, entries in counts.items():
        for _ in range(2):
            change = Change("window", "", "", after=label.replace("_", " "))
            to = sent(
                "mobileconnect/soap12", NARROWER, len(found), "valid", change, expectation="process", request=asked
            )
            body = envelope(session_log(*[log_entry(User="u")] * entries), version="soap12")
            found.append(answered(to, body, number=len(found) + 1))
    return compared(*found)


def test_narrower_window_with_more_is_found() -> None:
    assert names(windows(wide=2, narrow_a=3, wide_again=2)) == ["NarrowerWindowHasMore"]
    assert names(windows(wide=2, narrow_a=12, wide_again=2)) == ["NarrowerWindowHasMore"]
    assert windows(wide=2, narrow_a=2, narrow_b=0, wide_again=2).findings == ()
    assert windows(wide=2, narrow_a=3, wide_again=3).findings == (), "entries that came in meanwhile"


def test_windows_whose_pages_do_not_end_show_nothing() -> None:
    assert windows(size=2, wide=2, narrow_a=3, wide_again=2).observed == ()
    assert windows(wide=2, wide_again=2).observed == ()


def paged(*pages: tuple[str, int, int, str], told: int = 0) -> Judgement:
    """Pages asked for one after another: label, index, size, and the entries that came, a letter each."""
    found: list[Exchange] = []
    for label, index, size, entries in pages:
        asked = envelope(
            session_log_asked(
                f"<t:PageRequestIndex>{index}</t:PageRequestIndex><t:RecordsPerPage>{size}</t:RecordsPerPage>"
            ),
            version="soap12",
        )
        change = Change("window", "window", "how much is asked for", after=label)
        to = sent("mobileconnect/soap12", PAGES, len(found), "valid", change, expectation="process", request=asked)
        base = f"<t:TotalPageCount>{told}</t:TotalPageCount>" if size < 100 else ""
        log = session_log(*(log_entry(User=each) for each in entries), base=base)
        found.append(answered(to, envelope(log, version="soap12"), number=len(found) + 1))
    return compared(*found)


def in_pages(first: str, second: str, *, whole: str = "abcdefgh", after: str = "", told: int = 0) -> Judgement:
    small = ("page 1", 1, 2, first), ("page 2", 2, 2, second)
    return paged(("wide", 0, 127, whole), *small, ("wide again", 0, 127, after or whole), told=told)


@pytest.mark.parametrize("first, second", [("cd", "ef"), ("ab", "cd")], ids=["from 0", "from 1"])
@pytest.mark.parametrize("told", [0, 4, 9])
def test_pages_that_make_up_the_whole_are_kept_wherever_they_are_counted_from(
    first: str, second: str, told: int
) -> None:
    assert (in_pages(first, second, told=told).observed, in_pages(first, second).findings) == ((PAGES,), ())


@pytest.mark.parametrize(
    "first, second, told, found",
    [
        ("ab", "ab", 4, ["PagesShareItems"]),
        ("cd", "de", 4, ["PagesShareItems"]),
        ("c", "e", 4, ["PageLacksItems", "PageLacksItems"]),
        ("cd", "ef", 3, ["TooFewPagesTold", "TooFewPagesTold"]),
        ("cd", "ef", -1, ["TooFewPagesTold", "TooFewPagesTold"]),
    ],
)
def test_pages_that_do_not_make_up_the_whole_are_found(first: str, second: str, told: int, found: list[str]) -> None:
    judgement = in_pages(first, second, told=told)
    assert names(judgement) == found
    assert {each.effect for each in judgement.findings} == {"deviation"}


def test_pages_of_what_moved_or_is_all_alike_show_nothing() -> None:
    assert in_pages("ab", "ab", after="xabcdefgh").findings == ()
    assert in_pages("aa", "aa", whole="aaaaaaaa").findings == ()
    assert in_pages("c", "", whole="abc").findings == ()
    assert paged(("wide", 0, 127, "abc"), ("page 1", 1, 2, "c")).observed == ()
