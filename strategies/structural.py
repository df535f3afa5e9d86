"""Defects of structure in an operation's request: what breaks its content models, names, nil, types and keys.

What may be broken is listed by `strategies.structure`; what each entitles to is the families' table's to say, and what
it says nothing of is not sent. A message is read back as it goes out: a defect that it does not show is none.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from contracts.families import Entitlement
from strategies.defects import Sample, defective, entitlement
from strategies.lexical import is_of_value_type
from strategies.specimens import Specimen
from strategies.structure import Breach, breaches
from strategies.subjects import Draft
from strategies.templates import Element, Payload, Template, find, made_up, tag_of
from strategies.validators import Validators
from strategies.wire import read

RENAMING: Final = frozenset(
    {
        *("element-in-foreign-namespace", "element-without-namespace"),
        *("element-in-target-namespace", "element-in-other-case"),
    }
)
"""Breaches that give an element another name."""

SENT_ELSEWHERE: Final = frozenset({"operation-in-foreign-namespace", "operation-in-other-case"})
"""Breaches of the element that names the operation which requirements of their own send."""


@dataclass(frozen=True, slots=True)
class _Broken:
    """A way to break one part of the request, and what that entitles to."""

    breach: Breach
    in_header: bool
    entitled: Entitlement


def invalid_structures(sample: Sample) -> Iterator[Draft]:
    """Every breach of the request's structure that the families' table speaks of.

    Those that every stack refuses come first, with the configured credentials before others: a made-up one would be
    refused anyway. Of each kind one, then the second of each, and so on.
    """
    if sample.binding.is_form:
        return
    found = [*_entitled(sample.template, in_header=False), *_entitled(sample.template, in_header=True)]
    demanded = [each for each in found if each.entitled.expectation == "reject"]
    refused = [draft for broken in _in_turns(demanded) for draft in _draft(sample, broken)]
    yield from sorted(refused, key=lambda draft: not draft.uses_credentials)
    for broken in _in_turns(each for each in found if each.entitled.expectation != "reject"):
        yield from _draft(sample, broken)


def _entitled(template: Template, *, in_header: bool) -> Iterator[_Broken]:
    specimen = template.header if in_header else template.body
    values = {site.where for site in template.leaves if not site.scope and is_of_value_type(template, site)}
    for breach in breaches(specimen) if specimen is not None else ():
        name = _name(template, breach, in_header=in_header)
        if name in SENT_ELSEWHERE or (breach.name == "nil-not-nillable" and breach.change.where in values):
            continue  # another case sends it
        entitled = entitlement(template, name)
        if entitled is not None:
            yield _Broken(breach, in_header, entitled)


def _name(template: Template, breach: Breach, *, in_header: bool) -> str:
    """What the families' table calls a breach: under another name where it renames what names the operation."""
    is_root = len(breach.place.at) == 1 and not breach.scope
    if is_root and not in_header and template.binding.request.body.element is not None and breach.name in RENAMING:
        return breach.name.replace("element-", "operation-", 1)
    return breach.name


def _in_turns(found: Iterable[_Broken]) -> Iterator[_Broken]:
    by_name: dict[str, list[_Broken]] = {}
    for each in found:
        by_name.setdefault(each.breach.name, []).append(each)
    return (each for row in zip_longest(*by_name.values()) for each in row if each is not None)


def _draft(sample: Sample, broken: _Broken) -> Iterator[Draft]:
    """The message, if it is broken as it says when it is read; nothing else."""
    template = sample.template
    request = sample.with_payload(_payload(template, broken, {}))
    if len(template.credentials) > 1 and not _keeps_credentials(template, read(template, request)):
        request = sample.with_payload(_payload(template, broken, template.made_up_values()))
    received = template.filled(read(template, request))
    root = received.header if broken.in_header else received.body
    schema = template.operation.schema
    if root is None:
        return
    clause = Validators(schema.exact, schema.fast).broken_clause(root, broken.breach.clauses)
    if clause is not None:
        *needed, change = broken.breach.naming(clause).changes
        yield defective(template, request, change, broken.entitled, needed=needed)


def _payload(template: Template, broken: _Broken, guard: dict[str, str]) -> Payload:
    """The sample with one part of it broken; `guard` are made-up values, by the place of their leaves."""
    sample = template.with_values(guard)
    specimen: Specimen | None = template.header if broken.in_header else template.body
    assert specimen is not None
    leaves = (site for site in template.leaves if site.in_header == broken.in_header and site.where in guard)
    root = broken.breach.broken(specimen.root, [(site, made_up(site)) for site in leaves])
    return Payload(sample.body, root) if broken.in_header else Payload(root, sample.header)


def _keeps_credentials(template: Template, received: Payload) -> bool:
    """Whether all that proves the caller stands in a message as it does in the sample, and all members in their order.

    A member that stands twice is out of order, too: of one the second may count.
    """
    proof = [site for site in template.leaves if site.is_credential or (site.leaf is not None and site.leaf.secret)]
    paths = {_path(find(template.payload, site)) for site in proof if not site.scope}
    there, here = _elements(template.payload), _elements(received)
    shown = ([(_path(each), _shown(each)) for each in elements if _path(each) in paths] for elements in (there, here))
    order, found = [_path(each) for each in there], [_path(each) for each in here]
    in_order = [each for each in found if each in order] == [each for each in order if each in found]
    return next(shown) == next(shown) and in_order


def _elements(payload: Payload) -> list[Element]:
    return [each for root in (payload.header, payload.body) if root is not None for each in root.iter()]


def _path(element: Element) -> tuple[str, ...]:
    """The element's name and those of what it stands in, the root's apart."""
    return tuple(tag_of(each) for each in (element, *element.iterancestors()))[:-1]


def _shown(element: Element) -> tuple[object, ...]:
    """What its reader has of an element, its children apart."""
    return element.text or "", len(element), dict(element.attrib)
