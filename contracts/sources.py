"""Where a promise stands: places in the documents that contracts are derived from, and clauses of standards."""

from dataclasses import dataclass

PAGE = "page.txt"
"""The document that a place is in where its note names none."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a promise stands: a place in a document (`line` and `column` count from 1) or a standard's clause."""

    document: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return self.document if self.line is None else f"{self.document} line {self.line}, column {self.column}"

    @property
    def note(self) -> str:
        """The place as contracts and components note it: `12:3` on the page, `name:12:3` in any other document."""
        place = f"{self.line}:{self.column}"
        return place if self.document == PAGE else f"{self.document}:{place}"

    @classmethod
    def of(cls, note: str) -> "Source":
        """The place that a note names. Raises ValueError for what is no note."""
        document, line, column = f"{PAGE}:{note}".rsplit(":", 2)
        return cls(document.removeprefix(f"{PAGE}:"), int(line), int(column))
