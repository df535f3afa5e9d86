"""The examples of docs/strategies.md and docs/values.md run as they stand there."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from lxml import etree
from schema_corpus import file_of
from xmlschema import XMLSchema10

DOCS = Path(__file__).parents[2] / "docs"


def examples(page: str) -> list[str]:
    """The blocks of indented lines that a page has, each a piece of Python."""
    blocks: list[list[str]] = [[]]
    for line in (DOCS / page).read_text("utf-8").splitlines():
        if line.startswith("    ") or (not line and blocks[-1]):
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [dedent("\n".join(block)) for block in blocks if block]


class Answer:
    """What the examples' readers give."""

    lines = True
    is_refusal = True


ORDERS = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="order" type="xs:int"/></xs:schema>'


@pytest.mark.parametrize("page, number", [("strategies.md", 2), ("values.md", 3)])
def test_every_example_runs(page: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orders.xsd").write_text(ORDERS, "utf-8")
    monkeypatch.chdir(tmp_path)
    found = examples(page)
    assert len(found) == number
    names: dict[str, Any] = {
        "read": lambda _: Answer,
        "answer_to": lambda _: Answer,
        "root": etree.fromstring("<a><b>x</b></a>"),
        "simple_type": next(iter(XMLSchema10(file_of("simple-numbers")).types.values())),
    }
    for example in found:
        exec(compile(example, page, "exec"), names)
    for name in [name for name in names if name.startswith("test_")]:
        names[name]()
