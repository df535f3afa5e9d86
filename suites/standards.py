"""Which rows of the catalogue rest on a standard, and how each was compared with its text, as a page.

`python -m suites.standards` writes it.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from contracts.citations import Citation, Reading, citations, documents
from contracts.requirements import catalogue
from reports.words import DUTIES, READINGS

PAGE = Path(__file__).parent.parent / "docs" / "standards.md"


def page() -> str:
    """The page of the catalogue as it is."""
    return "\n".join([*_lines(catalogue()), ""])


def _lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    cited = {row["id"]: citations(row["source"]) for row in rows}
    yield _INTRODUCTION
    yield from _count_lines(cited)
    yield from _document_table(Counter(each.document.name for found in cited.values() for each in found))
    yield _DUTY
    yield from (f"- **{name}**: {text}" for name, text in DUTIES.items())
    yield ""
    yield from _requirement_table(rows, cited)


_INTRODUCTION = """\
# What the standards say

The requirements of the catalogue that name a standard, with what its text says there; written by
`python -m suites.standards` from `contracts/standards/`. `soapstone explain ID` tells the same of one.
"""

_DUTY = """\
Duty is what the text says, level what a verdict makes of it. The level is lower where stacks that services of such
pages run on depart from the duty, or where the duty is a profile's, which a service need not claim. No must rests on
less than a definition, unless the page prints what is asked, or the weakness is one that no caller needs.
"""


def _count_lines(cited: Mapping[str, Sequence[Citation]]) -> Iterator[str]:
    named = [found for found in cited.values() if found]
    whole = sum(_readings(found) == {"text"} for found in named)
    partly = sum("text" in _readings(found) for found in named) - whole
    rest = len(named) - whole - partly
    yield f"Of {len(cited)} requirements {len(named)} name a standard; the others rest on the page, or on conventions"
    yield f"of stacks. {whole} of the {len(named)} were compared with the text of every place that they name, {partly}"
    yield f"with the text of some of them, {rest} with excerpts or quotations only, or with nothing."
    yield ""


def _readings(found: Sequence[Citation]) -> set[Reading]:
    return {each.reading for each in found}


def _document_table(times: Mapping[str, int]) -> Iterator[str]:
    yield "| standard | edition | read | places named | times |"
    yield "| --- | --- | --- | ---: | ---: |"
    for each in documents():
        unread = f"; not seen: {', '.join(sorted(each.unread))}" if each.unread else ""
        read = f"{READINGS[each.read]}: {each.how}{unread}"
        yield f"| {each.name} | {each.title} | {read} | {len(each.places)} | {times[each.name]} |"
    yield ""


def _requirement_table(rows: Sequence[Mapping[str, Any]], cited: Mapping[str, Sequence[Citation]]) -> Iterator[str]:
    yield "| requirement | level | duty | where |"
    yield "| --- | --- | --- | --- |"
    for row in rows:
        if cited[row["id"]]:
            where = "; ".join(f"{each}{_caution(each)}" for each in cited[row["id"]])
            yield f"| {row['id']} | {row['level']} | {row['duty']} | {where} |"


def _caution(citation: Citation) -> str:
    return "" if citation.reading == "text" else f" ({READINGS[citation.reading]})"


def main() -> int:
    """Writes the page."""
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
