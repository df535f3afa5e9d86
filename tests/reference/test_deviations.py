"""Every planted fault and variant of the data has code, touches real bindings, and shows on each of them."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from lxml import etree
from reference_messages import known_good, probes, seen

from reference import catalogue
from reference.app import BINDINGS, Application
from reference.calls import changes_for, implemented
from reference.state import State

FAULTS = catalogue.faults()
VARIANTS = catalogue.variants()
DEVIATIONS: dict[str, catalogue.Deviation] = {**FAULTS, **VARIANTS}
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
)
"""The variants that spell the same document otherwise."""


FRESH = re.compile(r"\b[0-9a-f]{32}\b")
"""Identifiers of sessions, which are new each time."""


def planted(deviation: catalogue.Deviation, state: State) -> Application:
    return Application(state, changes_for([(deviation.name, deviation.touches)]))


def test_data_and_code_name_the_same_deviations() -> None:
    assert set(DEVIATIONS) == implemented()
    assert not set(FAULTS) & set(VARIANTS)


def test_there_are_enough_faults_and_variants_and_each_binding_has_two() -> None:
    firm = [fault for fault in FAULTS.values() if fault.basis in ("documented", "standard")]
    assert len(firm) >= 40
    assert len(VARIANTS) >= 20
    for touching in (firm, VARIANTS.values()):
        counted = Counter(binding for deviation in touching for binding in deviation.touches)
        assert min(counted[binding] for binding in BINDINGS) >= 2


@pytest.mark.parametrize("deviation", DEVIATIONS.values(), ids=DEVIATIONS)
def test_row_is_complete(deviation: catalogue.Deviation) -> None:
    assert deviation.touches
    assert set(deviation.touches) <= set(BINDINGS)
    assert deviation.source
    if isinstance(deviation, catalogue.Fault):
        assert deviation.level in ("must", "should")
        assert deviation.basis in ("documented", "standard", "inferred")
        assert deviation.breaks.endswith(".")


@pytest.mark.parametrize(("deviation", "binding"), TOUCHED)
def test_deviation_shows_on_each_binding_that_it_touches(
    deviation: catalogue.Deviation, binding: str, state: State, clean: Application
) -> None:
    application = planted(deviation, state)
    pairs = zip(probes(binding, state), probes(binding, state), strict=True)
    assert any(seen(clean.answer(one)) != seen(application.answer(other)) for one, other in pairs)


@pytest.mark.parametrize("deviation", DEVIATIONS.values(), ids=DEVIATIONS)
def test_deviation_leaves_other_bindings_alone(
    deviation: catalogue.Deviation, state: State, clean: Application
) -> None:
    application = planted(deviation, state)
    for binding in set(BINDINGS) - set(deviation.touches):
        one, other = known_good(binding, state), known_good(binding, state)
        if binding.startswith("ecgridos"):
            other = one
        assert seen(clean.answer(one)) == seen(application.answer(other))


def _meaning(element: etree._Element) -> object:
    """The element by its names and values, whatever its prefixes; QNames in values by their local part."""
    parts = [part for part in element if isinstance(part.tag, str)]
    text = None if parts else FRESH.sub("fresh", (element.text or "").rpartition(":")[2])
    text = "fresh" if element.tag.endswith("LoginToken") else text
    attributes = sorted((name, value.rpartition(":")[2]) for name, value in element.attrib.items())
    return element.tag, attributes, text, [_meaning(part) for part in parts]


@pytest.mark.parametrize("name", SPELLINGS)
def test_spelling_changes_no_meaning(name: str, state: State, clean: Application) -> None:
    application = planted(VARIANTS[name], state)
    for binding in VARIANTS[name].touches:
        for one, other in zip(probes(binding, state), probes(binding, state), strict=True):
            before, after = seen(clean.answer(one)), seen(application.answer(other))
            assert before.status_code == after.status_code
            if before.body and "xml" in before.content_type:
                assert _meaning(etree.fromstring(before.body)) == _meaning(etree.fromstring(after.body))
