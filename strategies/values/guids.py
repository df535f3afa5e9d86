"""GUIDs: what pages print as `guid` is a pattern type of that name in our contracts."""

from typing import Final

from hypothesis.strategies import SearchStrategy

from strategies.values.choices import Made
from strategies.values.definitions import Definition
from strategies.values.kinds import Kind, Within
from strategies.values.model import Choose, Edge, Edges, Maker, Misfit, Misfits

GUID: Final = "12345678-9abc-def0-1234-56789abcdef0"

_GUIDS: Final = (
    Edge("zeros", "00000000-0000-0000-0000-000000000000"),
    Edge("upper-case", GUID.upper()),
    Edge("all-ones", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    Edge("lower-case", GUID),
    Edge("mixed-case", GUID.replace("def0", "DeF0")),
)
_NO_GUIDS: Final = (
    ("word", "abc"), ("empty", ""), ("one-digit-short", "00000000-0000-0000-0000-00000000000"),
    ("one-digit-long", "00000000-0000-0000-0000-0000000000000"), ("no-digit", "0000000g-0000-0000-0000-000000000000"),
    ("no-hyphens", GUID.replace("-", "")), ("braces", f"{{{GUID}}}"), ("parentheses", f"({GUID})"),
    ("hyphens-elsewhere", "1234567-89abc-def0-1234-56789abcdef0"), ("prefix", f"urn:uuid:{GUID}"),
)  # fmt: skip


def _edges(_: Definition) -> Edges:
    return iter(_GUIDS)


def _misfits(_: Definition) -> Misfits:
    return (Misfit(name, text, "pattern") for name, text in _NO_GUIDS)


def _maker(_: Definition, __: Within) -> Maker:
    def make(choose: Choose) -> str:
        return _guid(choose(0, 2**128 - 1))

    return make


def _guid(number: int) -> str:
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _texts(definition: Definition, within: Within) -> SearchStrategy[str]:
    return Made(_maker(definition, within))


KINDS: Final = {"guid": Kind(_edges, _misfits, _maker, texts=_texts)}
"""By local name, for types that take every one of the edges: another pattern type may have the name, too."""
