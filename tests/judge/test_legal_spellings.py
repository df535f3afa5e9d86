"""Namespace-exact and prefix-blind: no legal spelling of an answer changes what the judge says of it."""

import re
from collections.abc import Callable

import pytest
from exchanges import (
    BINDINGS,
    MEDIA_TYPES,
    SUCCESS,
    counting,
    envelope,
    logs,
    logs_asked,
    look,
    names,
    published,
    session,
)
from lxml import etree


def _other_prefixes(text: str) -> bytes:
    return re.sub(r"(</?|xmlns:)s(?=[:=])", r"\1SOAP-ENV", text).encode()


def _default_namespaces(text: str) -> bytes:
    """The envelope in a default namespace; content in none gets `xmlns=""` where it needs it."""
    renamed = re.sub(r"(</?)s:", r"\1", text).replace("xmlns:s=", "xmlns=")
    return re.sub(r"<(sessionid|returnval|success|interfacename)(?=[/>])", r'<\1 xmlns=""', renamed).encode()


def _character_references(text: str) -> bytes:
    return re.sub(r">([^<]+)<", lambda m: ">" + "".join(f"&#x{ord(c):X};" for c in m.group(1)) + "<", text).encode()


SPELLINGS: dict[str, Callable[[str], bytes]] = {
    "other prefixes": _other_prefixes,
    "default namespaces": _default_namespaces,
    "redundant declarations": lambda text: text.replace(">", ' xmlns:unused="urn:x">', 1).encode(),
    "CDATA": lambda text: re.sub(r">([^<]+)<", r"><![CDATA[\1]]><", text).encode(),
    "character references": _character_references,
    "comments": lambda text: re.sub(r"><", "><!-- c --><", text).encode() + b"<!-- end -->",
    "comments in values": lambda text: re.sub(r">([^<]+)([^<])<", r">\1<!-- c -->\2<", text).encode(),
    "white space": lambda text: re.sub(r"><(?!/(?:returnval|NewDataSet))", ">\r\n\t <", text).encode() + b"\n",
    "BOM": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "declaration": lambda text: b'<?xml version="1.0"?>\n' + text.encode(),
    "single quotes": lambda text: text.replace('"', "'").encode(),
    "long empty elements": lambda text: re.sub(r"<(returnval)/>", r"<\1></\1>", text).encode(),
}
ENCODED: dict[str, tuple[str, str]] = {
    "UTF-16 with BOM": ("utf-16", "utf-16"),
    "ISO-8859-1": ("iso-8859-1", "iso-8859-1"),
    "windows-1252": ("cp1252", "windows-1252"),
    "EUC-KR": ("euc-kr", "euc-kr"),
    "US-ASCII": ("us-ascii", "us-ascii"),
}


@pytest.mark.parametrize("binding", BINDINGS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spelling_changes_nothing(spelling: str, binding: str) -> None:
    body = SPELLINGS[spelling](SUCCESS[binding])
    etree.fromstring(body)
    judgement = look(binding, body)
    assert counting(judgement) == []
    assert judgement.observed == look(binding).observed


@pytest.mark.parametrize("binding", BINDINGS)
@pytest.mark.parametrize("encoding, charset", ENCODED.values(), ids=ENCODED)
def test_encoding_changes_nothing(encoding: str, charset: str, binding: str) -> None:
    named = f"{MEDIA_TYPES[binding].partition(';')[0]}; charset={charset}"
    assert look(binding, SUCCESS[binding].encode(encoding), media_type=named).findings == ()
    declared = f'<?xml version="1.0" encoding="{charset}"?>{SUCCESS[binding]}'.encode(encoding)
    assert look(binding, declared, media_type=named).findings == ()
    unnamed = look(binding, declared, media_type=named.partition(";")[0])
    assert {each.name for each in unnamed.findings} <= {"CharsetNotNamed"}


def test_text_in_an_encoding_that_only_content_type_names_is_read() -> None:
    text = envelope(logs(published(country="한국")))
    asked = envelope(logs_asked(session(country="한국")))
    judgement = look("utws/soap11", text.encode("euc-kr"), media_type="text/xml; charset=euc-kr", request=asked)
    assert judgement.findings == ()


@pytest.mark.parametrize(
    "wrong",
    [
        SUCCESS["utws/soap11"].replace("/v1", "/V1"),
        SUCCESS["utws/soap11"].replace("UTWS/v1", "UTWS/v1/"),
        SUCCESS["utws/soap11"].replace("logsAvailableResponse", "LogsAvailableResponse"),
        SUCCESS["utws/soap11"].replace("<publish>", '<publish xmlns="">'),
    ],
)
def test_other_namespace_or_case_is_another_name(wrong: str) -> None:
    assert names(look("utws/soap11", wrong)) & {"WrongPayloadElement", "InvalidContent"}
