"""verdict.json: the verdicts for programs. A stable interface, described by formats/verdict.schema.json."""

import dataclasses
import json
from collections import Counter
from typing import Any

from contracts.judge.records import Finding
from contracts.judge.verdicts import RequirementVerdict
from reports.run import Findings, FindingSeries, Run, key_of
from reports.waivers import fingerprint

FORMAT = 1

_OF_FINDING = ("name", "expected", "actual", "where", "line", "level", "basis", "effect", "source", "exchange")


def verdict_json(run: Run) -> str:
    """The document's text."""
    return json.dumps(verdict_document(run), ensure_ascii=False, indent=2) + "\n"


def verdict_document(run: Run) -> dict[str, Any]:
    """The document, as the schema describes it."""
    header = run.header
    return {
        "format": FORMAT,
        "verdict": run.verdict,
        "complete": run.is_complete,
        "open_ends": list(run.open_ends),
        "tool": {"name": header.tool, "version": header.version, "digest": header.tool_digest},
        "versions": dict(header.versions),
        "contracts": dict(header.contracts),
        "targets": dict(header.targets),
        "seed": header.seed,
        "profile": header.profile,
        "strict": header.strict,
        "scope": dict(header.scope),
        "started": header.started,
        "finished": run.finished,
        "counts": dict(run.counts),
        "summary": dict(sorted(Counter(each.verdict for each in run.verdicts).items())),
        "stale_waivers": list(run.stale_waivers),
        "requirements": [_requirement(each, run.findings.get(key_of(each))) for each in run.verdicts],
    }


def _requirement(verdict: RequirementVerdict, found: Findings | None) -> dict[str, Any]:
    requirement = verdict.requirement
    return {
        "service": verdict.service,
        "operation": verdict.operation,
        "binding": verdict.protocol,
        "id": requirement.id,
        "level": requirement.level,
        "basis": requirement.basis,
        "source": dataclasses.asdict(requirement.source),
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "exercised": verdict.exercised,
        "violated": verdict.violated,
        "deviating": verdict.deviating,
        "noted": verdict.noted,
        "first_finding": _finding(verdict.first_finding),
        "findings": [_series(each) for each in found.series] if found else [],
        "unlisted_findings": found.unlisted if found else 0,
        "exchanges": list(verdict.exchanges),
    }


def _series(series: FindingSeries) -> dict[str, Any]:
    """Findings that say the same of the same place: what a waiver names, and how often it was seen."""
    first = series.first
    told = {"fingerprint": fingerprint(first), "name": first.name, "effect": first.effect, "where": first.where}
    return {**told, "count": series.count, "exchanges": list(series.exchanges)}


def _finding(finding: Finding | None) -> dict[str, Any] | None:
    return None if finding is None else {name: getattr(finding, name) for name in _OF_FINDING}
