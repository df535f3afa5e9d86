"""What a running stack offers, and what starting any of them needs."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import requests

HERE = Path(__file__).resolve().parent
ASSETS = HERE / "assets"


class Target(TypedDict):
    """One table of targets.toml."""

    url: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Stack:
    """A running stack. `targets` goes by service key: utws, ecgridos, partstream."""

    name: str
    targets: Mapping[str, Target]


def working_folder(given: Path | None) -> AbstractContextManager[Path]:
    """The folder given, which is left behind; for None a temporary one, which is not."""
    return nullcontext(given) if given else _temporary_folder()


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="soapstone-") as name:
        yield Path(name)


def answers(url: str) -> bool:
    """Whether a GET is answered with 200, no proxy in between."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url, timeout=30).status_code == 200
        except requests.ConnectionError:
            return False
