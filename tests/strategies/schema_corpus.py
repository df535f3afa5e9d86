"""What the tests of `from_schema` share: the elements of the corpus, both validators, and what they disagree on."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lxml import etree

from contracts.names import XSD, local_name, namespace_of
from strategies.compiling import CompiledSchema, compile_schema
from strategies.schemas import InvalidCase

CORPUS = Path(__file__).parent / "corpus"
FILES = (
    "particles", "contents", "attributes", "derivation", "substitution", "nil-and-defaults", "wildcards", "mixed",
    "recursion", "forms", "no-namespace", "redefines", "redefines-local", "identities", "keys", "constraints",
)  # fmt: skip


def file_of(name: str) -> Path:
    return CORPUS / f"{name}.xsd"


def elements() -> Iterator[tuple[str, str]]:
    """Every global element of the corpus that messages can be made of: file and name in Clark notation."""
    for name in FILES:
        declared = compile_schema(file_of(name)).validators.exact.maps.elements
        yield from ((name, element) for element in declared if namespace_of(element) != XSD)


ELEMENTS = list(elements())
IDS = [f"{name}-{local_name(element)}" for name, element in ELEMENTS]


@cache
def disagreements() -> list[dict[str, str]]:
    """What one validator takes and the other refuses though it is invalid, and why."""
    return list(tomllib.loads((CORPUS / "disagreements.toml").read_text("utf-8"))["disagreement"])


def rule_of(case: InvalidCase) -> str:
    """The name of the rule that a case breaks."""
    return case.change.rule.partition(":")[0]


def taken_by_xmlschema(compiled: CompiledSchema, root: etree._Element) -> bool:
    """Whether xmlschema passes a document, as it is read back."""
    read = etree.fromstring(etree.tostring(root, encoding="utf-8"))
    return compiled.validators.exact_complaint(read) is None
