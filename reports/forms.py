"""The form of records, as formats/evidence.schema.json has it.

Reading does not look at it: that would cost more than all the rest. It is looked at where something went wrong.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from reports.codec import Json
from reports.errors import EvidenceError
from reports.lines import Line, TornLineError, read_lines


def wrong_with(record: Json) -> str:
    """What is wrong with the form of a record whose type is known; empty if nothing is."""
    error = best_match(_validators()[record["type"]].iter_errors(record))
    if error is None:
        return ""
    # Of a choice, each branch says what it lacks; the choice itself would say the whole record.
    said = " or ".join(sorted({each.message[:100] for each in error.context or (error,)}))
    told = f"{'/'.join(map(str, error.absolute_path)) or record['type']}: {said[:300]}"
    return " ".join(told.split())


@contextmanager
def as_record(line: Line) -> Iterator[None]:
    """Turns the errors of a record that lacks something into an EvidenceError with its place."""
    try:
        yield
    except EvidenceError:
        raise
    except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
        kind = line.record["type"]
        problem = wrong_with(line.record) or f"is no {kind} record that can be read" + (
            f": {error}" if isinstance(error, ValueError) else ""
        )
        raise EvidenceError(line.file, line.number, problem) from error


@contextmanager
def blaming(*logs: Path) -> Iterator[None]:
    """Turns an error into an EvidenceError if a record of the logs has not the form that it should have."""
    try:
        yield
    except (EvidenceError, OSError):
        raise
    except Exception as error:
        for log in logs:
            _look_for_blame(log, error)
        raise


def _look_for_blame(log: Path, error: Exception) -> None:
    """Raises EvidenceError for the first record of a log with a wrong form."""
    try:
        for line in read_lines(log):
            if problem := wrong_with(line.record):
                raise EvidenceError(line.file, line.number, problem) from error
    except TornLineError:
        pass


@cache
def _validators() -> Mapping[str, Draft202012Validator]:
    """A validator for each type of record: asked about all at once, the schema would name the wrong one's faults."""
    schema = json.loads(files("reports").joinpath("formats/evidence.schema.json").read_text("utf-8"))
    kinds = [each["$ref"].rpartition("/")[2] for each in schema["oneOf"]]
    return {kind: Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]}) for kind in kinds}
