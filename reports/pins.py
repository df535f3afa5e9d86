"""Digests of what a run judges by, so that it can be judged again by the same and nothing else."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import contracts
from contracts.model import Operation

STANDARDS = Path(contracts.__file__).parent / "standards"


@dataclass(frozen=True, slots=True)
class Pins:
    """SHA-256 of each contract by `service/operation`, of each service's rulings, and of the standards' data."""

    contracts: Mapping[str, str]
    rulings: Mapping[str, str]
    standards: str


def pins_of(operations: Iterable[Operation]) -> Pins:
    """The digests of what these operations are judged by, as it stands on the disk."""
    found = list(operations)
    return Pins(
        contracts={each.key: each.digest for each in found},
        rulings={each.service: _ruling_digest(each) for each in found},
        standards=_standards_digest(),
    )


def _ruling_digest(operation: Operation) -> str:
    return hashlib.sha256((operation.folder.parent / "service.toml").read_bytes()).hexdigest()


def _standards_digest() -> str:
    total = hashlib.sha256()
    for file in sorted(each for each in STANDARDS.rglob("*") if each.is_file()):
        total.update(f"{file.relative_to(STANDARDS).as_posix()}\0".encode() + file.read_bytes() + b"\0")
    return total.hexdigest()
