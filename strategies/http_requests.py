"""The known-good message in any legal HTTP request that carries it: media types, SOAPAction, forms, framing, encodings.

`requests` mixes these with the spellings of documents and with header blocks. Each ingredient has a name; what a
request entitles to is what the families' table says of its ingredients, the weakest of all, and to be accepted where
it says nothing. The plan's named cases try the same ingredients one by one.

Sources: RFC 9110 sections 5.6 and 8.3 (fields, media types), RFC 9112 section 7.1 (chunks), SOAP 1.1 section 6.1.1
(SOAPAction), RFC 3902 (application/soap+xml), HTML 4.01 section 17.13.4 and RFC 3986 section 2.1 (forms).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from contracts.judge.records import Change, Headers, Message, Request
from contracts.model import Binding, Expectation, Operation, Protocol
from strategies.defects import Sample, entitlement
from strategies.envelopes import HeaderBlock, headers, with_header
from strategies.spellings import documents
from strategies.subjects import Draft, Subject, message
from strategies.templates import Template, template_of
from strategies.wire import FORM, Pairs, pairs, soap_action

_PLACE_OF_A_VALUE: Final = "{{"

Ingredients: TypeAlias = tuple[str, ...]
"""Names by which the families' table knows what stacks make of a request."""


# --- media types ------------------------------------------------------------------------------------------------------

_MEDIA_TYPES: Final[Sequence[tuple[str, str, Callable[[str, str], str]]]] = (
    ("", "as documented", lambda media_type, charset: f"{media_type}; charset={charset}"),
    ("charset-quoted", "a quoted charset", lambda media_type, charset: f'{media_type}; charset="{charset}"'),
    ("charset-after-blanks", "blanks", lambda media_type, charset: f"{media_type} ;  charset={charset}"),
    ("charset-after-blanks", "no blank", lambda media_type, charset: f"{media_type};charset={charset}"),
    ("media-type-in-upper-case", "upper case", lambda media_type, charset: f"{media_type.upper()}; charset={charset}"),
    ("media-type-in-upper-case", "parameter in upper case", lambda kind, charset: f"{kind}; CHARSET={charset.upper()}"),
)
"""Ways to write a media type with its charset: the ingredient's name, what it is, and the field's value."""


def content_types(media_type: str, charset: str) -> SearchStrategy[tuple[str, str]]:
    """Legal values of Content-Type for a media type and a charset, each with the name of its ingredient."""
    return st.sampled_from([(name, write(media_type, charset)) for name, _, write in _MEDIA_TYPES])


# --- SOAPAction -------------------------------------------------------------------------------------------------------


def soap_actions(binding: Binding) -> SearchStrategy[tuple[str, dict[str, str]]]:
    """Ways to send the SOAPAction field of a binding: as documented, under a name in another case, without quotes.

    No field at all where the binding has none. Each comes with the name of its ingredient.
    """
    documented = {name: value for name, value in soap_action(binding).items() if value is not None}
    if not documented:
        return st.just(("", {}))
    (value,) = documented.values()
    ways = [("", documented), ("", {"soapaction": value}), ("", {"SOAPACTION": value})]
    if value != '""':
        ways.append(("soap-action-unquoted", {"SOAPAction": value.strip('"')}))
    return st.sampled_from(ways)


# --- forms ------------------------------------------------------------------------------------------------------------


def _every_byte(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def _one_in_three(text: str) -> str:
    return "".join(f"%{ord(each):02X}" if index % 3 == 0 and each.isascii() else quote(each, safe="")
                   for index, each in enumerate(text))  # fmt: skip


def _only_where_needed(text: str) -> str:
    return quote(text, safe="!$'()*,/:;?@~ ").replace(" ", "+")


_ESCAPES: Final[Sequence[Callable[[str], str]]] = (
    quote_plus, lambda text: quote(text, safe=""), _every_byte, _one_in_three, _only_where_needed,
)  # fmt: skip
"""Ways to write a value: as browsers do, with %20 for a blank, all in escapes, some in escapes, as few as can be."""


@dataclass(frozen=True, slots=True)
class SpelledForm:
    """Parameters as text, and the names of what is unusual about them."""

    text: str
    ingredients: Ingredients = ()


def forms(parameters: Pairs, *, repeated: bool = False) -> SearchStrategy[SpelledForm]:
    """Legal ways to write parameters: in any order, escaped in any way; `repeated` lets one be said twice.

    The place of a configured value stays as it is.
    """
    return _forms(tuple(parameters), repeated)


@st.composite
def _forms(draw: DrawFn, parameters: Sequence[tuple[str, str]], repeated: bool) -> SpelledForm:
    ordered = draw(st.permutations(parameters))
    escapes = [_ESCAPES[draw(_WHICH_ESCAPE)] for _ in ordered]
    written = [f"{_escaped_name(name, escape)}={_escaped(value, escape)}"
               for (name, value), escape in zip(ordered, escapes, strict=True)]  # fmt: skip
    names: Ingredients = () if ordered == list(parameters) else ("parameters-reversed",)
    if any(escape is not quote_plus for escape in escapes):
        names += ("parameters-escaped",)
    if repeated and written and draw(st.booleans()):
        again = draw(st.integers(0, len(written) - 1))
        names += ("repeated-number" if ordered[again][1].strip().lstrip("+-").isdigit() else "repeated-text",)
        written.append(written[again])
    return SpelledForm("&".join(written), names)


_WHICH_ESCAPE: Final = st.integers(0, len(_ESCAPES) - 1)


def _escaped(value: str, escape: Callable[[str], str]) -> str:
    return value if _PLACE_OF_A_VALUE in value else escape(value)


def _escaped_name(name: str, escape: Callable[[str], str]) -> str:
    """A name is escaped as its value is; those of XML need no escape in ASCII."""
    return _every_byte(name) if escape is _every_byte else quote(name, safe="")


# --- whole requests ---------------------------------------------------------------------------------------------------

_FRAMINGS: Final[Sequence[tuple[str, Headers]]] = (("", ()), ("chunked", (("Transfer-Encoding", "chunked"),)))

_ENCODING_FACTS: Final[Mapping[str, str]] = {
    "utf-8-with-mark": "byte-order-mark",
    "utf-8-without-declaration": "no-declaration",
    "utf-16-little-endian": "utf-16-little-endian",
    "utf-16-big-endian": "utf-16-big-endian",
    "utf-16-without-declaration": "utf-16-little-endian",
    "iso-8859-1": "iso-8859-1",
    "us-ascii": "iso-8859-1",
}
"""How the families' table calls encodings; UTF-8 itself needs no name."""

NOT_UNDERSTOOD: Final = (
    "A node must refuse a mandatory block that it does not understand (SOAP 1.2 part 1 section 2.4)."
)


def requests(operation: Operation, protocol: Protocol, *, mandatory: bool = False) -> SearchStrategy[Message]:
    """The known-good message of an operation over a binding, in any mixture of legal requests.

    `mandatory` lets header blocks be mandatory: those that the service must understand and cannot ask for a fault.
    The expectation is the families' table's; configured values stand as placeholders.
    """
    template = template_of(operation, protocol)
    subject = Subject(operation, template.binding, requirement_id="", item="")
    drawn = _forms_sent(template) if template.binding.is_form else _documents_sent(template, mandatory)
    return drawn.map(lambda draft: message(subject, 0, draft))


@st.composite
def _forms_sent(draw: DrawFn, template: Template) -> Draft:
    binding = template.binding
    form = draw(forms(pairs(template.payload)))
    if binding.protocol == "http_get":
        return _draft(template, Request(binding.method, f"{binding.path}?{form.text}", (), None), form.ingredients)
    framing, fields = draw(st.sampled_from(_FRAMINGS))
    charset = draw(st.sampled_from((FORM, f"{FORM}; charset=utf-8", FORM.upper())))
    ingredients = (*form.ingredients, framing, *(("media-type-in-upper-case",) if charset.isupper() else ()))
    request = Request(binding.method, binding.path, (("Content-Type", charset), *fields), form.text.encode("ascii"))
    return _draft(template, request, ingredients)


@st.composite
def _documents_sent(draw: DrawFn, template: Template, mandatory: bool) -> Draft:
    binding = template.binding
    root = Sample(template).envelope
    blocks: tuple[HeaderBlock, ...] = ()
    if binding.protocol in ("soap11", "soap12"):
        blocks = draw(headers("soap11" if binding.protocol == "soap11" else "soap12",
                              mandatory=None if mandatory else False))  # fmt: skip
        root = with_header(root, blocks)
    spelled = draw(documents(root))
    named, content_type = draw(content_types(binding.request_media_type or "text/xml", spelled.charset or "utf-8"))
    acting, action = draw(soap_actions(binding))
    framing, fields = draw(st.sampled_from(_FRAMINGS))
    request = Request(
        binding.method,
        binding.path,
        (("Content-Type", content_type), *action.items(), *fields),
        spelled.body,
        spelled.encoding.codec,
    )
    facts = (*(block.fact for block in blocks), _ENCODING_FACTS.get(spelled.encoding.name, ""), named, acting, framing)
    return _draft(template, request, facts, is_refusable=any(block.is_mandatory for block in blocks))


def _draft(template: Template, request: Request, facts: Iterable[str], *, is_refusable: bool = False) -> Draft:
    ingredients = tuple(dict.fromkeys(filter(None, facts)))
    expectation, because = _entitled(template, ingredients, is_refusable=is_refusable)
    return Draft(
        kind="defect" if expectation == "reject" or is_refusable else "spelling",
        expectation=expectation,
        request=request,
        changes=tuple(Change("spelling", "request", name, after=name) for name in ingredients),
        because=because,
    )


def _entitled(template: Template, ingredients: Ingredients, *, is_refusable: bool) -> tuple[Expectation, str]:
    """The weakest of what the ingredients entitle to: `either` if any may be refused or taken, and `reject` before
    `accept` where a mandatory block is among them."""
    said = [each for each in (entitlement(template, name) for name in ingredients) if each is not None]
    doubtful = [each.because for each in said if each.expectation == "either"]
    refused = [each.because for each in said if each.expectation == "reject"]
    if is_refusable and (refused or not doubtful):
        return "reject", next(iter(refused), NOT_UNDERSTOOD)
    doubtful += refused
    return ("either", doubtful[0]) if doubtful else ("accept", "")
