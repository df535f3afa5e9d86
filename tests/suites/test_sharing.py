"""A run shared out over shards, or sent by workers: the same report in the end, never surer than its evidence."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from contracts.loader import load_services, pick
from reports.reading import read_run
from reports.render import report
from reports.verify import verify
from suites.certification import Certification
from suites.configuration import Configuration, Target
from suites.embedded import EmbeddedTarget
from suites.header import Settings
from suites.plan import plan
from suites.sharing import Shard

ROOT = Path(__file__).parents[2]
FAULTS = ("fault_with_status_200", "refuses_least_number", "gives_token_for_invalid_credentials")
SHARDS = 5


@pytest.fixture(scope="module")
def targets() -> Iterator[dict[str, Target]]:
    """A reference target with faults, for runs that have findings of every kind to share out."""
    with EmbeddedTarget(tuple(word for name in FAULTS for word in ("--fault", name))) as embedded:
        yield dict(embedded.targets)


def settings(targets: dict[str, Target], out: Path, **more: Any) -> Settings:
    """The settings of a smoke run of all services, or of a part of it."""
    return Settings(
        services=pick(load_services(), [name for name in load_services() if name in targets]),
        configuration=Configuration(targets),
        out=out,
        profile="smoke",
        **more,
    )


def ran(told: Settings) -> Path:
    """The log of a run that ended."""
    certification = Certification(told)
    certification.send_all()
    certification.run.close()
    return certification.run.log.path


@pytest.fixture(scope="module")
def whole(targets: dict[str, Target], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the reports of one run of everything."""
    out = tmp_path_factory.mktemp("whole")
    report([ran(settings(targets, out))], out)
    return out


@pytest.fixture(scope="module")
def shards(targets: dict[str, Target], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The logs of five shards of the same run."""
    folder = tmp_path_factory.mktemp("shards")
    numbers = range(1, SHARDS + 1)
    return [ran(settings(targets, folder / str(each), shard=Shard(each, SHARDS))) for each in numbers]


def test_shards_share_out_the_whole_plan_evenly() -> None:
    drawn = plan(load_services(), (), "standard", 0)
    shares = [Shard(number, SHARDS).items(drawn) for number in range(1, SHARDS + 1)]
    assert sorted(item.id for share in shares for item in share) == sorted(item.id for item in drawn)
    loads = [sum(30 if item.limit is None else item.limit for item in share) for share in shares]
    assert max(loads) <= 1.1 * min(loads)
    assert Shard(1, 1).items(drawn) == drawn


# --- what differs between runs of the same plan -----------------------------------------------------------------------

_PSEUDONYMS = re.compile(r"((?:sessionid|LoginToken)(?:</b>)?(?:>|&gt;))[^<&]+")
"""Secrets of which each exchange has another."""

_CLOCKS = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z| UTC)?|\w{3}, \d\d \w{3} \d{4} [\d:]+ GMT"
)


def _without(text: str, stand_ins: dict[str, str]) -> str:
    """A report without clocks, keyed digests, pseudonyms and chain values."""
    for stand_in, name in sorted(stand_ins.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(stand_in, f"({name})")
    text = _PSEUDONYMS.sub(r"\1(secret)", text)
    text = _CLOCKS.sub("(time)", text)
    text = re.sub(r"127\.0\.0\.1:\d+(?=/[0-9a-f]{8}/)", "(witness)", text)  # each process has a port of its own
    text = re.sub(r"Content-Length: \d+", "Content-Length: (length)", text)  # what is compressed holds secrets, too
    text = re.sub(r"took <b>\d+ ms</b>", "took (time)", text)
    return re.sub(r"<dt>Merged from</dt><dd>.*?</dd>\n", "", text, flags=re.DOTALL)


def _stand_ins(log: Path) -> dict[str, str]:
    """What stands for configured secrets in a log, by what they are."""
    records = map(json.loads, log.read_bytes().splitlines())
    found = {each["stand_in"]: each["name"] for each in records if each["type"] == "value"}
    return {spelt: name for value, name in found.items() for spelt in (value, value.lower(), value.upper())}


def told(folder: Path) -> dict[str, str]:
    """Every report of a folder that is text, without what may differ."""
    stand_ins = _stand_ins(folder / "evidence.jsonl")
    names = ("verdict.json", "conformance.html", "junit.xml", "summary.md", "badge.svg")
    texts = {name: _without((folder / name).read_text("utf-8"), stand_ins) for name in names}
    texts["junit.xml"] = re.sub(r' time="[\d.]+"', "", texts["junit.xml"])
    return texts


@pytest.mark.parametrize("order", [1, -1])
def test_a_merged_report_of_five_shards_is_that_of_one_run(
    whole: Path, shards: list[Path], tmp_path: Path, order: int
) -> None:
    run = report(shards[::order], tmp_path)
    assert run.is_complete
    assert run.verdict == "not certified"
    one, other = told(whole), told(tmp_path)
    for name, text in one.items():
        differing = [
            pair for pair in zip(text.splitlines(), other[name].splitlines(), strict=True) if pair[0] != pair[1]
        ]
        assert differing[:3] == [], name
    assert verify(tmp_path / "evidence.jsonl", load_services()).problems == []


def test_a_shard_alone_is_never_certified(shards: list[Path], tmp_path: Path) -> None:
    run = read_run(shards[1])
    assert run.header.part == "shard 2/5"
    assert not run.is_complete
    assert any("shard 2/5" in each for each in run.open_ends)


def test_missing_shards_leave_the_whole_incomplete(shards: list[Path], tmp_path: Path) -> None:
    run = report([shards[0], shards[3]], tmp_path)
    assert not run.is_complete
    assert any("shards 1, 4 of 5" in each for each in run.open_ends)


@pytest.mark.parametrize("word", ["0/5", "6/5", "1", "1/0", "a/b", "-1/5", "1/5/2", ""])
def test_a_word_that_is_no_shard_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="share of a run"):
        Shard.of_word(word)


# --- on the command line ----------------------------------------------------------------------------------------------


def soapstone(*arguments: object) -> tuple[int, str]:
    """Exit status and words of a command."""
    command = [sys.executable, str(ROOT / "soapstone.py"), *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def configured(targets: dict[str, Target], tmp_path: Path) -> Path:
    """A targets.toml for the reference target."""
    lines = []
    for name, target in targets.items():
        lines += [f"[{name}]", f"url = {json.dumps(target.url)}", f"[{name}.values]"]
        lines += [f"{leaf} = {json.dumps(value)}" for leaf, value in target.values.items()]
    file = tmp_path / "targets.toml"
    file.write_text("\n".join(lines), "utf-8")
    return file


def verdicts(folder: Path) -> dict[tuple[str, ...], str]:
    """The verdict of each requirement on each binding, by verdict.json; messages come in another order with workers."""
    document = json.loads((folder / "verdict.json").read_text("utf-8"))
    names = ("service", "operation", "binding", "id")
    return {tuple(each[name] for name in names): each["verdict"] for each in document["requirements"]}


def test_workers_reach_the_verdicts_of_one_alone(whole: Path, configured: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    status, words = soapstone("certify", "--config", configured, "--profile", "smoke", "-n", 3, "--out", out)
    assert status == 1, words
    assert {each.name for each in out.iterdir()} == {
        "badge.svg", "conformance.html", "evidence.jsonl", "exchanges.har", "junit.xml", "run.html", "summary.md",
        "verdict.json",
    }  # fmt: skip
    assert verdicts(out) == verdicts(whole)
    assert told(out)["badge.svg"] == told(whole)["badge.svg"]
    assert verify(out / "evidence.jsonl", load_services()).problems == []
    counted = json.loads((out / "verdict.json").read_text("utf-8"))["summary"]
    passed = sum(counted.get(name, 0) for name in ("conformant", "deviates", "waived"))
    assert f"{counted['violated']} failed, {passed} passed" in words


def test_a_signed_shard_is_incomplete_and_proven(configured: Path, tmp_path: Path) -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    pem, raw = serialization.Encoding.PEM, serialization.NoEncryption()
    key, public, out = tmp_path / "key.pem", tmp_path / "key.pub", tmp_path / "out"
    key.write_bytes(private.private_bytes(pem, serialization.PrivateFormat.PKCS8, raw))
    public.write_bytes(private.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    chosen = ("--config", configured, "--service", "mobileconnect", "--profile", "smoke")
    status, words = soapstone("certify", *chosen, "--shard", "2/3", "--sign", key, "--out", out)
    assert status == 6, words
    assert "shard 2/3 of a run" in words
    status, words = soapstone("verify", out / "evidence.jsonl", "--key", public)
    assert status == 0, words
    with (out / "evidence.jsonl").open("ab") as log:
        log.write(b"\n")
    assert soapstone("verify", out / "evidence.jsonl", "--key", public)[0] == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--shard", "6/5"), "--shard: is no share of a run (found '6/5')"),
        (("--sign", "absent.pem"), "absent.pem: cannot be read"),
        (("-n", "2", "--out", "/dev/null/out"), "/dev/null/out/evidence.jsonl: cannot be written"),
        (("-n", "0"), "0 is not in the range"),
    ],
)
def test_what_cannot_be_shared_or_signed_is_told_before_anything_is_sent(
    options: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    status, said = soapstone("certify", "--out", tmp_path / "out", *options)
    assert status == 4, said
    assert words in said
    assert not (tmp_path / "out").exists()
