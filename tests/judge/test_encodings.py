"""Text as its bytes and labels have it: names of encodings, and text that was decoded as another."""

import pytest
from exchanges import SUCCESS, envelope, log_entry, logs, logs_asked, look, named, published, said, session, session_log

ONCE, CHARSET = "xml/4.3.3/text-is-decoded-once", "http/8.3.2/charset-is-true"


def log_of(user: str) -> str:
    return envelope(session_log(log_entry(User=user)), version="soap12")


def decoded_as(encoding: str, text: str) -> str:
    return text.encode().decode(encoding)


@pytest.mark.parametrize(
    "user, expected",
    [
        ("Žofie Nováková", "kept"),
        ("Anna", "not observed"),
        ("José", "kept"),
        ("Âge d'Or", "kept"),
        ("CAFÉ®", "kept"),
        ("« CAFÉ »", "kept"),
        ("SÃO PAULO", "kept"),
        (decoded_as("iso-8859-1", "José"), "TextDecodedTwice"),
        (decoded_as("windows-1252", "Žofie Nováková"), "TextDecodedTwice"),
        (decoded_as("windows-1252", "Grüße — „hoch“"), "TextDecodedTwice"),
        (decoded_as("iso-8859-1", "محمد علي"), "TextDecodedTwice"),
        (decoded_as("iso-8859-1", "日本"), "TextDecodedTwice"),
        (decoded_as("iso-8859-1", "°C"), "TextDecodedTwice"),
    ],
)
def test_text_that_was_decoded_as_another_is_found(user: str, expected: str) -> None:
    assert said(ONCE, look("mobileconnect/soap12", log_of(user))) == expected


def test_such_text_deviates() -> None:
    finding = named(look("mobileconnect/soap12", log_of(decoded_as("iso-8859-1", "José"))), "TextDecodedTwice")
    assert (finding.effect, finding.basis, finding.expected) == ("deviation", "convention", "José")


def test_such_text_in_answer_to_what_may_be_misread_says_nothing() -> None:
    body = log_of(decoded_as("iso-8859-1", "José"))
    assert said(ONCE, look("mobileconnect/soap12", body, expectation="either")) == "not observed"


def test_such_text_of_the_request_may_come_back() -> None:
    odd = decoded_as("iso-8859-1", "é")
    judgement = look("utws/soap11", envelope(logs(published(country=odd))), request=logs_asked(session(country=odd)))
    assert said(ONCE, judgement) == "kept"


@pytest.mark.parametrize(
    "charset, expected",
    [("utf-8", "kept"), ("UTF-8", "kept"), ("utf8", "UnregisteredCharset"), ("latin1", "kept")],
)
def test_charset_has_the_name_it_is_registered_under(charset: str, expected: str) -> None:
    assert said(CHARSET, look("utws/soap11", media_type=f"text/xml; charset={charset}")) == expected


@pytest.mark.parametrize(
    "encoding, effect",
    [("utf8mb4", "deviation"), ("utf8", "deviation"), ("x-own", "note"), ("iso-8859-1", "note")],
)
def test_encoding_that_is_declared_exists(encoding: str, effect: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>{SUCCESS["utws/soap11"]}'
    judgement = look("utws/soap11", body, media_type="text/xml; charset=utf-8")
    assert [each.effect for each in judgement.findings if each.requirement == CHARSET] == [effect]
