"""The cases that a plan is made of: named functions from a subject to its messages, the most telling first."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from types import ModuleType
from typing import Final, TypeAlias

from contracts.families import families
from contracts.judge.records import Message, Request
from contracts.model import Expectation
from strategies import blocks, defects, documents, fields, legal, lexical, parameters, probes, repetitions, variations
from strategies.aimed import aimed_edges
from strategies.defects import Defect, Sample
from strategies.draws import draw
from strategies.payloads import changes, drafting
from strategies.phases import edges, with_needs
from strategies.spellings import spelled
from strategies.structural import invalid_structures
from strategies.subjects import Draft, Subject, numbered
from strategies.templates import Option, Site, Template, deepcopy_of, template_of
from strategies.variations import Variations
from strategies.wire import request

Case: TypeAlias = Callable[[Subject], Iterator[Message]]
Drafts: TypeAlias = Iterator[Draft]

DRAWN: Final = 100
"""Messages that `valid` draws for a subject without a limit."""


def _known_good(template: Template, _: Subject) -> Drafts:
    yield Draft("sample", "accept", request(template, deepcopy_of(template.payload)))


def _spellings(template: Template, _: Subject) -> Drafts:
    """Legal spellings of the sample; `either` where the families' table knows a stack that refuses one."""
    for name, change, written in spelled(template):
        refused = families().defect(name, template.operation.family, template.binding.protocol)
        expectation: Expectation = "either" if refused else "accept"
        yield Draft("spelling", expectation, written, (change,), refused.because if refused else "")


def _optional_header(template: Template, _: Subject) -> Drafts:
    return legal.optional_headers(Sample(template))


def _standard_media_type(template: Template, _: Subject) -> Drafts:
    return legal.standard_media_type(Sample(template))


def _valid(template: Template, subject: Subject) -> Drafts:
    """Drawn variations of the sample."""
    if template.sites:
        count = DRAWN if subject.limit is None else subject.limit
        yield from map(drafting(template), draw(changes(template), count, subject.seed))


def _edges(template: Template, _: Subject) -> Drafts:
    """What relations look at; then every edge of every site: round after round, several to a message, those that a
    stack refuses alone.
    """
    for packed in chain(aimed_edges(template), edges(template.sites)):
        draft = _edge(template, packed)
        if template.agrees(draft.changes):
            yield draft
        else:
            apart = (_edge(template, [each]) for each in packed)
            yield from (each for each in apart if template.agrees(each.changes))


def _edge(template: Template, packed: list[tuple[Site, Option]]) -> Draft:
    made = with_needs((site, site.change(option)) for site, option in packed)
    because = packed[0][1].because
    return Draft(
        kind="edge",
        expectation="either" if because else "process",
        request=request(template, template.vary(made)),
        changes=made,
        because=because,
        uses_credentials=template.keeps_credentials(made),
    )


def _table(
    table: Mapping[str, Defect], remains: Callable[[Sample, Request], bool], template: Template, _: Subject
) -> Drafts:
    return defects.drafts(Sample(template), table, remains)


def _invalid_lexical(template: Template, _: Subject) -> Drafts:
    return lexical.invalid_values(Sample(template))


def _invalid_structure(template: Template, _: Subject) -> Drafts:
    return invalid_structures(Sample(template))


def _missing_parameter(template: Template, _: Subject) -> Drafts:
    return defects.missing_parameters(Sample(template)) if template.binding.is_form else iter(())


def _made_up(name: defects.CredentialDefect, template: Template, _: Subject) -> Drafts:
    return defects.made_up_credentials(Sample(template), name)


_MAKERS: Final[Mapping[str, Callable[[Template, Subject], Drafts]]] = {
    "known_good": _known_good,
    "spellings": _spellings,
    "optional_header": _optional_header,
    "standard_media_type": _standard_media_type,
    "valid": _valid,
    "edges": _edges,
    "ill_formed": partial(_table, defects.ILL_FORMED, defects.is_ill_formed),
    "document_type": partial(_table, defects.DOCUMENT_TYPE, defects.has_document_type),
    "empty_request": partial(_table, defects.EMPTY_REQUEST, defects.always),
    "invalid_lexical": _invalid_lexical,
    "invalid_structure": _invalid_structure,
    "envelope_version": partial(_table, defects.ENVELOPES, defects.differs_in_structure),
    "missing_body": partial(_table, defects.BODIES, defects.differs_in_structure),
    "unknown_operation": partial(_table, defects.OPERATIONS, defects.differs_in_structure),
    "unknown_mandatory_header": partial(_table, defects.HEADERS, defects.differs_in_structure),
    "foreign_soap_action": partial(_table, defects.SOAP_ACTIONS, defects.always),
    "undocumented_method": partial(_table, defects.METHODS, defects.always),
    "unsupported_media_type": partial(_table, defects.MEDIA_TYPES, defects.always),
    "missing_parameter": _missing_parameter,
    "invalid_credentials": partial(_made_up, "invalid-credentials"),
    "invalid_login": partial(_made_up, "invalid-login"),
}


def _still_answers(template: Template, _: Subject) -> Drafts:
    """Messages that are refused, one and then several in a row, each time with the known-good one after them."""
    sample = Sample(template)
    tables = (defects.ILL_FORMED, defects.EMPTY_REQUEST, defects.OPERATIONS, defects.ENVELOPES, defects.BODIES)
    refused = [draft for table in tables for draft in defects.drafts(sample, table, defects.always)]
    refused += defects.missing_parameters(sample) if template.binding.is_form else []
    plain = (draft for draft in refused if draft.expectation == "reject")
    return repetitions.between_known_good(template, list(islice(plain, repetitions.REFUSALS)))


_REPETITIONS: Final[Mapping[str, Callable[[Template, Subject], Drafts]]] = {
    "steadily": repetitions.steadily,
    "in_flight": repetitions.in_flight,
    "over_each_binding": repetitions.over_each_binding,
    "by_window": repetitions.by_window,
    "by_page": repetitions.by_page,
    "other_route": repetitions.by_other_route,
    "consumed_twice": repetitions.consumed_twice,
    "still_answers": _still_answers,
    "refused_then_used": repetitions.refused_then_used,
}
_LEGAL: Final[Mapping[str, Variations]] = {
    "empty_header": blocks.EMPTY_HEADER,
    "header_for_other_node": blocks.FOREIGN_NODE,
    "named_roles": blocks.ROLES,
    "relay": blocks.RELAYS,
    "mandatory_elsewhere": blocks.MANDATORY_ELSEWHERE,
    "encoding_style": blocks.ENCODING_STYLE,
    "media_type_spellings": fields.MEDIA_TYPE_SPELLINGS,
    "charset_spellings": fields.CHARSET_SPELLINGS,
    "named_charsets": fields.NAMED_CHARSETS,
    "field_names": fields.FIELD_NAMES,
    "documented_action": fields.ACTIONS,
    "chunked": fields.CHUNKS,
    "expect_continue": fields.EXPECT,
    "accept_codings": fields.ACCEPT_CODINGS,
    "accept_types": fields.ACCEPT_TYPES,
    "line_ends": documents.LINE_ENDS,
    "unused_declaration": documents.UNUSED_DECLARATION,
    "utf_16": documents.UTF_16,
    "no_charset": documents.NO_CHARSET,
    "own_type": documents.TYPES,
    "extra_parameter": parameters.EXTRA,
    "format_in_query": parameters.FORMAT_IN_QUERY,
}
_BROKEN: Final[Mapping[str, Variations]] = {
    "must_understand_values": blocks.MUST_UNDERSTAND_VALUES,
    "several_mandatory_headers": blocks.SEVERAL_MANDATORY,
    "mandatory_header_before_body": blocks.MANDATORY_BEFORE_BODY,
    "broken_construct": blocks.CONSTRUCT,
    "misplaced_encoding_style": blocks.MISPLACED_STYLE,
    "unknown_encoding_style": blocks.UNKNOWN_STYLE,
    "unknown_action": fields.UNKNOWN_ACTIONS,
    "unquoted_soap_action": fields.SOAP_ACTION_SPELLINGS,
    "missing_soap_action": fields.NO_SOAP_ACTION,
    "compressed": fields.COMPRESSED,
    "reading": fields.READING,
    "unknown_path": fields.ELSEWHERE,
    "two_hosts": fields.HOSTS,
    "other_encodings": documents.OTHER_ENCODINGS,
    "charset_conflict": documents.CHARSET_CONFLICT,
    "ill_encoded": documents.ILL_ENCODED,
    "late_declaration": documents.LATE_DECLARATION,
    "other_xml_version": documents.XML_1_1,
    "processing_instructions": documents.PROCESSING_INSTRUCTIONS,
    "markup_beyond": documents.MARKUP_BEYOND,
    "other_types": documents.OTHER_TYPES,
    "unknown_member": documents.UNKNOWN_MEMBERS,
    "member_order": documents.MEMBER_ORDER,
    "missing_member": documents.MISSING_MEMBERS,
    "unqualified_member": documents.UNQUALIFIED_MEMBERS,
    "parameter_case": parameters.OTHER_CASE,
    "repeated_parameter": parameters.REPEATED,
    "operation_case": documents.OPERATION_CASE,
    "undocumented_get": parameters.UNDOCUMENTED_GET,
}
_PROBES: Final[Mapping[str, Variations]] = {
    "entity_expansion": probes.ENTITY_EXPANSION,
    "parameter_entities": probes.PARAMETER_ENTITIES,
    "external_files": probes.EXTERNAL_FILES,
    "external_addresses": probes.EXTERNAL_ADDRESSES,
    "inclusions": probes.INCLUSIONS,
    "large_values": probes.LARGE_VALUES,
    "structures": probes.STRUCTURES,
    "long_fields": probes.LONG_FIELDS,
    "classes": probes.CLASSES,
    "queries": probes.QUERIES,
    "queries_for_credentials": probes.QUERIES_FOR_CREDENTIALS,
    "field_ends": probes.FIELD_ENDS,
}
VARIED: Final[Mapping[str, Variations]] = {**_LEGAL, **_BROKEN, **_PROBES}
"""The tables of variations, by case."""

UNBROKEN: Final = frozenset(
    {
        *("known_good", "spellings", "optional_header", "standard_media_type", "valid", "edges"),
        *("steadily", "in_flight", "over_each_binding", "by_window", "by_page", "other_route"),
        *_LEGAL,
    }
)
"""Cases whose messages keep the contract; all others need leave to be sent to a target off loopback."""

PROBES: Final = frozenset(_PROBES)
"""Cases of security probes, which need a leave of their own."""

TOGETHER: Final = frozenset({"in_flight"})
"""Cases whose messages have to be under way at the same time to show anything."""

SIZED: Final = frozenset({"valid", "steadily", "in_flight"})
"""Cases that make their messages for the limit that they are given."""


def _case(maker: Callable[[Template, Subject], Drafts], name: str, subject: Subject) -> Iterator[Message]:
    """The messages of a case; with known-good ones between them, or after each, where the requirement says so."""
    template = template_of(subject.operation, subject.binding.protocol)
    drafts = maker(template, subject)
    if name not in SIZED:
        drafts = islice(drafts, subject.limit)
    if name in PROBES:
        drafts = repetitions.each_followed(template, drafts, begins=not subject.alone)
    elif subject.parameters.get("compares") == "equal_answers" and not subject.alone:
        drafts = repetitions.bracketed(template, drafts)
    return numbered(replace(subject, limit=None), drafts)


def _variations(table: Variations, template: Template, _: Subject) -> Drafts:
    """The variations of a table; none of envelopes without envelopes, none of documents over forms."""
    binding = template.binding
    is_lacking = (id(table) in _OF_ENVELOPES and not binding.is_soap) or (
        id(table) in _OF_DOCUMENTS and binding.is_form
    )
    return iter(()) if is_lacking else variations.drafts(Sample(template), table)


def _tables_of(module: ModuleType) -> frozenset[int]:
    return frozenset(id(table) for table in VARIED.values() if any(table is each for each in vars(module).values()))


_OF_ENVELOPES: Final = _tables_of(blocks)
_OF_DOCUMENTS: Final = _tables_of(documents)


_ALL_MAKERS: Final[Mapping[str, Callable[[Template, Subject], Drafts]]] = {
    **_MAKERS,
    **_REPETITIONS,
    **{name: partial(_variations, table) for name, table in VARIED.items()},
}

CASES: Final[Mapping[str, Case]] = {name: partial(_case, maker, name) for name, maker in _ALL_MAKERS.items()}
"""By the name that a requirement's `sends` gives. A case with nothing to send over a binding yields nothing."""
