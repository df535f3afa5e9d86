"""What may stand in a leaf, for every simple type of XML Schema: edge values, values drawn, and texts that are none.

`value_space` is the door. Lexical and value spaces: XML Schema part 2, sections 3.2 and 3.3; facets: section 4.3.
"""

from strategies.errors import UnsupportedError
from strategies.values.guids import GUID
from strategies.values.model import (
    ALPHABET,
    LONGEST_DRAWN,
    Choose,
    Edge,
    Identity,
    Maker,
    Misfit,
    ValueSpace,
)
from strategies.values.spaces import value_space

__all__ = [
    "ALPHABET",
    "GUID",
    "LONGEST_DRAWN",
    "Choose",
    "Edge",
    "Identity",
    "Maker",
    "Misfit",
    "UnsupportedError",
    "ValueSpace",
    "value_space",
]
