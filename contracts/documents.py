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

_STEP = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_STEPS = rf"({_STEP}(?:\s*\.\s*{_STEP})*)"
_HEADER = re.compile(rf"\s*(\[\[?)\s*{_STEPS}\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(rf"\s*{_STEPS}\s*=")
_TOKEN = re.compile(r"""\"{3}|'{3}|"(?:[^"\\]|\\.)*"|'[^']*'|#.*|[\[\]{}]""")
_END_OF_STRING = {'"""': re.compile(r'(?:\\.|[^\\])*?"""'), "'''": re.compile(r".*?'''")}


def read_document(file: Path, format_name: str, formats: Path = FORMATS) -> dict[str, Any]:
    """The content of a TOML file that satisfies `<format_name>.schema.json` of a folder of formats.

    Raises ContractError with file, line and value for a file that cannot be read, parsed or validated.
    """
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ContractError(Place(file), f"cannot be read: {reason}") from error
    return parse_document(text, file, format_name, formats)


def parse_document(text: str, file: Path, format_name: str, formats: Path = FORMATS) -> dict[str, Any]:
    """The content of TOML text, as `read_document` gives it; `file` is named in errors."""
    try:
        content = tomllib.loads(text)
    except ValueError as error:
        raise ContractError(Place(file, _line_in_message(str(error), text)), f"is not TOML: {error}") from error
    errors = list(_validator(formats / f"{format_name}.schema.json").iter_errors(content))
    plain = [error for error in errors if error.validator not in ("oneOf", "anyOf")]
    problem = best_match(plain or errors)  # that no alternative fits says less than what is wrong in itself
    if problem is not None:
        path = list(problem.absolute_path)
        dotted = ".".join(str(step) for step in path) or "the document"
        unknown = _unknown_key(problem)
        value = problem.instance if not isinstance(problem.instance, dict | list) else unknown
        place = Place(file, line_of(text, path if unknown is None else [*path, unknown]))
        raise ContractError(place, f"{dotted}: {_short(_said(problem))}", value=value, hint=_hint(problem))
    return content


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """Line on which the value at a path (keys and indexes, as jsonschema gives them) stands.

    The first table or key that shares most of the path is taken: values inside an array or an inline table share its
    line, and a table that only dotted keys make has the line of the first of them. None for the document itself.
    """
    best: tuple[int, int | None] = (0, None)
    for position, line in _positions(text):
        shared = _shared(position, path)
        if shared > best[0]:
            best = (shared, line)
    return best[1]


def _shared(one: Sequence[str | int], other: Sequence[str | int]) -> int:
    """How many steps two paths have in common from the start."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _positions(text: str) -> list[tuple[tuple[str | int, ...], int]]:
    """Path and line of every table header and key. Lines within multi-line strings and arrays are passed over."""
    found: list[tuple[tuple[str | int, ...], int]] = []
    table: tuple[str | int, ...] = ()
    counts: dict[tuple[str | int, ...], int] = {}
    quote, depth = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if quote or depth:
            quote, depth = _left_open(line, quote, depth)
        elif header := _HEADER.match(line):
            table = _table(header.group(2), header.group(1) == "[[", counts)
            found.append((table, number))
        elif key := _KEY.match(line):
            found.append((table + _steps(key.group(1)), number))
            quote, depth = _left_open(line[key.end() :], quote, depth)
    return found


def _left_open(line: str, quote: str, depth: int) -> tuple[str, int]:
    """What a line leaves open for the next: the quotes of a multi-line string, and how many brackets.

    `quote` is empty outside such strings; both are given as the line before left them.
    """
    position = 0
    while True:
        found = _END_OF_STRING[quote].match(line, position) if quote else _TOKEN.search(line, position)
        if found is None:
            return quote, depth
        position, token = found.end(), found.group()
        if quote:
            quote = ""
        elif token in _END_OF_STRING:
            quote = token
        else:
            depth += (token in "[{") - (token in "]}")


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
    return tuple(step.strip("\"'") for step in re.findall(_STEP, dotted))


@cache
def _validator(schema: Path) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema.read_text("utf-8")))


def _line_in_message(message: str, text: str) -> int | None:
    """The line that tomllib names; the last one where it names the end of the document."""
    if "at end of document" in message:
        return text.rstrip("\n").count("\n") + 1
    found = re.search(r"at line (\d+)", message)
    return int(found.group(1)) if found else None


def _unknown_key(problem: Any) -> str | None:
    """The first key that a table may not have, where that is the problem."""
    if problem.validator != "additionalProperties" or not isinstance(problem.instance, Mapping):
        return None
    return next((str(key) for key in problem.instance if key not in problem.schema.get("properties", {})), None)


def _said(problem: Any) -> str:
    """What is wrong, in words: those of jsonschema, but for reasons, and for keys that go or do not go together."""
    said = problem.validator_value
    if problem.message.startswith("'reason' is a required"):
        return "'reason' is missing: say why"
    if problem.validator == "not" and set(said) == {"required"}:
        return f"{' and '.join(said['required'])} exclude each other: keep one"
    if problem.validator in ("anyOf", "oneOf") and all(set(each) == {"required"} for each in said):
        only = " alone" if problem.validator == "oneOf" else ""
        return f"needs one of these{only}: {'; '.join(' with '.join(each['required']) for each in said)}"
    return str(problem.message)


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
