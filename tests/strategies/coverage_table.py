"""The coverage table of the strategies, from the corpus's list of constructs: `python -m` writes it into docs."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from schema_corpus import CORPUS, disagreements

from strategies.structure import RULES

TABLE = Path(__file__).parents[2] / "docs" / "strategies-coverage.md"


@cache
def listed() -> Mapping[str, Any]:
    """The constructs, and what is refused."""
    return tomllib.loads((CORPUS / "constructs.toml").read_text("utf-8"))


def rendered() -> str:
    """The whole page."""
    return "\n".join([*_constructs(), *_simple_types(), *_refused(), *_rules(), *_disagreements()]) + "\n"


def _constructs() -> Iterator[str]:
    yield "# What the strategies cover of XML Schema 1.0"
    yield ""
    yield "Written by `python tests/strategies/coverage_table.py` from"
    yield "`tests/strategies/corpus/constructs.toml`. The tests hold every row: both validators accept what is"
    yield "generated for its element, the kinds of sites are there, and each defect is refused by lxml, and by"
    yield "xmlschema but for the disagreements below."
    yield ""
    yield "| construct (part 1) | section | generated: what varies | defects | tested with |"
    yield "| --- | --- | --- | --- | --- |"
    for row in listed()["construct"]:
        file, element = row["shown"]
        yield (
            f"| {row['name']} | {row['section']} | {', '.join(row['sites'])} | {', '.join(row['breaks'])} "
            f"| `{file}.xsd`, `{element}` |"
        )


def _simple_types() -> Iterator[str]:
    yield ""
    yield "Simple types, built-in, restricted by every facet, lists and unions: their values and the texts that"
    yield "are none come from `strategies.values`, tested with the corpus's `simple-*.xsd`."


def _refused() -> Iterator[str]:
    yield ""
    yield "## Refused by name when a strategy is built"
    yield ""
    yield "| what | why |"
    yield "| --- | --- |"
    yield from (f"| {row['name']} | {row['reason']} |" for row in listed()["refused"])
    yield ""
    yield "What is optional and cannot be satisfied is left out of messages instead: `strategies.left_out` lists it."


def _rules() -> Iterator[str]:
    yield ""
    yield "## Defects of structure"
    yield ""
    yield "| defect | what is wrong | clause |"
    yield "| --- | --- | --- |"
    yield from (f"| {name} | {rule.says} | {', '.join(rule.clauses)} |" for name, rule in RULES.items())
    yield "| two-branches | one branch of a choice, and another | cvc-complex-type.2.4 |"
    yield "| too-few, too-many | fewer or more occurrences than may be | cvc-complex-type.2.4 |"
    yield "| lexical | text that is no value of the leaf's type: type or facet is named | cvc-datatype-valid.1 |"


def _disagreements() -> Iterator[str]:
    yield ""
    yield "## Where the validators disagree"
    yield ""
    yield "Invalid documents that lxml refuses and xmlschema passes:"
    yield ""
    yield "| defects | where | why |"
    yield "| --- | --- | --- |"
    yield from (f"| {', '.join(row['rules'])} | {row['when']} | {row['reason']} |" for row in disagreements())
    yield ""
    yield "References to ids that no element has are refused by xmlschema alone: libxml2 does not look for"
    yield "them. What lxml passes is never sent as a defect, so that none is made of them. Facets of a simple"
    yield "type that is redefined are forgotten by xmlschema: values are held against lxml in their place, too."


if __name__ == "__main__":
    TABLE.write_text(rendered(), "utf-8")
