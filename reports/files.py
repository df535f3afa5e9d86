"""Output files, written whole."""

from pathlib import Path

from reports.errors import OutputError


def write_file(path: Path, content: str) -> Path:
    """Writes a file so that it is there whole or, where that fails, as it was before. Raises OutputError."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content.encode("utf-8", "backslashreplace"))
        partial.replace(path)
    except OSError as error:
        raise OutputError(path, error) from error
    return path
