"""Stencils: a message put together from parts is the one that its tree would be written as."""

import pytest
from planned_messages import BINDINGS, IDS, SEED

from contracts.judge.records import Change
from contracts.model import Binding, Operation
from strategies.draws import draw
from strategies.payloads import changes
from strategies.phases import edges, with_needs
from strategies.stencils import Stencil
from strategies.templates import template_of
from strategies.wire import request

TELLING = ("", " ", "<&>\"'", "]]>", "a\r\nb\tc", "\u00e9\u0301\u05d0\U0001f600", "{", "{{x}}", "&amp;")


@pytest.mark.parametrize("operation, binding", BINDINGS, ids=IDS)
def test_messages_are_those_of_their_trees(operation: Operation, binding: Binding) -> None:
    template = template_of(operation, binding.protocol)
    stencil = Stencil(template)
    drawn = [(), *draw(changes(template), 60, SEED)]
    drawn += [with_needs((site, site.change(option)) for site, option in packed) for packed in edges(template.sites)]
    for each in drawn:
        assert stencil.request(each) == request(template, template.vary(each)), each


@pytest.mark.parametrize("text", TELLING)
@pytest.mark.parametrize("operation, binding", BINDINGS, ids=IDS)
def test_characters_are_escaped_as_in_trees(operation: Operation, binding: Binding, text: str) -> None:
    template = template_of(operation, binding.protocol)
    stencil = Stencil(template)
    for site in (each for each in template.sites if each.kind == "value"):
        change = (Change("value", site.where, "", site.before, text),)
        assert stencil.request(change) == request(template, template.vary(change)), site.where
