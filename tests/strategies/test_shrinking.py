"""Shrinking: what is reported of a fault in one leaf differs from the sample in that leaf alone."""

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from lxml import etree
from planned_messages import SEED, operation_named

from strategies.payloads import payloads
from strategies.templates import Payload, Site, template_of

TEMPLATE = template_of(operation_named("logsAvailable"), "soap11")
LEAVES = [site for site in TEMPLATE.sites if site.kind == "value" and not site.scope][:10]


def values(payload: Payload) -> dict[tuple[int, str], str | None]:
    """The texts of all leaves, by the place of their parent and their names."""
    parents = [each for each in payload.body.iter() if len(each)]
    return {
        (place, etree.QName(leaf).localname): leaf.text
        for place, parent in enumerate(parents)
        for leaf in parent
        if not len(leaf)
    }


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.where)
def test_a_fault_planted_in_a_leaf_is_reported_with_that_leaf_changed_alone(leaf: Site) -> None:
    sample = values(TEMPLATE.payload)
    place = list(sample)[LEAVES.index(leaf)]
    found: list[dict[tuple[int, str], str | None]] = []

    @seed(SEED)
    @settings(max_examples=2_000, database=None, deadline=None, phases=[Phase.generate, Phase.shrink],
              report_multiple_bugs=False, suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(payloads(operation_named("logsAvailable"), "soap11"))
    def check(payload: Payload) -> None:
        drawn = values(payload)
        if drawn.get(place, sample[place]) != sample[place]:
            found.append(drawn)
            raise AssertionError

    with pytest.raises(AssertionError):
        check()
    assert found[-1].keys() == sample.keys()
    assert [each for each in sample if found[-1][each] != sample[each]] == [place]
