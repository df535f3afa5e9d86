"""What a run found as lines that a CI service shows beside the job: one for each requirement that is not kept."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, TypeAlias

from contracts.judge.verdicts import RequirementVerdict
from reports.run import Run

Service: TypeAlias = Literal["github", "azure"]
Grade: TypeAlias = Literal["error", "warning"]

MOST = 10
"""Lines of one grade: GitHub shows ten errors and ten warnings of a step, and drops the rest unsaid."""


def annotation_lines(run: Run, service: Service) -> Iterator[str]:
    """The lines for a service's log: errors for what is violated and what ended a run, warnings for deviations."""
    write = _WRITERS[service]
    violated = [each for each in run.verdicts if each.verdict == "violated"]
    deviating = [each for each in run.verdicts if each.verdict == "deviates"]
    given_up = [event.detail for event in run.events if event.name == "target given up"]
    yield from (write("error", _title(each), _told(each)) for each in violated[:MOST])
    if len(violated) > MOST:
        yield write("warning", "soapstone", f"{len(violated) - MOST} more requirements are violated: see the report")
    yield from (write("error", "target given up", each) for each in given_up[:MOST])
    room = MOST - (len(violated) > MOST)
    yield from (write("warning", _title(each), _told(each)) for each in deviating[:room])


def _title(each: RequirementVerdict) -> str:
    return f"{each.verdict}: {each.requirement.id}"


def _told(each: RequirementVerdict) -> str:
    """Where, what was required, and what the target did instead."""
    place = f"{each.service}/{each.operation}/{each.protocol}"
    finding = each.first_finding
    found = "" if finding is None else f" Found {finding.name}: {finding.actual}; expected {finding.expected}."
    return f"{place}: {each.requirement.requires}.{found}"


def _github(grade: Grade, title: str, text: str) -> str:
    """GitHub's workflow command; its escapes are those of the runner's own toolkit."""
    return f"::{grade} title={_escaped(title, _GITHUB_PROPERTY)}::{_escaped(text, _GITHUB_DATA)}"


def _azure(grade: Grade, title: str, text: str) -> str:
    """Azure Pipelines' logging command."""
    return f"##vso[task.logissue type={grade}]{_escaped(f'{title}: {text}', _AZURE)}"


_GITHUB_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_GITHUB_PROPERTY = {**_GITHUB_DATA, ":": "%3A", ",": "%2C"}
_AZURE = {"%": "%AZP25", ";": "%3B", "\r": "%0D", "\n": "%0A", "]": "%5D"}


def _escaped(text: str, table: Mapping[str, str]) -> str:
    """Text in which nothing can be taken for the end of a line or of a command, whatever a target said."""
    shown = "".join(each if each.isprintable() or each in table else f"\\x{ord(each):02x}" for each in text)
    return "".join(table.get(each, each) for each in shown)


_WRITERS: Mapping[Service, Callable[[Grade, str, str], str]] = {"github": _github, "azure": _azure}
"""How each service takes a line."""
