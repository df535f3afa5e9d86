"""Drawing: the same everywhere, as many as wanted, in flat memory."""

import gc
import hashlib
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import strategies as st
from planned_messages import SEED, operation_named, subject

from contracts.judge.records import Message
from strategies import draws
from strategies.cases import CASES
from strategies.draws import CHUNK, draw

ROOT = Path(__file__).parents[2]

SCRIPT = """
import sys
sys.path[:0] = {paths!r}
{noise}
from test_drawing import digest
print(digest())
"""


def digest() -> str:
    """SHA-256 over a thousand and more messages of several cases."""
    total = hashlib.sha256()
    for name in ("logsAvailable", "UserClientSessionLogRequest", "SWServiceLogout"):
        operation = operation_named(name)
        for case in ("valid", "edges", "invalid_lexical", "spellings"):
            for message in CASES[case](subject(operation, operation.bindings[0], 150)):
                total.update(repr(message).encode())
    return total.hexdigest()


@pytest.mark.parametrize(
    "hash_seed, noise",
    [("0", ""), ("4242", "import secrets, json, tests.stacks.mint, suites.client\nfrom hypothesis import seed")],
)
def test_another_process_draws_the_same_bytes(hash_seed: str, noise: str) -> None:
    script = SCRIPT.format(paths=[str(Path(__file__).parent), str(ROOT)], noise=noise)
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert found.stdout.strip() == digest()


def test_seeds_differ_and_repeat() -> None:
    operation = operation_named("logsAvailable")

    def bodies(seed: int) -> list[Message]:
        return list(CASES["valid"](subject(operation, operation.bindings[0], 40, seed)))

    assert bodies(1) == bodies(1)
    assert len({message.request for message in bodies(1)} & {message.request for message in bodies(2)}) <= 4


@pytest.mark.parametrize("count", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1])
def test_exactly_as_many_as_wanted_are_drawn(count: int) -> None:
    assert len(list(draw(st.integers(0, 3), count, SEED))) == count


def test_a_shorter_draw_of_whole_chunks_is_a_prefix() -> None:
    strategy = st.tuples(st.integers(), st.text("abc"))
    assert list(draw(strategy, CHUNK, SEED)) == list(draw(strategy, 2 * CHUNK, SEED))[:CHUNK]


@pytest.mark.parametrize(
    "strategy, holds",
    [
        (st.integers(-5, 5), lambda value: -5 <= value <= 5),
        (st.integers(10**6, 10**9), lambda value: 10**6 <= value <= 10**9),
        (st.integers(max_value=-7), lambda value: value <= -7),
        (st.floats(-2.5, 7.0), lambda value: -2.5 <= value <= 7.0),
        (st.text("ab", min_size=2, max_size=3), lambda value: 2 <= len(value) <= 3 and set(value) <= {"a", "b"}),
        (st.binary(min_size=1, max_size=2), lambda value: 1 <= len(value) <= 2),
        (st.lists(st.booleans(), max_size=3), lambda value: len(value) <= 3),
        (st.sampled_from("xyz"), lambda value: value in "xyz"),
    ],
)
def test_choices_keep_to_what_the_strategy_allows(strategy: st.SearchStrategy[object], holds: object) -> None:
    assert callable(holds)
    assert all(holds(value) for value in draw(strategy, 100, SEED))


def test_memory_does_not_grow_with_the_number_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "CHUNK", 50)
    size = 10_000
    tracemalloc.start()
    try:
        for index, _ in enumerate(draw(st.integers().map(lambda number: f"{number:0{size}}"), 400, SEED)):
            if index == 399:
                gc.collect()
                assert tracemalloc.get_traced_memory()[0] < 2 * 50 * size
    finally:
        tracemalloc.stop()
