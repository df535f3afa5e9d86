"""A candidate beside the original: differences are found, explained by the contract, and not made up."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from guarded_servers import Ended, before, status
from raw_servers import serving

from contracts.judge.records import Judgement
from contracts.loader import load_services
from reference.server import Running, start
from reports.har import write_har
from reports.reading import read_run
from suites.beside import Comparisons, Difference, differences
from suites.captured import check
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


def test_what_went_to_the_original_is_shown_there_and_says_nothing_of_the_candidate(
    tmp_path: Path, original: Running
) -> None:
    with start(faults=("placeholder_word_for_int",)) as faulty:
        run = compared(tmp_path, original, faulty, "utws")
        archive = json.loads(write_har(run.run.log.path, tmp_path / "exchanges.har").read_bytes())["log"]["entries"]
    ports = {urlsplit(each["request"]["url"]).port: 0 for each in archive}
    assert set(ports) == {original.port, faulty.port}
    services = {"utws": load_services()["utws"]}
    assert read_run(check([run.run.log.path], services, tmp_path / "checked", targets={})).verdict == "certified"


def test_both_broken_are_told_as_both(tmp_path: Path) -> None:
    with start(faults=("placeholder_word_for_int",)) as one, start(faults=("two_headers",)) as other:
        assert "both break the contract" in kinds(compared(tmp_path, one, other, "utws", protocols=("soap11",)))


@pytest.mark.parametrize(
    "variant, service, differs",
    [
        ("default_namespaces", "utws", False),
        ("other_prefixes", "ecgridos", False),
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
    assert differences([], Judgement((), ()), Judgement((), ())) == []
    assert differences(place, Judgement((), ()), Judgement((), ())) == [
        Difference("both keep the contract and differ", "/a/time[2]/text()", "'1'", "'2'")
    ]


def test_each_place_is_told_once_and_hides_none_that_comes_after_it() -> None:
    comparisons = Comparisons()
    kept = Judgement((), ())
    always = ("/a/b[1]/text()", "1", "2")
    whole = [("/a/c[1]", "{}c", "nothing"), ("/a/c[1]/d[1]", "{}d", "nothing")]
    first = list(comparisons.news("b", differences([always], kept, kept)))
    then = list(comparisons.news("b", differences([always, *whole], kept, kept)))
    assert [each.where for each in (*first, *then)] == ["/a/b[1]/text()", "/a/c[1]"]
    assert comparisons.counts["both keep the contract and differ"] == 2
    kinds = [("outcome", "success", "fault"), ("status", "200", "500"), always]
    assert [each.where for each in differences(kinds, kept, kept)] == ["outcome"]


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


# --- originals that are not at their best ----------------------------------------------------------------------------


def beside(out: Path, candidate: Running, there: Target, patience: float = 5, **more: Any) -> Ended:
    """A short run of UTWS beside an original as configured."""
    settings = Settings(
        {"utws": load_services()["utws"]},
        Configuration(
            {"utws": Target("utws", candidate.targets["utws"].url)}, Budget(patience=patience), {"utws": there}
        ),
        out,
        ("soap11",),
        "smoke",
        **more,
    )
    run = Run(settings)
    runner = Runner(run)
    for item in settings.items:
        if item.case in CASES and run.may_send(item):
            runner.run(item)
    run.close()
    return Ended(run)


def path_of(running: Running) -> str:
    """The path of UTWS."""
    return "/" + running.targets["utws"].url.split("/", 3)[3]


def test_one_failure_of_the_original_hides_nothing_that_comes_later(tmp_path: Path, original: Running) -> None:
    """What two answers of different kinds differ in does not move by itself: everything would."""
    seen = {"requests": 0}

    def fails_once(_: bytes) -> bytes | None:
        seen["requests"] += 1
        return status(500) if seen["requests"] == 2 else None

    with start(faults=("placeholder_word_for_int",)) as candidate, serving(before(original.port, fails_once)) as server:
        run = beside(tmp_path, candidate, Target("utws", server.url + path_of(original)))
    assert set(kinds(run)) == {"candidate breaks the contract"}
    assert "the original answered 1 now so and now so" in run.events("compared with the original")[0]


def test_limiter_of_the_original_is_waited_for(tmp_path: Path, original: Running) -> None:
    seen = {"requests": 0}

    def limits(_: bytes) -> bytes | None:
        seen["requests"] += 1
        return status(429, "Retry-After: 0") if seen["requests"] in (3, 4) else None

    with serving(before(original.port, limits)) as server:
        run = beside(tmp_path, original, Target("utws", server.url + path_of(original)))
    assert kinds(run) == {}
    assert "no difference" in run.events("compared with the original")[0]


@pytest.mark.parametrize(
    "code, field, told",
    [(429, "Retry-After: 60", "too many requests"), (401, "WWW-Authenticate: Basic", "does not let the caller in")],
    ids=["limiter that asks for too much", "login that is refused"],
)
def test_original_that_turns_the_caller_away_is_asked_once(
    code: int, field: str, told: str, tmp_path: Path, original: Running
) -> None:
    with serving(before(original.port, lambda _: status(code, field))) as server:
        run = beside(tmp_path, original, Target("utws", server.url + path_of(original)))
        assert len(server.requests) == 1
    assert kinds(run) == {}
    assert told in run.events("original given up")[0]


def test_gateway_before_the_original_is_no_difference(tmp_path: Path, original: Running) -> None:
    seen = {"requests": 0}

    def is_away(_: bytes) -> bytes | None:
        seen["requests"] += 1
        return status(502) if seen["requests"] in (3, 4, 5) else None

    with serving(before(original.port, is_away)) as server:
        run = beside(tmp_path, original, Target("utws", server.url + path_of(original)))
    assert kinds(run) == {}
    assert "3 could not be compared for want of an answer" in run.events("compared with the original")[0]


def test_session_of_the_original_that_lapses_is_had_anew(tmp_path: Path, original: Running) -> None:
    """The original's own session: a command that hands out the reference's only after the first message."""
    there = original.targets["ecgridos"]
    script = tmp_path / "session.py"
    script.write_text(
        "import pathlib\nmark = pathlib.Path(__file__).with_name('opened')\n"
        f"print({there.values['SessionID']!r} if mark.exists() else '0' * 32)\nmark.touch()\n"
    )
    values = {"SessionID": f"command:{sys.executable} -I -S {script}"}
    settings = Settings(
        {"ecgridos": load_services()["ecgridos"]},
        Configuration(
            {"ecgridos": Target("ecgridos", there.url, dict(there.values))},
            Budget(),
            {"ecgridos": Target("ecgridos", there.url, values)},
        ),
        tmp_path,
        ("soap11",),
        "smoke",
    )
    run = Run(settings)
    runner = Runner(run)
    for item in settings.items:
        if item.case in ("known_good", "valid"):
            runner.run(item)
    run.close()
    assert kinds(Ended(run)) == {}


def test_session_that_answers_repeat_is_no_difference(tmp_path: Path, original: Running) -> None:
    """Candidate and original have a session each, and name it in their answers."""
    with start() as candidate:
        targets = [
            Target("partstream", each.targets["partstream"].url, dict(each.targets["partstream"].values))
            for each in (candidate, original)
        ]
        settings = Settings(
            {"partstream": load_services()["partstream"]},
            Configuration({"partstream": targets[0]}, Budget(), {"partstream": targets[1]}),
            tmp_path,
            profile="smoke",
        )
        run = Run(settings)
        runner = Runner(run)
        for item in settings.items:
            if item.case in ("known_good", "spellings", "logouts", "steadily"):
                runner.run(item)
        run.close()
    assert kinds(Ended(run)) == {}
