"""The cases that a plan is made of: named functions from a subject to its messages, the most telling first."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import zip_longest
from typing import Final, TypeAlias

from contracts.families import families
from contracts.judge.records import Message, Request
from contracts.model import Expectation
from strategies import defects, legal
from strategies.defects import Defect, Sample
from strategies.draws import draw
from strategies.payloads import MOST_CHANGES, changes, varied
from strategies.spellings import spelled
from strategies.subjects import Draft, Subject, numbered
from strategies.templates import Option, Site, Template, deepcopy_of, template_of
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
        for drawn in draw(changes(template), count, subject.seed):
            yield varied(template, drawn)


def _edges(template: Template, _: Subject) -> Drafts:
    """Every edge of every site: round after round, several to a message; those that a stack refuses alone."""
    for round_ in _rounds(template.sites):
        doubtful = [(site, option) for site, option in round_ if option.because]
        for packed in _packed([(site, option) for site, option in round_ if not option.because]):
            yield _edge(template, packed)
        for each in doubtful:
            yield _edge(template, [each])


def _edge(template: Template, packed: list[tuple[Site, Option]]) -> Draft:
    made = tuple(site.change(option) for site, option in packed)
    because = packed[0][1].because
    return Draft(
        kind="edge",
        expectation="either" if because else "process",
        request=request(template, template.vary(made)),
        changes=made,
        because=because,
        uses_credentials=template.keeps_credentials(made),
    )


def _rounds(sites: Iterable[Site]) -> Iterator[list[tuple[Site, Option]]]:
    """The sites' options, the first of each site in the first round. Where items of a list repeat a site, each round
    takes another item."""
    repeated: dict[tuple[str, str], list[Site]] = {}
    for site in sites:
        repeated.setdefault((site.kind, site.path), []).append(site)
    groups = list(repeated.values())
    columns = [[(group[turn % len(group)], option) for turn, option in enumerate(group[0].options)] for group in groups]
    for row in zip_longest(*columns):
        yield [each for each in row if each is not None]


def _packed(round_: list[tuple[Site, Option]]) -> Iterator[list[tuple[Site, Option]]]:
    """Options in groups of as many as fit a message: a guarded site goes alone, sites that meet go apart."""
    waiting = list(round_)
    while waiting:
        group: list[tuple[Site, Option]] = []
        left: list[tuple[Site, Option]] = []
        for site, option in waiting:
            fits = len(group) < MOST_CHANGES and not any(_apart(site, other) for other, _ in group)
            (group if fits else left).append((site, option))
        yield group
        waiting = left


def _apart(site: Site, other: Site) -> bool:
    return site.guarded or other.guarded or site.meets(other)


def _table(
    table: Mapping[str, Defect], remains: Callable[[Sample, Request], bool], template: Template, _: Subject
) -> Drafts:
    return defects.drafts(Sample(template), table, remains)


def _invalid_lexical(template: Template, _: Subject) -> Drafts:
    return defects.invalid_values(Sample(template))


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


def _case(maker: Callable[[Template, Subject], Drafts], subject: Subject) -> Iterator[Message]:
    return numbered(subject, maker(template_of(subject.operation, subject.binding.protocol), subject))


CASES: Final[Mapping[str, Case]] = {name: partial(_case, maker) for name, maker in _MAKERS.items()}
"""By the name that a requirement's `sends` gives. A case with nothing to send over a binding yields nothing."""
