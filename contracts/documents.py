"""TOML documents of ours: read, validated against their JSON Schema, with the line of whatever is wrong."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from contracts.errors import ContractError, Place

FORMATS = Path(__file__).parent / "formats"

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\")(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"))*)\s*=")


def read_document(file: Path, format_name: str, formats: Path = FORMATS) -> dict[str, Any]:
    """The content of a TOML file that satisfies `<format_name>.schema.json` of a folder of formats.

    Raises ContractError with file, line and value for a file that cannot be read, parsed or validated.
    """
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(Place(file), f"cannot be read: {error}") from error
    return parse_document(text, file, format_name, formats)


def parse_document(text: str, file: Path, format_name: str, formats: Path = FORMATS) -> dict[str, Any]:
    """The content of TOML text, as `read_document` gives it; `file` is named in errors."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContractError(Place(file, _line_in_message(str(error))), f"is not TOML: {error}") from error
    problem = best_match(_validator(formats / f"{format_name}.schema.json").iter_errors(content))
    if problem is not None:
        path = list(problem.absolute_path)
        dotted = ".".join(str(step) for step in path) or "the document"
        value = problem.instance if not isinstance(problem.instance, dict | list) else None
        raise ContractError(
            Place(file, line_of(text, path)), f"{dotted}: {_short(problem.message)}", value=value, hint=_hint(problem)
        )
    return content


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """Line on which the value at a path (keys and indexes, as jsonschema gives them) stands.

    The deepest table or key of the path that has a line of its own is taken: values inside an array or an inline
    table share its line. None for the document itself.
    """
    wanted = tuple(path)
    best: tuple[int, int | None] = (0, None)
    for position, line in _positions(text):
        depth = len(position)
        if depth > best[0] and wanted[:depth] == position:
            best = (depth, line)
    return best[1]


def _positions(text: str) -> list[tuple[tuple[str | int, ...], int]]:
    """Path and line of every table header and key. Lines within multi-line strings are passed over."""
    found: list[tuple[tuple[str | int, ...], int]] = []
    table: tuple[str | int, ...] = ()
    counts: dict[tuple[str | int, ...], int] = {}
    inside: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if inside is not None:
            inside = None if inside in line else inside
            continue
        if header := _HEADER.match(line):
            table = _table(header.group(2), header.group(1) == "[[", counts)
            found.append((table, number))
        elif key := _KEY.match(line):
            found.append((table + _steps(key.group(1)), number))
            inside = next((quote for quote in ('"""', "'''") if line.count(quote) == 1), None)
    return found


def _table(header: str, is_array: bool, counts: dict[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
    """The path of a table header, with the index of each array of tables on the way."""
    path: tuple[str | int, ...] = ()
    steps = _steps(header)
    for index, step in enumerate(steps):
        path = (*path, step)
        if is_array and index == len(steps) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _steps(dotted: str) -> tuple[str, ...]:
    return tuple(step.strip().strip('"') for step in dotted.split("."))


@cache
def _validator(schema: Path) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema.read_text("utf-8")))


def _line_in_message(message: str) -> int | None:
    found = re.search(r"at line (\d+)", message)
    return int(found.group(1)) if found else None


def _short(message: str) -> str:
    return message if len(message) <= 300 else f"{message[:300]}..."


def _hint(problem: Any) -> str:
    """What to do, for the commonest kinds of problem."""
    schema: Mapping[str, Any] = problem.schema if isinstance(problem.schema, Mapping) else {}
    if problem.validator == "additionalProperties":
        return f"Known here: {', '.join(sorted(schema.get('properties', {})))}"
    if problem.validator == "pattern":
        return f"It must match {schema.get('pattern')}"
    return ""
