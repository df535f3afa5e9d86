"""xmlschema is spared what it has accepted, and nothing else."""

from itertools import islice, pairwise
from typing import cast

import pytest
from lxml import etree
from schema_corpus import ELEMENTS, IDS, file_of

import strategies
from contracts.judge.records import Change
from strategies.compiling import compile_schema
from strategies.sites import Site
from strategies.structure import breaches
from strategies.validators import Validators

KEYED = [each for each in ELEMENTS if each[0] in ("identities", "keys", "constraints")]


class Lenient:
    """In lxml's place: takes whatever it is given."""

    def validate(self, _: etree._Element) -> bool:
        return True


def fresh(name: str) -> Validators:
    """The validators of a schema, which have seen nothing yet; all that is refused, xmlschema refuses."""
    return Validators(compile_schema(file_of(name)).validators.exact, cast("etree.XMLSchema", Lenient()))


def is_id(site: Site) -> bool:
    """Whether a site's values are ids: that these differ is for lxml to see."""
    return site.space is not None and site.space.identity == "ID"


@pytest.mark.parametrize("name, element", ELEMENTS, ids=IDS)
def test_what_the_whole_document_is_refused_for_is_refused_among_known_parts(name: str, element: str) -> None:
    specimen = compile_schema(file_of(name)).specimen(element)
    validators = fresh(name)
    assert validators.complaint_of(specimen, specimen.root) is None
    for breach in islice(breaches(specimen), 0, None, 7):
        broken = breach.broken(specimen.root)
        assert (validators.complaint_of(specimen, broken) is None) == (validators.complaint(broken) is None), (
            breach.change
        )


@pytest.mark.parametrize("name, element", KEYED)
def test_values_that_clash_are_refused_though_each_element_is_known(name: str, element: str) -> None:
    specimen = compile_schema(file_of(name)).specimen(element)
    validators = fresh(name)
    for case in strategies.edge_cases(file_of(name), element):
        validators.complaint_of(specimen, case.element)
    leaves = [site for site in specimen.leaves if site.unique and not site.scope and not is_id(site)]
    for one, two in pairwise(leaves):
        root = specimen.vary([Change(one.kind, one.where, one.rule, one.before, two.before)])
        whole = validators.complaint(root)
        assert (validators.complaint_of(specimen, root) is None) == (whole is None), etree.tostring(root)


def test_two_authors_of_one_code_are_refused_though_both_are_known() -> None:
    specimen = compile_schema(file_of("identities")).specimen("library")
    validators = fresh("identities")
    assert validators.complaint_of(specimen, specimen.root) is None
    root = specimen.vary(())
    root[1].set("code", str(root[0].get("code")))
    assert validators.complaint_of(specimen, root) is not None


def test_a_document_is_looked_at_once() -> None:
    specimen = compile_schema(file_of("particles")).specimen("{urn:example:particles}groups")
    validators = fresh("particles")
    assert validators.complaint_of(specimen, specimen.root) is None
    looked_at = set(validators._seen.elements)
    assert validators.complaint_of(specimen, specimen.root) is None
    assert validators._seen.elements == looked_at
