"""Errors that belong to the author of a contract, a catalogue or a configuration."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file, or in what a URL leads to. `line` counts from 1; None where the whole file is meant."""

    file: Path | str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else str(self.file)


class ContractError(ValueError):
    """A contract, catalogue or ruling cannot be used. Says where, what was found and what is expected."""

    def __init__(self, place: Place, problem: str, *, value: object = None, hint: str = "") -> None:
        self.place, self.problem, self.value, self.hint = place, problem, value, hint
        shown = "" if value is None else f" (found {value!r})"
        super().__init__(f"{place}: {problem}{shown}{'. ' + hint if hint else ''}")


class UnknownNameError(ContractError, LookupError):
    """A service, operation or binding was asked for that no contract has."""
