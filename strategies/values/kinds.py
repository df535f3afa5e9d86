"""How the values of one built-in type are made: what every module of such types fills in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hypothesis.strategies import SearchStrategy

from strategies.values.definitions import Definition
from strategies.values.model import Edges, Maker, Misfits

Within: TypeAlias = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Kind:
    """How the values of a built-in type are made.

    `edges` and `misfits` may name too much: both validators are asked. `maker` gives values that keep every facet
    except patterns and enumerations, or at least often do. `lexical` are patterns of the type's lexical space, for
    values that are made by a pattern facet, where the type itself has none. `texts` is a cheaper strategy for
    definitions that it can serve by construction; None for others. `counts` is what length facets count.
    """

    edges: Callable[[Definition], Edges]
    misfits: Callable[[Definition], Misfits]
    maker: Callable[[Definition, Within], Maker]
    lexical: tuple[str, ...] = ()
    texts: Callable[[Definition, Within], SearchStrategy[str] | None] = lambda _, __: None
    counts: Literal["characters", "octets", ""] = ""
