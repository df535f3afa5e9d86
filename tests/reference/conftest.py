"""A reference without faults, for all the tests that only ask it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

import reference
from reference.app import Application
from reference.server import Running
from reference.state import State


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    with reference.start() as started:
        yield started


@pytest.fixture(scope="session")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def clean(state: State) -> Application:
    """The application itself, asked without a network."""
    return Application(state, {})
