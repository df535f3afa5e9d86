"""Requirements and findings told in plain lines, for the terminal."""

from collections.abc import Mapping

from contracts.citations import citations
from contracts.judge.records import Finding
from contracts.model import Requirement, Service
from contracts.requirements import duty_of
from reports.commands import curl_command, replay_command
from reports.run import Run
from reports.waivers import fingerprint
from reports.words import BASES, DUTIES, LEVELS, READINGS


def explained_requirement(requirement: str, services: Mapping[str, Service]) -> list[str]:
    """What a requirement asks, of whom, and why; empty where no contract has it."""
    asked = {
        f"{operation.key}/{binding.protocol}": each
        for service in services.values()
        for operation in service.operations.values()
        for binding in operation.bindings
        for each in operation.requirements(binding.protocol)
        if each.id == requirement
    }
    if not asked:
        return []
    first = next(iter(asked.values()))
    if all(each.source == first.source for each in asked.values()):
        return [*_requirement_lines(first), f"asked of  {', '.join(asked)}"]
    return [*_requirement_lines(first), *(f"asked of  {place}: {each.source}" for place, each in asked.items())]


def finding_of(run: Run, wanted: str) -> Finding | None:
    """The first finding of a run with that fingerprint; None if there is none."""
    firsts = (series.first for each in run.findings.values() for series in each.series)
    return next((each for each in firsts if fingerprint(each) == wanted), None)


def explained_finding(wanted: str, run: Run) -> list[str]:
    """What a finding says, and how to see it again; empty where the run has none with that fingerprint."""
    finding = finding_of(run, wanted)
    if finding is None:
        return []
    row = next(each for each in run.header.requirements if each.requirement.id == finding.requirement)
    number = run.smaller.get(finding.exchange, finding.exchange)
    target = run.header.targets.get(finding.service, "")
    exchange = run.exchanges[number]
    values = run.values.get(finding.service, {})
    changes = [
        f"change    {each.where}: {each.before!r} -> {each.after!r} ({each.rule})" for each in exchange.message.changes
    ]
    return [
        f"{finding.name} on {finding.service}/{finding.operation}/{finding.protocol}",
        f"expected  {finding.expected}",
        f"found     {finding.actual}",
        f"where     {finding.where or 'the answer'}{'' if finding.line is None else f', line {finding.line}'}",
        f"counts as {finding.effect} ({finding.level}, {finding.basis}; {finding.source})",
        f"message   exchange {number}, {exchange.message.kind}, entitled to {exchange.message.expectation}",
        *changes,
        "",
        *_requirement_lines(row.requirement),
        "",
        curl_command(exchange, target, values),
        replay_command(exchange, target, values),
    ]


def _requirement_lines(requirement: Requirement) -> list[str]:
    return [
        requirement.id,
        f"requires  {requirement.requires}",
        f"how       {requirement.does}",
        *(f"accepts   {each}" for each in requirement.accepts),
        f"source    {requirement.source}",
        *_standard_lines(requirement),
        f"level     {requirement.level}: {LEVELS[requirement.level]}",
        f"basis     {requirement.basis}: {BASES[requirement.basis]}",
    ]


def _standard_lines(requirement: Requirement) -> list[str]:
    """What the standards say there, and how far they were read; empty for what rests on page or convention alone."""
    cited = citations(str(requirement.source))
    duty = duty_of(requirement.id)
    return [
        *(f"cites     {each} ({READINGS[each.reading]})" for each in cited),
        *([] if duty is None else [f"duty      {duty}: {DUTIES[duty]}"]),
    ]
