"""Errors of the log and of the files rendered from it."""

from errno import ENOSPC
from pathlib import Path


class OutputError(OSError):
    """An output file cannot be written. Says which, why, and what to do."""

    def __init__(self, path: Path, cause: OSError) -> None:
        self.path, self.cause = path, cause
        reason = cause.strerror or str(cause)
        is_full = cause.errno == ENOSPC
        advice = "Free some space or name another folder; what was written is kept" if is_full else "Name another one"
        super().__init__(f"{path}: cannot be written: {reason}. {advice}")


class EvidenceError(ValueError):
    """A log cannot be read, or is not what it claims to be. `line` counts from 1, None for the whole file."""

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        self.path, self.line, self.problem = path, line, problem
        place = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {problem}")


class ChainError(EvidenceError):
    """A log is not as it was written."""
