"""A candidate beside the original: differences are found, explained by the contract, and not made up."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from guarded_servers import Ended, before
from raw_servers import serving

from contracts.judge.records import Judgement
from contracts.loader import load_services
from reference.server import Running, start
from suites.beside import Comparisons, Difference, difference
from suites.configuration import Budget, Configuration, ConfigurationError, Target, read_configuration
from suites.header import Settings
from suites.run import Run
from suites.runner import Runner

CASES = ("known_good", "valid", "missing_body")


@pytest.fixture(scope="module")
def original() -> Iterator[Running]:
    """The original."""
    with start() as running:
        yield running


def compared(out: Path, candidate: Running, original: Running, service: str, **more: Any) -> Ended:
    """A short run against a candidate beside an original."""
    targets = [
        Target(service, each.targets[service].url, dict(each.targets[service].values)) for each in (candidate, original)
    ]
    settings = Settings(
        services={service: load_services()[service]},
        configuration=Configuration({service: targets[0]}, Budget(patience=0), {service: targets[1]}),
        out=out,
        profile="smoke",
        **more,
    )
    run = Run(settings)
    runner = Runner(run)
    for item in settings.items:
        if item.case in CASES and run.may_send(item):
            runner.run(item)
    run.close()
    return Ended(run)


def kinds(run: Ended) -> dict[str, list[str]]:
    """What was recorded of each kind of difference."""
    found: dict[str, list[str]] = {}
    for each in run.reported.events:
        if each.name.startswith("difference: "):
            found.setdefault(each.name.removeprefix("difference: "), []).append(each.detail)
    return found


@pytest.mark.parametrize("service", ["utws", "ecgridos", "studebaker"])
def test_a_service_does_not_differ_from_itself(tmp_path: Path, original: Running, service: str) -> None:
    with start() as candidate:
        run = compared(tmp_path, candidate, original, service)
    assert kinds(run) == {}
    assert "no difference" in run.events("compared with the original")[0]
    assert run.reported.counts["beside"] >= run.reported.counts["planned"]
    assert run.reported.verdict != "not certified"


@pytest.mark.parametrize(
    "fault, service",
    [
        ("placeholder_word_for_int", "utws"),
        ("two_headers", "utws"),
        ("dataset_with_placeholder_text", "ecgridos"),
    ],
)
def test_fault_of_the_candidate_is_told_as_its_own(tmp_path: Path, original: Running, fault: str, service: str) -> None:
    with start(faults=(fault,)) as faulty:
        as_candidate = compared(tmp_path / "a", faulty, original, service)
        as_original = compared(tmp_path / "b", original, faulty, service)
    assert set(kinds(as_candidate)) == {"candidate breaks the contract"}
    assert set(kinds(as_original)) == {"original breaks the contract"}
    assert as_original.violated == []


def test_both_broken_are_told_as_both(tmp_path: Path) -> None:
    with start(faults=("placeholder_word_for_int",)) as one, start(faults=("two_headers",)) as other:
        assert "both break the contract" in kinds(compared(tmp_path, one, other, "utws", protocols=("soap11",)))


@pytest.mark.parametrize(
    "variant, service, differs",
    [
        ("default_namespaces", "utws", False),
        ("cdata_sections", "utws", False),
        ("comments_in_text", "utws", False),
        ("booleans_as_digits", "studebaker", True),
    ],
)
def test_legal_variation_is_no_break(
    tmp_path: Path, original: Running, variant: str, service: str, differs: bool
) -> None:
    with start(variants=(variant,)) as candidate:
        run = compared(tmp_path, candidate, original, service)
    assert set(kinds(run)) == ({"both keep the contract and differ"} if differs else set())


def test_missing_value_of_the_original_ends_the_comparison_and_not_the_run(tmp_path: Path, original: Running) -> None:
    there = original.targets["ecgridos"]
    targets = Target("ecgridos", there.url, dict(there.values)), Target("ecgridos", there.url)
    settings = Settings(
        {"ecgridos": load_services()["ecgridos"]},
        Configuration({"ecgridos": targets[0]}, Budget(), {"ecgridos": targets[1]}),
        tmp_path,
        ("soap11",),
        "smoke",
    )
    run = Run(settings)
    runner = Runner(run)
    for item in settings.items[:3]:
        runner.run(item)
    run.close()
    ended = Ended(run)
    assert ended.events("original given up") == ["the original needs a value for SessionID of ecgridos"]
    assert ended.reported.counts["planned"] > 1


def test_original_that_falls_silent_is_asked_no_more(tmp_path: Path, original: Running) -> None:
    path = "/" + original.targets["utws"].url.split("/", 3)[3]
    with serving(before(original.port, lambda _: b"")) as server:
        there = Target("utws", server.url + path)
        settings = Settings(
            {"utws": load_services()["utws"]},
            Configuration({"utws": Target("utws", original.targets["utws"].url)}, Budget(), {"utws": there}),
            tmp_path,
            ("soap11",),
            "smoke",
        )
        run = Run(settings)
        runner = Runner(run)
        for item in settings.items[:4]:
            runner.run(item)
        run.close()
        assert len(server.requests) == 5
    assert Ended(run).events("original given up") == ["5 messages in a row were not answered"]


def test_what_moves_by_itself_is_learnt_and_left_out() -> None:
    comparisons = Comparisons(moving={"b": {"/a/time"}})
    place = [("/a/time[2]/text()", "1", "2")]
    assert all(comparisons.moving["b"])
    assert difference([], Judgement((), ()), Judgement((), ())) is None
    assert difference(place, Judgement((), ()), Judgement((), ())) == Difference(
        "both keep the contract and differ", "/a/time[2]/text()", "'1'", "'2'"
    )


def test_originals_are_read_from_words_and_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "targets.toml"
    file.write_text(
        '[ecgridos]\nurl = "http://127.0.0.1:1/new.asmx"\n[ecgridos.values]\nSessionID = "one"\n'
        '[ecgridos.original]\nurl = "http://127.0.0.1:2/old.asmx"\n[ecgridos.original.values]\nSessionID = "two"\n'
    )
    services = load_services()
    named = read_configuration(file, [], services, ["ecgridos"]).originals["ecgridos"]
    assert (named.url, named.values) == ("http://127.0.0.1:2/old.asmx", {"SessionID": "two"})
    given = read_configuration(file, [], services, ["ecgridos=http://127.0.0.1:3/x.asmx"]).originals["ecgridos"]
    assert (given.url, given.values) == ("http://127.0.0.1:3/x.asmx", {"SessionID": "two"})
    assert read_configuration(file, [], services).originals == {}
    plain = read_configuration(None, ["utws=http://127.0.0.1:1/a"], services, ["utws=http://127.0.0.1:2/a"])
    assert plain.originals["utws"].url == "http://127.0.0.1:2/a"
    with pytest.raises(ConfigurationError, match=r"--beside: is not SERVICE=URL"):
        read_configuration(None, [], services, ["utws"])
