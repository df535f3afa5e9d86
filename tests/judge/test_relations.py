"""Relations between the members of a request and those of its answer."""

import pytest
from exchanges import (
    envelope,
    log_entry,
    logs,
    logs_asked,
    look,
    named,
    published,
    said,
    session,
    session_log,
    session_log_asked,
)

ECHO = "utws/logsAvailable/published-sessions-were-asked-about"
LOG = "mobileconnect/UserClientSessionLogRequest"
PAGE, SIZE, LIMIT, WINDOW, OPEN, USER, CLIENT = (
    f"{LOG}/{slug}"
    for slug in (
        "page-is-the-one-asked-for",
        "page-size-is-the-one-asked-for",
        "page-holds-no-more-than-asked-for",
        "sessions-started-in-the-window",
        "open-sessions-have-no-end",
        "sessions-are-of-the-user-asked-for",
        "sessions-are-of-the-client-asked-for",
    )
)
APART = f"{LOG}/entries-are-told-apart"
ID = "a1b2c3d4-0000-0000-0000-00000000000f"

ECHOES: dict[str, tuple[str, str, str]] = {
    "equal": (session(), published(), "kept"),
    "equal in value": (session(productID="+01", osBits=" 64 "), published(productID="1"), "kept"),
    "another number": (session(), published(productID="2"), "ItemNobodyAskedFor"),
    "another case": (session(), published(langID="EN"), "ItemNobodyAskedFor"),
    "absent for absent": (session(version=None), published(version=None), "kept"),
    "empty for absent": (session(version=None), published(version=""), "kept"),
    "absent for empty": (session(version=""), published(version=None), "kept"),
    "absent for given": (session(), published(version=None), "kept"),
    "empty for given": (session(), published(version=""), "ItemNobodyAskedFor"),
    "zero for absent": (session(osBits=None), published(osBits="0"), "kept"),
    "CR LF read as LF": (session(country="a&#13;&#10;b&#13;c"), published(country="a\nb\nc"), "kept"),
    "CR kept": (session(country="a&#13;b"), published(country="a&#13;b"), "kept"),
    "raw CR": (session(country="a&#13;b"), published(country="a\rb"), "kept"),
    "trimmed": (session(country=" a "), published(country="a"), "ItemNobodyAskedFor"),
    "nil item": (session(), '<SessionsToPublish i:nil="true"/>', "kept"),
    "none": (session(), "", "not observed"),
}


MORE_OFTEN: dict[str, tuple[tuple[str, ...], str, str]] = {
    "once for once": ((session(), session(productID="2")), published() + published(productID="2"), "kept"),
    "other order": ((session(), session(productID="2")), published(productID="2") + published(), "kept"),
    "twice for twice": ((session(), session()), published() + published(), "kept"),
    "twice for once": ((session(),), published() + published(), "ItemMoreOftenThanAskedFor"),
    "one for all": (
        (session(), session(productID="2")),
        published() + published(),
        "ItemMoreOftenThanAskedFor",
    ),
    "one that fits both": (
        (session(), session(locale="de")),
        published(locale=None) + published(),
        "kept",
    ),
    "too many that fit": (
        (session(), session(locale="de")),
        published(locale=None) * 2 + published(),
        "ItemMoreOftenThanAskedFor",
    ),
    "equal in value twice": ((session(productID="01"),), published() * 2, "ItemMoreOftenThanAskedFor"),
}


@pytest.mark.parametrize("asked, answer, expected", MORE_OFTEN.values(), ids=MORE_OFTEN)
def test_session_is_published_no_more_often_than_asked_about(
    asked: tuple[str, ...], answer: str, expected: str
) -> None:
    judgement = look("utws/soap11", envelope(logs(answer)), request=envelope(logs_asked(*asked)))
    assert said(ECHO, judgement) == expected


@pytest.mark.parametrize(
    "told, expected",
    [("0123abcd-Session", "kept"), ("0123ABCD-SESSION", "OtherValueThanAskedFor"), (None, "not observed")],
)
def test_session_that_was_ended_is_the_one_of_the_request(told: str | None, expected: str) -> None:
    sent = envelope("<interfaceparameters/>", header="<sessionid>0123abcd-Session</sessionid>")
    member = "" if told is None else f"<sessionid>{told}</sessionid>"
    judgement = look("partstream/soap11", envelope(f"{member}<returnval/><success>ok</success>"), request=sent)
    assert said("partstream/SWServiceLogout/session-is-the-one-asked-for", judgement) == expected


@pytest.mark.parametrize("asked, answer, expected", ECHOES.values(), ids=ECHOES)
def test_echo(asked: str, answer: str, expected: str) -> None:
    judgement = look("utws/soap11", envelope(logs(answer)), request=envelope(logs_asked(session(productID="9"), asked)))
    assert said(ECHO, judgement) == expected
    if expected != "kept" and expected != "not observed":
        assert named(judgement, expected).effect == "deviation"


def entries(number: int, **members: str) -> str:
    return session_log(*[log_entry(**members)] * number)


TYPED, OWN = "<t:{0}>{1}</t:{0}>", "<m:{0}>{1}</m:{0}>"
AFTER, BEFORE = "2024-03-01T00:00:00", "2024-04-01T00:00:00"
BOUNDS = OWN.format("StartedAfter", AFTER) + OWN.format("StartedBefore", BEFORE)
ZONED = OWN.format("StartedAfter", AFTER + "+02:00")
SIZED = session_log(base="<t:RecordsPerPage>{}</t:RecordsPerPage>")
PAGED = session_log(base="<t:PageIndex>{}</t:PageIndex>")

FILTERS: dict[str, tuple[str, str, str, str, str]] = {
    "page": (PAGE, TYPED.format("PageRequestIndex", "3"), "", PAGED.format("03"), "kept"),
    "another page": (PAGE, TYPED.format("PageRequestIndex", "3"), "", PAGED.format("2"), "OtherValueThanAskedFor"),
    "no page asked for": (PAGE, TYPED.format("PageRequestIndex", "00"), "", PAGED.format("1"), "not observed"),
    "page not sent": (PAGE, "", "", PAGED.format("1"), "not observed"),
    "page not told": (PAGE, TYPED.format("PageRequestIndex", "3"), "", session_log(), "ValueLeftOut"),
    "as many": (LIMIT, TYPED.format("RecordsPerPage", "2"), "", entries(2, User="u"), "kept"),
    "too many": (LIMIT, TYPED.format("RecordsPerPage", "2"), "", entries(3, User="u"), "MoreItemsThanAskedFor"),
    "no limit": (LIMIT, TYPED.format("RecordsPerPage", "0"), "", entries(3, User="u"), "not observed"),
    "limit below zero": (LIMIT, TYPED.format("RecordsPerPage", "-1"), "", entries(3, User="u"), "not observed"),
    "page size": (SIZE, TYPED.format("RecordsPerPage", "20"), "", SIZED.format("20"), "kept"),
    "smaller page size": (SIZE, TYPED.format("RecordsPerPage", "20"), "", SIZED.format("10"), "kept"),
    "larger page size": (SIZE, TYPED.format("RecordsPerPage", "20"), "", SIZED.format("21"), "OtherValueThanAskedFor"),
    "the client": (CLIENT, "", OWN.format("ClientReferUid", "Abc"), entries(1, ClientReferUid="aBC "), "kept"),
    "another client": (
        CLIENT,
        "",
        OWN.format("ClientReferUid", "Abc"),
        entries(1, ClientReferUid="Abcd"),
        "ItemAgainstFilter",
    ),
    "no client": (CLIENT, "", OWN.format("ClientReferUid", ""), entries(1, ClientReferUid="Abc"), "not observed"),
    "in the window": (WINDOW, "", BOUNDS, entries(1, SessionStart="2024-03-15T00:00:00"), "kept"),
    "on its edge": (WINDOW, "", BOUNDS, entries(1, SessionStart=AFTER), "kept"),
    "too early": (WINDOW, "", BOUNDS, entries(1, SessionStart="2024-02-29T23:59:59.9"), "ItemOutsideWindow"),
    "too late": (WINDOW, "", BOUNDS, entries(1, SessionStart="2024-04-01T00:00:01"), "ItemOutsideWindow"),
    "zone unknown": (WINDOW, "", BOUNDS, entries(1, SessionStart="2020-01-01T00:00:00Z"), "kept"),
    "another zone, same instant": (WINDOW, "", ZONED, entries(1, SessionStart="2024-02-29T22:00:00Z"), "kept"),
    "another zone, too early": (
        WINDOW,
        "",
        ZONED,
        entries(1, SessionStart="2024-02-29T21:59:59Z"),
        "ItemOutsideWindow",
    ),
    "no bound": (
        WINDOW,
        "",
        OWN.format("StartedAfter", "0001-01-01T00:00:00"),
        entries(1, SessionStart=AFTER),
        "not observed",
    ),
    "no start": (WINDOW, "", BOUNDS, entries(1, User="u"), "kept"),
    "open": (OPEN, "", OWN.format("OpenSessionsOnly", "1"), entries(1, User="u"), "kept"),
    "default end": (
        OPEN,
        "",
        OWN.format("OpenSessionsOnly", "true"),
        entries(1, SessionEnd="0001-01-01T00:00:00"),
        "kept",
    ),
    "ended": (OPEN, "", OWN.format("OpenSessionsOnly", "true"), entries(1, SessionEnd=AFTER), "ItemAgainstFilter"),
    "open or not": (OPEN, "", OWN.format("OpenSessionsOnly", "false"), entries(1, SessionEnd=AFTER), "not observed"),
    "the user": (USER, "", OWN.format("UserReferUid", ID), entries(1, UserReferUid=ID.upper()), "kept"),
    "another user": (
        USER,
        "",
        OWN.format("UserReferUid", ID),
        entries(1, UserReferUid="f" + ID[1:]),
        "ItemAgainstFilter",
    ),
    "any user": (
        USER,
        "",
        OWN.format("UserReferUid", "0" * 8 + "-0000-0000-0000-" + "0" * 12),
        entries(1, UserReferUid=ID),
        "not observed",
    ),
}


OTHER, NOBODY = f"f{ID[1:]}", "00000000-0000-0000-0000-000000000000"
NAMED: dict[str, tuple[tuple[str, ...], str]] = {
    "one each": ((ID, OTHER), "kept"),
    "one for two": ((ID, OTHER, ID), "ItemsShareName"),
    "one in two cases": ((ID, ID.upper()), "ItemsShareName"),
    "not set": ((NOBODY, NOBODY), "ItemsNotNamed"),
    "set in one": ((ID, NOBODY, NOBODY), "kept"),
    "one that is not set": ((NOBODY,), "not observed"),
    "no entries": ((), "not observed"),
}


@pytest.mark.parametrize("names, expected", NAMED.values(), ids=NAMED)
def test_items_that_share_a_name_are_one_item_twice(names: tuple[str, ...], expected: str) -> None:
    answer = session_log(*(log_entry(ReferUid=name) for name in names))
    judgement = look("mobileconnect/soap12", envelope(answer, version="soap12"))
    assert said(APART, judgement) == expected


ENDS: dict[str, tuple[str, str, str]] = {
    "later": (AFTER, BEFORE, "kept"),
    "at once": (AFTER, AFTER, "kept"),
    "earlier": (BEFORE, AFTER, "ItemOutOfOrder"),
    "open": (AFTER, "0001-01-01T00:00:00", "not observed"),
    "not to be compared": (BEFORE, AFTER + "Z", "kept"),
}


@pytest.mark.parametrize("start, end, expected", ENDS.values(), ids=ENDS)
def test_what_begins_and_ends_is_in_order(start: str, end: str, expected: str) -> None:
    answer = session_log(log_entry(SessionStart=start, SessionEnd=end))
    judgement = look("mobileconnect/soap12", envelope(answer, version="soap12"))
    assert said(f"{LOG}/sessions-end-after-they-start", judgement) == expected


@pytest.mark.parametrize("requirement, types, own, answer, expected", FILTERS.values(), ids=FILTERS)
def test_relation_of_the_session_log(requirement: str, types: str, own: str, answer: str, expected: str) -> None:
    request = envelope(session_log_asked(types, own), version="soap12")
    judgement = look("mobileconnect/soap12", envelope(answer, version="soap12"), request=request)
    assert said(requirement, judgement) == expected


@pytest.mark.parametrize("expectation", ["reject", "either"])
def test_answer_to_a_message_that_may_be_altered_is_not_compared(expectation: str) -> None:
    body = envelope(logs(published(productID="7")))
    assert said(ECHO, look("utws/soap11", body, expectation=expectation)) == "not observed"
