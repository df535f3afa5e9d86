"""Findings that the owner of a target has accepted in writing: read, matched, written, and watched for their end."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from contracts.judge.records import Finding, Judgement
from contracts.model import Service
from reports.errors import EvidenceError
from reports.files import write_file


class WaiverError(EvidenceError):
    """A file of waivers cannot be used."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """One finding that is accepted, or one quirk of a named set. `expires` is the last day (ISO 8601) that it holds.

    A waiver of its own names the fingerprint of the finding, and its binding; one of a set (`quirks`) the finding's
    name on any binding.
    """

    requirement: str
    service: str
    owner: str
    reason: str
    ticket: str
    expires: str
    binding: str = ""
    fingerprint: str = ""
    finding: str = ""
    quirks: str = ""

    def covers(self, finding: Finding) -> bool:
        """Whether this is the finding that was accepted."""
        if (finding.requirement, finding.service) != (self.requirement, self.service):
            return False
        if self.quirks:
            return finding.name == self.finding
        return finding.protocol == self.binding and fingerprint(finding) == self.fingerprint


def fingerprint(finding: Finding) -> str:
    """What a finding is known by from run to run: what the target did, to which requirement, where; no positions."""
    where = re.sub(r"\[\d+\]", "", finding.where)
    parts = (finding.service, finding.operation, finding.protocol, finding.requirement, finding.name, where)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file, those of its quirk sets included. Raises WaiverError."""
    document = _document(path)
    own = (Waiver(**row) for row in document.get("waiver", ()))
    return (*own, *(each for row in document.get("quirks", ()) for each in _quirks(row)))


def _quirks(row: Mapping[str, Any]) -> Iterator[Waiver]:
    shared = {name: row[name] for name in ("service", "owner", "reason", "ticket", "expires")}
    for each in row["finding"]:
        yield Waiver(**shared, requirement=each["requirement"], finding=each["name"], quirks=row["name"])


def _document(path: Path) -> dict[str, Any]:
    try:
        return _checked(path, path.read_text("utf-8"))
    except OSError as error:
        raise WaiverError(path, None, f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise WaiverError(path, None, f"is not TOML: {error}") from error


def _checked(path: Path, text: str) -> dict[str, Any]:
    """The content of a file of waivers. Raises WaiverError for what it must not say."""
    try:
        document = tomllib.loads(text)
    except ValueError as error:
        raise WaiverError(path, None, f"is not TOML: {error}") from error
    wrong = best_match(_validator().iter_errors(document))
    if wrong is not None:
        raise WaiverError(path, None, f"{'/'.join(map(str, wrong.absolute_path))}: {wrong.message[:300]}")
    for each in (*document.get("waiver", ()), *document.get("quirks", ())):
        try:
            date.fromisoformat(each["expires"])
        except ValueError as error:
            raise WaiverError(path, None, f"expires: {each['expires']!r} is no day: {error}") from error
    return document


def require_known(path: Path, waivers: Iterable[Waiver], services: Mapping[str, Service]) -> None:
    """Raises WaiverError for the first one that speaks of what no contract has: it would never cover anything."""
    for number, each in enumerate(waivers, 1):
        entry = f"quirks {each.quirks!r}" if each.quirks else f"waiver {number} ({each.fingerprint})"
        _require_among(path, f"{entry}: service", each.service, services)
        operations = services[each.service].operations.values()
        protocols = {binding.protocol for operation in operations for binding in operation.bindings}
        if each.binding:
            _require_among(path, f"{entry}: binding of {each.service}", each.binding, protocols)
        asked = [each.binding] if each.binding else sorted(protocols)
        ids = {
            requirement.id
            for operation in operations
            for protocol in operation.bindings_by_protocol
            if protocol in asked
            for requirement in operation.requirements(protocol)
        }
        where = f"{each.service} over {each.binding}" if each.binding else each.service
        _require_among(path, f"{entry}: requirement on {where}", each.requirement, ids)


def _require_among(path: Path, what: str, word: str, known: Iterable[str]) -> None:
    names = sorted(known)
    if word not in names:
        near = get_close_matches(word, names, 1, 0)
        raise WaiverError(path, None, f"{what}: unknown: {word!r}. Nearest is {', '.join(near)!r}")


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(files("reports").joinpath("formats/waivers.schema.json").read_text("utf-8")))


def in_force(waivers: Iterable[Waiver], started: str) -> tuple[Waiver, ...]:
    """The waivers that have not expired on the day of a time."""
    return tuple(each for each in waivers if each.expires >= started[:10])


def waived(judgement: Judgement, waivers: Sequence[Waiver]) -> Judgement:
    """The judgement with accepted findings marked as such; they stay visible. Notes need no waiver."""
    if not waivers or not judgement.findings:
        return judgement
    findings = tuple(
        replace(each, effect="waived")
        if each.effect != "note" and any(waiver.covers(each) for waiver in waivers)
        else each
        for each in judgement.findings
    )
    return replace(judgement, findings=findings)


def append_waiver(path: Path, waiver: Waiver, today: date) -> Path:
    """Adds a waiver to a file, which may be new. Raises WaiverError for one that could not be used, and OutputError."""
    known = _document(path) if path.exists() else {}
    if any(row["fingerprint"] == waiver.fingerprint for row in known.get("waiver", ())):
        raise WaiverError(path, None, f"already holds a waiver for {waiver.fingerprint}")
    for name in ("owner", "reason"):
        if not getattr(waiver, name).strip():
            raise WaiverError(path, None, f"was left as it is: {name} is empty, and whoever reads the report asks")
    names = ("requirement", "service", "binding", "fingerprint", "owner", "reason", "ticket", "expires")
    rows = [f"{name} = {_quoted(getattr(waiver, name))}" for name in names]
    before = path.read_text("utf-8") if known else ""
    content = "\n".join([*([before] if known else []), "[[waiver]]", *rows, ""])
    _checked(path, content)
    if waiver.expires < today.isoformat():
        raise WaiverError(
            path, None, f"was left as it is: expires: {waiver.expires} is over; --expires is the last day"
        )
    return write_file(path, content)


def _quoted(text: str) -> str:
    """A string as TOML writes it; U+007F is the one control character that JSON does not escape."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
