"""Stacks as fixtures, for runs that name this folder: `tox run -e stacks`, or `pytest tests/stacks`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .servers import STACKS, Stack

HERE = Path(__file__).resolve().parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """How the stacks are certified; shorter than by default while working on them."""
    group = parser.getgroup("stacks")
    group.addoption("--stack-profile", default="thorough", help="profile of the certifications (default thorough)")
    group.addoption("--stack-seed", action="append", type=int, help="a seed of theirs, repeatable (default 0, 1 and 2)")


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leaves this folder out of a plain `pytest`, whose users need not have Mono and PHP."""
    folder = config.invocation_params.dir
    paths = [(folder / argument.partition("::")[0]).resolve() for argument in config.args]
    return None if any(path.is_relative_to(HERE) for path in paths) else True


@pytest.fixture(scope="session", params=STACKS)
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Each stack in turn; its logs stay where pytest keeps the temporary folders of its last runs."""
    name: str = request.param
    with STACKS[name](tmp_path_factory.mktemp(name)) as running:
        yield running
