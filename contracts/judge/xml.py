"""Checks on the XML of answers, whatever it holds."""

import re
from collections.abc import Sequence
from urllib.parse import unquote_plus
from xml.sax.saxutils import escape

from lxml import etree

from contracts.judge.answer import Answer
from contracts.judge.checks import KEPT, Problem, few
from contracts.model import Level, Requirement

_PROCESSING_INSTRUCTIONS = etree.XPath("//processing-instruction()")


def well_formed(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A body that calls itself XML is namespace-well-formed. Source: XML 1.0 section 2.1, Namespaces section 7.

    The level is `should` where the request carried characters that XML forbids: genuine stacks echo them; after a
    compressed request, whose bytes are such characters to most receivers, it is worth a note. A body
    beyond our reader's limits (depth, length of a text or name) is not read: that says nothing of its form.
    """
    if not answer.content.strip():
        return KEPT if answer.binding.response.body.is_empty and answer.outcome == "success" else None
    if not is_xml_type(answer.media_type):
        return None
    error = answer.parsed
    if not isinstance(error, etree.XMLSyntaxError):
        return KEPT
    if error.code in _LIMITS:
        return [Problem("BeyondLimits", "XML within our reader's limits", error.msg or "", "body", None, "inform")]
    level: Level | None = "should" if answer.exchange.message.forbidden_characters else None
    if any(name.lower() == "content-encoding" for name, _ in answer.exchange.sent.headers):
        level = "inform"
    return [Problem("IllFormedAnswer", "well-formed XML", error.msg or "ill-formed XML", "body", error.lineno, level)]


_LIMITS = frozenset({etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_NAME_TOO_LONG})
"""libxml2's codes for content that it refuses to read on with, however well-formed."""


def text_is_decoded_once(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """No text is UTF-8 that was read as Latin-1 and written again. Source: XML 1.0 section 4.3.3.

    Such text, written in Latin-1 or windows-1252, is UTF-8 once more, and next to no other is. What the request holds
    may come back as it is. It speaks of answers to messages that must be read: one whose labels disagree may be read
    in another encoding than it was written in.
    """
    is_plain = answer.exchange.message.expectation in ("accept", "process")
    if answer.root is None or not is_plain or not is_xml_type(answer.media_type):
        return None
    texts = [text for text in answer.root.itertext() if not text.isascii()]
    if not texts:
        return None
    twice = [(text, once) for text in texts if _LOOKS_TWICE.search(text) and (once := _decoded_again(text)) is not None]
    if not twice:
        return KEPT
    sent = answer.exchange.sent
    asked = unquote_plus(sent.path) + (sent.body or b"").decode(sent.encoding, "replace")
    return few(
        Problem("TextDecodedTwice", once[:80], text[:80], "body") for text, once in twice if escape(text) not in asked
    )


def _decoded_again(text: str) -> str | None:
    """Text whose characters are the bytes of UTF-8 as the text that these are; None for any other."""
    for encoding in ("windows-1252", "iso-8859-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return None


_LOOKS_TWICE = re.compile(r"[\xc2\xc3][^\x00-\x7f]|(?:[\xc4-\xf4][^\x00-\x7f]{1,3}.*){2}", re.DOTALL)
"""What a letter of Latin-1 becomes; of others two, since `CAF\xc9\xae` may be meant."""


def version_is_1_0(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An XML declaration names version 1.0. Source: XML 1.1 section 1.3, which tells those who write XML to write 1.0.

    SOAP is defined over XML 1.0 (SOAP 1.1 section 3, RFC 3902 section 2), whose older processors may refuse 1.1.
    """
    if answer.root is None or not is_xml_type(answer.media_type):
        return None
    version = answer.root.getroottree().docinfo.xml_version or "1.0"
    return KEPT if version == "1.0" else [Problem("OtherVersionOfXML", "version 1.0", version, "body")]


def no_document_type(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A SOAP message has no document type declaration. Source: SOAP 1.1 section 3, SOAP 1.2 part 1 section 5."""
    if answer.envelope is None:
        return [_UNREAD_DOCTYPE] if _begins_with_doctype(answer) else None
    doctype = answer.envelope.getroottree().docinfo.doctype
    return [Problem("DocumentTypeInAnswer", "no document type declaration", doctype, "body")] if doctype else KEPT


_UNREAD_DOCTYPE = Problem("DocumentTypeInAnswer", "no document type declaration", "one that could not be read", "body")


def _begins_with_doctype(answer: Answer) -> bool:
    """Whether an answer that calls itself XML, and could not be read, declares a document type all the same."""
    if answer.root is not None or not is_xml_type(answer.media_type):
        return False
    before, found, _ = answer.content[:1024].replace(b"\0", b"").partition(b"<!DOCTYPE")
    return bool(found) and b"<" not in _PROLOG.sub(b"", before)


_PROLOG = re.compile(rb"<\?.*?\?>|<!--.*?-->", re.DOTALL)
"""What may stand before a document type declaration."""


def no_processing_instructions(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A SOAP message has no processing instructions. Source: SOAP 1.1 section 3, SOAP 1.2 part 1 section 5."""
    if answer.envelope is None:
        return None
    found = _PROCESSING_INSTRUCTIONS(answer.envelope)
    assert isinstance(found, list)
    return [Problem("ProcessingInstructionInAnswer", "none", str(each), "body") for each in found[:1]]


def no_declaration_of_xml(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """No answer declares the prefix xml, which needs no declaration. Source: Basic Profile 1.2 R1033."""
    if answer.envelope is None:
        return None
    found = _DECLARES_XML.search(answer.content[:_HEAD])
    return KEPT if found is None else [Problem("PrefixXmlDeclared", "no xmlns:xml", "xmlns:xml", "body")]


_DECLARES_XML = re.compile(rb"<[^<>!?]*\sxmlns:xml\s*=")
_HEAD = 64 * 1024
"""Bytes that are searched: declarations that concern a whole message stand at its beginning."""


def is_xml_type(media_type: str | None) -> bool:
    """Whether a media type is one of XML. Source: RFC 7303 section 4."""
    return media_type in ("text/xml", "application/xml") or (media_type or "").endswith("+xml")
