"""Every planted fault and variant of the data has code, touches real bindings, and shows on each of them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice

import pytest
from lxml import etree
from reference_messages import Seen, again_and_again, probes, seen

from reference import catalogue
from reference.app import BINDINGS, Application
from reference.calls import changes_for, implemented
from reference.http import Request
from reference.state import Memory, State

FAULTS = catalogue.faults()
VARIANTS = catalogue.variants()
EQUIVALENTS = catalogue.equivalents()
DEVIATIONS: dict[str, catalogue.Deviation] = {**FAULTS, **VARIANTS, **EQUIVALENTS}
TOUCHED = [
    pytest.param(deviation, binding, id=f"{name}-{binding}")
    for name, deviation in DEVIATIONS.items()
    for binding in deviation.touches
]
SPELLINGS = (
    "other_prefixes",
    "default_namespaces",
    "redundant_declarations",
    "byte_order_mark",
    "utf16_answers",
    "latin1_answers",
    "no_xml_declaration",
    "cdata_sections",
    "comments_between_elements",
    "indented_answers",
    "attributes_reversed",
    "single_quoted_attributes",
    "empty_elements_in_full",
    "one_letter_prefixes",
    "every_prefix_declared_at_the_top",
    "default_namespace_declared_anew",
    "utf16_big_endian_answers",
    "ascii_answers",
    "references_beyond_ascii",
    "encoding_named_in_upper_case",
    "standalone_declaration",
    "declaration_in_single_quotes",
    "line_ends_of_windows",
    "trailing_newlines",
    "blanks_in_tags",
    "empty_tags_without_blank",
    "text_half_in_cdata",
    "comments_in_text",
    "comments_around_the_document",
    "style_sheet_before_the_document",
)
"""The variants that spell the same document otherwise."""


FRESH = re.compile(r"\b[0-9a-f]{32}\b")
"""Identifiers of sessions, which are new each time."""


def planted(deviation: catalogue.Deviation, state: State) -> Application:
    return Application(state, changes_for([(deviation.name, deviation.touches)]))


def test_data_and_code_name_the_same_deviations() -> None:
    assert set(DEVIATIONS) == implemented()
    assert len(DEVIATIONS) == len(FAULTS) + len(VARIANTS) + len(EQUIVALENTS)


def test_there_are_enough_faults_and_variants_and_each_binding_has_some() -> None:
    firm = [fault for fault in FAULTS.values() if fault.basis in ("documented", "standard")]
    assert len(firm) >= 200
    assert len(VARIANTS) >= 80
    for touching in (firm, VARIANTS.values()):
        counted = Counter(binding for deviation in touching for binding in deviation.touches)
        assert min(counted[binding] for binding in BINDINGS) >= 8


@pytest.mark.parametrize("deviation", DEVIATIONS.values(), ids=DEVIATIONS)
def test_row_is_complete(deviation: catalogue.Deviation) -> None:
    assert deviation.touches
    assert set(deviation.touches) <= set(BINDINGS)
    assert deviation.source
    if isinstance(deviation, catalogue.Fault):
        assert deviation.level in ("must", "should")
        assert deviation.basis in ("documented", "standard", "inferred", "convention")
        assert deviation.breaks.endswith(".")


# Those that show only to several calls at once or to a witness, as test_planted.py shows them.
NOT_PROBED = frozenset(
    {
        "parameters_shared_among_threads",
        "answers_shared_among_threads",
        "fails_when_calls_meet",
        "sessions_lost_when_calls_meet",
        "serves_one_call_at_a_time",
        "fetches_external_entities_before_refusing",
        "fetches_external_subset",
        "restarts_after_external_address",
    }
)


OFTEN = ("once_in_20", "once_in_50", "after_100_requests")
"""How the names end of what shows to those who ask often; what repeats an answer, to those who ask differently."""


def asked(binding: str, state: State, *, often: bool) -> Iterator[Request]:
    return again_and_again(binding, state) if often else probes(binding, state)


@cache
def answered_by_the_clean_reference(binding: str, *, often: bool) -> tuple[Seen, ...]:
    clean = Application(STATES[binding], {})
    return tuple(seen(clean.answer(each)) for each in asked(binding, STATES[binding], often=often))


STATES = defaultdict(State)
"""A state for each binding, whose secrets the probes hold: the answers of the clean reference are asked for once."""


def state_like(binding: str) -> State:
    """A state with the same secrets and no memory."""
    return replace(STATES[binding], memory=Memory())


@pytest.mark.parametrize(("deviation", "binding"), TOUCHED)
def test_deviation_shows_on_each_binding_that_it_touches(deviation: catalogue.Deviation, binding: str) -> None:
    state = state_like(binding)
    application = planted(deviation, state)
    often = deviation.name.endswith(OFTEN) and not deviation.name.startswith("previous")
    pairs = zip(asked(binding, state, often=often), answered_by_the_clean_reference(binding, often=often), strict=True)
    shows = any(seen(application.answer(each)) != before for each, before in pairs)
    assert shows != (deviation.name in NOT_PROBED)


def test_deviation_leaves_other_bindings_alone() -> None:
    for deviation in DEVIATIONS.values():
        changes = changes_for([(deviation.name, deviation.touches)])
        assert {binding for binding, _ in changes} == set(deviation.touches)


def _meaning(element: etree._Element) -> object:
    """The element by its names and values, whatever its prefixes; QNames in values by their local part."""
    parts = [part for part in element if isinstance(part.tag, str)]
    written = "".join(element.itertext(etree.Element))
    text = None if parts else FRESH.sub("fresh", written.rpartition(":")[2])
    text = "fresh" if element.tag.endswith("LoginToken") else text
    attributes = sorted((name, value.rpartition(":")[2]) for name, value in element.attrib.items())
    return element.tag, attributes, text, [_meaning(part) for part in parts]


@pytest.mark.parametrize("name", SPELLINGS)
def test_spelling_changes_no_meaning(name: str, state: State, clean: Application) -> None:
    application = planted(VARIANTS[name], state)
    for binding in VARIANTS[name].touches:
        pairs = zip(probes(binding, state), probes(binding, state), strict=True)
        for one, other in islice(pairs, 30):
            before, after = seen(clean.answer(one)), seen(application.answer(other))
            assert before.status_code == after.status_code
            if before.body and "xml" in before.content_type:
                assert _meaning(etree.fromstring(before.body)) == _meaning(etree.fromstring(after.body))
