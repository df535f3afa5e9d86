"""SOAP header blocks in every combination of their attributes, and the envelopes that carry them.

Sources: SOAP 1.1 section 4.2 (mustUnderstand, actor); SOAP 1.2 part 1 sections 2.2 to 2.4 and 5.2 (mustUnderstand,
role, relay).
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from lxml import etree

from contracts.names import ENVELOPE_NAMESPACE, SOAP11_ACTOR_NEXT, namespace_of
from strategies.defects import FOREIGN, UNKNOWN
from strategies.templates import Element, tag_of

SoapVersion: TypeAlias = Literal["soap11", "soap12"]
Role: TypeAlias = Literal["", "next", "ultimate", "none", "elsewhere"]

ROLES: Final[Mapping[SoapVersion, Mapping[Role, str | None]]] = {
    "soap11": {"": None, "next": SOAP11_ACTOR_NEXT, "elsewhere": f"{FOREIGN}:elsewhere"},
    "soap12": {
        "": None,
        "next": f"{ENVELOPE_NAMESPACE['soap12']}/role/next",
        "ultimate": f"{ENVELOPE_NAMESPACE['soap12']}/role/ultimateReceiver",
        "none": f"{ENVELOPE_NAMESPACE['soap12']}/role/none",
        "elsewhere": f"{FOREIGN}:elsewhere",
    },
}
"""What names a block's recipient: nothing, whoever comes next, the ultimate receiver, nobody, and another node."""

_UNDERSTANDING: Final[Mapping[SoapVersion, Sequence[str | None]]] = {
    "soap11": (None, "0", "1"),
    "soap12": (None, "0", "1", "false", "true"),
}
_RELAYING: Final[Mapping[SoapVersion, Sequence[str | None]]] = {
    "soap11": (None,),
    "soap12": (None, "0", "1", "false", "true"),
}
_ATTRIBUTE: Final[Mapping[SoapVersion, str]] = {"soap11": "actor", "soap12": "role"}
_FOR_THE_RECEIVER: Final = ("", "next", "ultimate")

MOST_BLOCKS: Final = 3
"""Header blocks of a drawn envelope at most."""


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """A header block that nobody knows. `must_understand` and `relay` are literals, None for no such attribute."""

    version: SoapVersion
    must_understand: str | None
    role: Role
    relay: str | None = None

    @property
    def is_mandatory(self) -> bool:
        """Whether the service, as the ultimate receiver, must understand it or fault."""
        return self.must_understand in ("1", "true") and self.role in _FOR_THE_RECEIVER

    @property
    def fact(self) -> str:
        """The name by which the families' table knows what stacks make of such a block."""
        return _FACTS[self.must_understand in ("1", "true")].get(self.role, "") or self._plain_fact()

    def _plain_fact(self) -> str:
        if self.is_mandatory:
            return "mandatory-header-true" if self.must_understand == "true" else "mandatory-header"
        return f"relay-{self.relay}" if self.relay is not None else "optional-header"

    def written(self, index: int = 0) -> Element:
        """The block; blocks of one envelope differ in their index."""
        uri = ENVELOPE_NAMESPACE[self.version]
        block = etree.Element(f"{{{FOREIGN}}}{UNKNOWN}{index or ''}", nsmap={"u": FOREIGN})
        attributes = {
            "mustUnderstand": self.must_understand,
            _ATTRIBUTE[self.version]: ROLES[self.version][self.role],
            "relay": self.relay,
        }
        for name, value in attributes.items():
            if value is not None:
                block.set(f"{{{uri}}}{name}", value)
        return block


_FACTS: Final[Mapping[bool, Mapping[Role, str]]] = {
    True: {
        "next": "mandatory-header-next",
        "none": "mandatory-header-for-nobody",
        "elsewhere": "mandatory-header-elsewhere",
    },
    False: {"next": "optional-header-for-next", "ultimate": "optional-header-for-ultimate-receiver"},
}


def every_header_block(version: SoapVersion) -> tuple[HeaderBlock, ...]:
    """All combinations of attributes that the version has, the plainest first."""
    return tuple(
        HeaderBlock(version, must_understand, role, relay)
        for must_understand, role, relay in product(_UNDERSTANDING[version], ROLES[version], _RELAYING[version])
    )


def header_blocks(version: SoapVersion, *, mandatory: bool | None = None) -> SearchStrategy[HeaderBlock]:
    """Header blocks that nobody knows; `mandatory` narrows them to those that must be understood, or need not be."""
    blocks = every_header_block(version)
    return st.sampled_from([each for each in blocks if mandatory in (None, each.is_mandatory)])


def headers(version: SoapVersion, *, mandatory: bool | None = None) -> SearchStrategy[tuple[HeaderBlock, ...]]:
    """No header blocks, or up to three."""
    return st.lists(header_blocks(version, mandatory=mandatory), max_size=MOST_BLOCKS).map(tuple)


def with_header(envelope: Element, blocks: Sequence[HeaderBlock]) -> Element:
    """The envelope with header blocks after those that it has, if any; the tree that is given stays as it is."""
    root = deepcopy(envelope)
    uri = namespace_of(tag_of(root))
    header = root.find(f"{{{uri}}}Header")
    if blocks and header is None:
        header = etree.Element(f"{{{uri}}}Header")
        root.insert(0, header)
    for index, block in enumerate(blocks):
        assert header is not None
        header.append(block.written(index))
    return root
