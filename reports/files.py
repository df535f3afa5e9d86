"""Output files, written whole."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from reports.errors import OutputError


def write_file(path: Path, content: str) -> Path:
    """Writes a file so that it is there whole or, where that fails, as it was before. Raises OutputError."""
    with whole_file(path) as file:
        file.write(content.encode("utf-8", "backslashreplace"))
    return path


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which takes its place when all is written; else nothing is left of it. Raises OutputError."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        raise OutputError(path, error) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
