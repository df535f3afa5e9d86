"""Spellings: other bytes, the same infoset."""

from collections.abc import Sequence
from copy import deepcopy
from io import BytesIO
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from planned_messages import BINDINGS, IDS, filled, sent

from contracts.families import families
from contracts.judge.records import Request
from contracts.model import Binding, Operation
from strategies.draws import draw
from strategies.spellings import ENCODINGS, SPELLINGS, SpelledDocument, documents

over_every_binding = pytest.mark.parametrize("operation, binding", BINDINGS, ids=IDS)


def canonical(request: Request) -> str:
    """C14N 2.0 with prefixes rewritten, comments and the white space between elements left out."""
    parser = etree.XMLParser(resolve_entities=False, remove_comments=True)
    root = etree.fromstring(request.body or b"", parser)
    plain = etree.fromstring(etree.tostring(root))
    return str(etree.canonicalize(etree.tostring(plain).decode(), rewrite_prefixes=True, strip_text=True))


@over_every_binding
def test_spellings_are_the_sample_in_other_bytes(operation: Operation, binding: Binding) -> None:
    (known_good,) = sent(f"{operation.key}/{binding.protocol}", "known_good")
    messages = sent(f"{operation.key}/{binding.protocol}", "spellings")
    sample = filled(operation, known_good.request)
    assert len({message.request for message in messages} | {known_good.request}) == len(messages) + 1
    for message in messages:
        spelled = filled(operation, message.request)
        if binding.is_form:
            query, sample_query = (
                parse_qs((each.body or b"").decode() or each.path.partition("?")[2]) for each in (spelled, sample)
            )
            assert query == sample_query
        else:
            assert canonical(spelled) == canonical(sample), message.changes
            etree.parse(BytesIO(spelled.body or b""))


@over_every_binding
def test_spellings_are_accepted_unless_a_stack_refuses(operation: Operation, binding: Binding) -> None:
    for message in sent(f"{operation.key}/{binding.protocol}", "spellings"):
        refused = families().defect(message.changes[0].after or "", operation.family, binding.protocol)
        assert message.expectation == ("either" if refused else "accept")
        assert bool(message.because) is bool(refused)


def test_a_comment_inside_a_value_is_left_to_asmx() -> None:
    expectations = {
        message.changes[0].after: message.expectation for message in sent("utws/logsAvailable/soap11", "spellings")
    }
    assert [name for name, expectation in expectations.items() if expectation == "either"] == ["comment-in-value"]


TREES = {
    "text": "<a>x</a>",
    "carriage-return": "<a>x&#13;y&#13;&#10;z</a>",
    "end-of-a-section": "<a>x]]&gt;y]]]]&gt;&gt;</a>",
    "markup": "<a b='&lt;&amp;&quot;&apos;'>&lt;b&gt; &amp;amp; \"'</a>",
    "white-space-in-attributes": "<a b='x&#9;y&#10;z&#13; '/>",
    "blank-leaf": "<a><b> </b><c>\n</c><d/></a>",
    "mixed": "<a>x<b>y</b>z<c/>\n<d>w</d></a>",
    "beyond-latin": "<a b='\u0436\u6f22'>\u00e9\U0001f600\u05d0</a>",
    "names-beyond-ascii": "<\u00e9l\u00e9ment \u00fc='1'/>",
    "names-beyond-latin": "<\u540d\u524d><\u0436/></\u540d\u524d>",
    "namespaces": "<p:a xmlns:p='urn:p' xmlns='urn:d' p:b='1' b='2'><c/><d xmlns=''><e p:f='3'/></d></p:a>",
    "xml-attributes": "<a xml:lang='en' xml:space='preserve'> x </a>",
    "qualified-name-in-text": "<a xmlns:q='urn:q' xmlns:s0='urn:s'><b>q:name</b><s0:c>s0:d</s0:c></a>",
    "prefix-declared-twice": "<a xmlns:q='urn:q'><b>q:x</b><c xmlns:q='urn:other'><d>q:x</d></c><e>q:x</e></a>",
    "type-of-an-instance": "<a xmlns='urn:d' xmlns:t='urn:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"
    "<b xsi:type='t:c'/></a>",
    "type-without-a-prefix": "<p:a xmlns:p='urn:p' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"
    "<p:b xsi:type='c'/></p:a>",
    "comments-and-instructions": "<a><!-- kept --><?target data?><b/></a>",
    "address-in-text": "<a xmlns:http='urn:h'>http://example.org/</a>",
    "placeholder": "<a>{{Password}}</a>",
}


def plain(root: etree._Element, sample: etree._Element) -> etree._Element:
    """A document without comments, and without white space where the sample's elements have no text."""
    root = deepcopy(root)
    etree.strip_tags(root, etree.Comment)
    bare = deepcopy(sample)
    etree.strip_tags(bare, etree.Comment)
    for each, other in zip(_elements(root), _elements(bare), strict=True):
        if len(other) and not other.text and not any(child.tail for child in other):
            each.text = (each.text or "").strip()
            for child in each:
                child.tail = (child.tail or "").strip()
    return root


def _elements(root: etree._Element) -> list[etree._Element]:
    return [each for each in root.iter() if isinstance(each.tag, str)]


def said(body: bytes, sample: etree._Element) -> str:
    """What a document says: its canonical form, its values with the namespaces that their prefixes stand for."""
    root = plain(etree.fromstring(body), sample)
    scopes = [
        sorted((word, each.nsmap.get(word.partition(":")[0])) for word in _words(each) if ":" in word)
        for each in _elements(root)
    ]
    return etree.canonicalize(etree.tostring(root, encoding="unicode"), rewrite_prefixes=True) + str(scopes)


def _words(element: etree._Element) -> Sequence[str]:
    return [word for text in (element.text or "", *map(str, element.attrib.values())) for word in text.split()]


def drawn(sample: etree._Element, count: int, **options: bool) -> list[SpelledDocument]:
    return list(draw(documents(sample, **options), count, 5))


@pytest.mark.parametrize("text", TREES.values(), ids=TREES)
def test_drawn_spellings_say_the_same(text: str) -> None:
    sample = etree.fromstring(text)
    expected = said(etree.tostring(sample, encoding="utf-8"), sample)
    spelled = drawn(sample, 120)
    assert len({each.body for each in spelled}) > 30
    for each in spelled:
        assert said(each.body, sample) == expected, each.body


@pytest.mark.parametrize("name", SPELLINGS)
@pytest.mark.parametrize("text", TREES.values(), ids=TREES)
def test_named_spellings_say_the_same_of_any_document(text: str, name: str) -> None:
    sample = etree.fromstring(text)
    written = SPELLINGS[name].write(sample).encode()
    assert said(written, sample) == said(etree.tostring(sample, encoding="utf-8"), sample), written


@over_every_binding
def test_messages_in_any_mixture_of_spellings_say_the_same(operation: Operation, binding: Binding) -> None:
    if binding.is_form:
        return
    (known_good,) = sent(f"{operation.key}/{binding.protocol}", "known_good")
    sample = etree.fromstring(filled(operation, known_good.request).body or b"")
    expected = said(etree.tostring(sample, encoding="utf-8"), sample)
    for each in drawn(sample, 60):
        assert said(each.body, sample) == expected, each.body


def test_every_encoding_is_drawn_and_said() -> None:
    sample = etree.fromstring("<a>\u00e9\U0001f600</a>")
    spelled = drawn(sample, 150)
    assert {each.encoding.name for each in spelled} == {encoding.name for encoding in ENCODINGS}
    for each in spelled:
        is_marked = each.body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
        assert is_marked is each.encoding.mark
        assert (b"<?xml" in each.body.replace(b"\0", b"")) is bool(each.encoding.declared)
        assert each.body.replace(b"\0", b"").count(each.encoding.declared.encode()) >= 1
        assert each.charset == each.encoding.charset


def test_every_way_to_spell_is_drawn() -> None:
    sample = etree.fromstring("<p:a xmlns:p='urn:p' b='1' c='2'><p:d>xyz</p:d><p:e/><p:f g='h'/></p:a>")
    bodies = [each.body for each in drawn(sample, 400) if each.encoding.codec == "utf-8"]
    for mark in (b"CDATA", b"&#", b"<!--", b"xmlns=", b"'1'", b'"1"', b" />", b"></", b"/>", b"\n", b"standalone"):
        assert any(mark in body for body in bodies), mark
        assert any(mark not in body for body in bodies), mark
    orders = {body.replace(b'"', b"'").find(b"c='2'") < body.replace(b'"', b"'").find(b"b='1'") for body in bodies}
    assert orders == {True, False}


def test_names_that_an_encoding_cannot_say_leave_it_out() -> None:
    sample = etree.fromstring(TREES["names-beyond-latin"])
    assert not {each.encoding.name for each in drawn(sample, 60)} & {"iso-8859-1", "us-ascii"}
    with pytest.raises(ValueError, match="iso-8859-1 can say"):
        documents(sample, encodings=[each for each in ENCODINGS if each.name == "iso-8859-1"])


def test_nothing_stands_between_elements_unless_asked_for() -> None:
    sample = etree.fromstring("<a><b/><c/></a>")
    assert not any(b"<!--" in each.body for each in drawn(sample, 60, between=False))
    assert not any(b"<?between" in each.body for each in drawn(sample, 60))
    assert any(b"<?between" in each.body for each in drawn(sample, 120, processing=True))


def test_spellings_shrink_to_the_plainest() -> None:
    sample = etree.fromstring("<a b='1'><c>x</c></a>")
    found: list[bytes] = []

    @settings(max_examples=60, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(documents(sample))
    def fails(each: SpelledDocument) -> None:
        found.append(each.body)
        assert b"CDATA" not in each.body.replace(b"\0", b"")

    with pytest.raises(AssertionError):
        fails()
    assert found[-1].startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    assert found[-1].count(b"CDATA") == 1
    assert b"<!--" not in found[-1]
