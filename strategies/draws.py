"""Examples drawn from a strategy: as many as wanted, the same in every process, without a test around them."""

from collections.abc import Iterator
from contextvars import ContextVar
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, PrimitiveProvider
from hypothesis.strategies import SearchStrategy

if TYPE_CHECKING:
    from hypothesis.internal.intervalsets import IntervalSet

T = TypeVar("T")

CHUNK = 1_000
"""Values per run of Hypothesis: it keeps what it has seen, so that memory grows within a chunk and not beyond."""

BATCH = 10
"""Values per example: they share what an example costs beside its choices, which is more than the choices of one."""

BACKEND = "soapstone"
"""Name under which Hypothesis knows our provider of choices."""

SMALL: Final = (1 << 16) - 1
"""Numbers in a small range: the sites of a large schema, each as often as it is meant to be, and not yet a short."""

_seed: ContextVar[str] = ContextVar("seed", default="")


def draw(strategy: SearchStrategy[T], count: int, seed: int) -> Iterator[T]:
    """Exactly `count` examples of a strategy, a pure function of strategy and seed.

    Not to be called from within a test that is itself under `@given`.
    """
    for start in range(0, count, CHUNK):
        yield from _chunk(strategy, min(CHUNK, count - start), f"{seed}/{start}")


def _chunk(strategy: SearchStrategy[T], count: int, seed: str) -> list[T]:
    """A chunk drawn batch by batch; one by one where the values are too large to share an example."""
    try:
        drawn = _batches(strategy, BATCH, count, seed)
    except Unsatisfiable:
        drawn = []
    return drawn if len(drawn) == count else _batches(strategy, 1, count, seed)


def _batches(strategy: SearchStrategy[T], size: int, count: int, seed: str) -> list[T]:
    """Up to `count` values, `size` to an example of Hypothesis.

    The first example makes every choice the simplest: its values are all alike, and one of them is enough.
    """
    drawn: list[T] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=1 + -(-(count - 1) // size),
        backend=BACKEND,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.tuples(*[strategy] * size))
    def collect(example: tuple[T, ...]) -> None:
        drawn.extend(example if drawn else example[:1])

    token = _seed.set(seed)
    try:
        collect()
    finally:
        _seed.reset(token)
    return drawn[:count]


class SeededProvider(PrimitiveProvider):
    """Choices from a seed and nothing else.

    Hypothesis's own provider mixes in constants that it finds in the modules imported so far, and its engine
    remembers what it tried: either would make a plan depend on the process that draws it.
    """

    lifetime = "test_function"

    def __init__(self, conjecturedata: Any, /) -> None:
        super().__init__(conjecturedata)
        self._random = Random(_seed.get())

    def draw_boolean(self, p: float = 0.5) -> bool:
        """True with probability `p`."""
        return self._random.random() < p

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: dict[int, float] | None = None,
        shrink_towards: int = 0,
    ) -> int:
        """Uniform over a small range; over a wide one of any magnitude, the greater ones more likely."""
        if weights is not None and self._random.random() < sum(weights.values()):
            return self._random.choices(list(weights), list(weights.values()))[0]
        low = -(2**128) if min_value is None else min_value
        high = 2**128 if max_value is None else max_value
        if high - low < SMALL:
            return self._random.randint(low, high)
        bits = max(abs(low), abs(high)).bit_length()
        size = max(self._random.randint(0, bits), self._random.randint(0, bits))
        number = self._random.randint(-(2**size), 2**size)
        return number if low <= number <= high else self._random.randint(low, high)

    def draw_float(
        self,
        *,
        min_value: float = -1.7976931348623157e308,
        max_value: float = 1.7976931348623157e308,
        allow_nan: bool = True,
        smallest_nonzero_magnitude: float,
    ) -> float:
        """A float of any magnitude within the limits; never NaN."""
        number = self._random.uniform(-1, 1) * 2.0 ** self._random.randint(-64, 64)
        if abs(number) < smallest_nonzero_magnitude:
            number = 0.0
        return max(min_value, min(max_value, number))

    def draw_string(self, intervals: "IntervalSet", *, min_size: int = 0, max_size: int = 10**10) -> str:
        """A short string; half of its characters from the first 96 of the alphabet."""
        size = self._size(min_size, max_size)
        near, all_of_it = min(96, len(intervals)) - 1, len(intervals) - 1
        return "".join(
            chr(intervals[self._random.randint(0, near if self._random.random() < 0.5 else all_of_it)])
            for _ in range(size)
        )

    def draw_bytes(self, min_size: int = 0, max_size: int = 10**10) -> bytes:
        """A short string of bytes."""
        return self._random.randbytes(self._size(min_size, max_size))

    def _size(self, min_size: int, max_size: int) -> int:
        """Mostly up to a dozen more than the least, at times up to forty-eight; the least itself seldom."""
        most = min(max_size, min_size + (12 if self._random.random() < 0.9 else 48))
        return max(self._random.randint(min_size, most), self._random.randint(min_size, most))


AVAILABLE_PROVIDERS[BACKEND] = SeededProvider
