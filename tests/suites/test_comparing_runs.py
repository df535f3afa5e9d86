"""What only several exchanges show: found against the reference target, recorded, and found again in the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.judge.verdicts import RequirementVerdict
from contracts.loader import load_services, pick
from contracts.model import Protocol
from reports.verify import verify
from suites.certification import Certification
from suites.configuration import Configuration
from suites.embedded import EmbeddedTarget
from suites.header import Settings


@contextmanager
def certifying(out: Path, service: str, protocols: tuple[Protocol, ...], *arguments: str) -> Iterator[Certification]:
    """A certification of a service on a reference target of its own, whose log holds when all is said."""
    with EmbeddedTarget(arguments) as embedded:
        settings = Settings(
            services=pick(load_services(), [service]),
            configuration=Configuration({service: embedded.targets[service]}),
            out=out,
            protocols=protocols,
            profile="standard",
        )
        certification = Certification(settings)
        yield certification
        certification.run.close()
    assert verify(certification.run.log.path, load_services()).holds


def verdict(certification: Certification, requirement: str) -> RequirementVerdict:
    """The verdict of a requirement on the first binding under test; only its own messages are sent."""
    promise = next(each for each in certification.promises if each.requirement.id == requirement)
    return certification.verdict(promise)


@pytest.mark.parametrize(
    "fault, service, protocols, requirement, reached, found",
    [
        (
            "more_entries_in_a_narrower_window",
            "mobileconnect",
            ("soap12",),
            "mobileconnect/UserClientSessionLogRequest/narrower-window-has-no-more",
            "deviates",
            "NarrowerWindowHasMore",
        ),
        (
            "column_missing_over_one_binding",
            "ecgridos",
            (),
            "ecgridos/ReportInstantStats/bindings-agree",
            "deviates",
            "BindingsDisagree",
        ),
        (
            "fails_once_in_20",
            "utws",
            ("soap11",),
            "relations/page/answers-do-not-fail-now-and-then",
            "violated",
            "RefusedValidMessage",
        ),
    ],
)
def test_fault_that_several_exchanges_show_is_found(
    fault: str,
    service: str,
    protocols: tuple[Protocol, ...],
    requirement: str,
    reached: str,
    found: str,
    tmp_path: Path,
) -> None:
    with certifying(tmp_path, service, protocols, "--fault", fault) as certification:
        seen = verdict(certification, requirement)
    assert (seen.verdict, seen.first_finding and seen.first_finding.name) == (reached, found)


def test_target_that_asks_the_witness_is_found(tmp_path: Path) -> None:
    with certifying(tmp_path, "utws", ("soap11",), "--fault", "fetches_external_subset") as certification:
        probe = verdict(certification, "security/cwe-918/addresses-are-not-called")
        watch = verdict(certification, "security/cwe-918/witness-is-not-asked")
    assert probe.verdict == "conformant", "whether the message is refused is another requirement's"
    assert watch.verdict == "violated"
    assert watch.first_finding is not None
    assert "/subset" in watch.first_finding.actual


def test_clean_target_keeps_what_several_exchanges_show(tmp_path: Path) -> None:
    with certifying(tmp_path, "utws", ("soap11", "soap12")) as certification:
        seen = {
            name: verdict(certification, name).verdict
            for name in (
                "relations/http-9.2/answers-match-requests",
                "relations/page/answers-do-not-fail-now-and-then",
                "security/robustness/still-answers",
                "security/cwe-918/addresses-are-not-called",
                "security/cwe-918/witness-is-not-asked",
                "utws/logsAvailable/bindings-agree",
            )
        }
    assert set(seen.values()) == {"conformant"}
