"""Two judgements of one group, compared requirement by requirement."""

from collections.abc import Mapping

from contracts.judge.records import Finding, Judgement


def differences(recorded: Judgement, again: Judgement) -> Mapping[str, tuple[str, str]]:
    """What each judgement says of a requirement (by id), for those on which they differ."""
    ids = dict.fromkeys([*_ids(recorded), *_ids(again)])
    unlike = (each for each in ids if _all_of(recorded, each) != _all_of(again, each))
    return {each: (_said(recorded, each), _said(again, each)) for each in unlike}


def with_texts_of(recorded: Judgement, again: Judgement) -> Judgement:
    """The recorded judgement, each finding in the words of its counterpart in the other judgement, where it has one."""
    texts: dict[tuple[str, str, int], list[Finding]] = {}
    for finding in again.findings:
        texts.setdefault(_key(finding), []).append(finding)
    kept = []
    for finding in recorded.findings:
        counterparts = texts.get(_key(finding))
        kept.append(counterparts.pop(0) if counterparts else finding)
    return Judgement(recorded.observed, tuple(kept), recorded.inconclusive)


def _key(finding: Finding) -> tuple[str, str, int]:
    return finding.requirement, finding.name, finding.exchange


def _ids(judgement: Judgement) -> list[str]:
    return [*judgement.observed, *judgement.inconclusive, *(each.requirement for each in judgement.findings)]


def _all_of(judgement: Judgement, requirement: str) -> tuple[bool, bool, list[Finding]]:
    findings = [each for each in judgement.findings if each.requirement == requirement]
    return requirement in judgement.observed, requirement in judgement.inconclusive, findings


def _said(judgement: Judgement, requirement: str) -> str:
    """All that a judgement says of one requirement, in words."""
    findings = [_told(each) for each in judgement.findings if each.requirement == requirement]
    if findings:
        return "; ".join(findings)
    if requirement in judgement.inconclusive:
        return "inconclusive"
    return "kept" if requirement in judgement.observed else "not observed"


def _told(finding: Finding) -> str:
    place = f" at {finding.where}" if finding.where else ""
    line = "" if finding.line is None else f", line {finding.line}"
    grade = f"{finding.effect}, {finding.level}, {finding.basis}, {finding.source}"
    return f"{finding.name}{place}{line} ({grade}): expected {finding.expected}, found {finding.actual}"
