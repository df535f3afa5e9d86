"""The options of a run, in one table: for `soapstone certify`, and for pytest.

Imports nothing of ours, so that the command line is there at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["text", "number", "count", "path", "log", "switch"]

PROTOCOLS = ("soap11", "soap12", "xml", "http_get", "http_post")
PROFILES = ("smoke", "standard", "thorough")


def count(word: str) -> int:
    """The number, from 1, that a word says. ValueError for any other word."""
    number = int(word)
    if number < 1:
        raise ValueError("counts from 1")
    return number


def log_of(word: str) -> Path:
    """The log that a word names, as a file or by the folder of its run."""
    path = Path(word)
    return path / "evidence.jsonl" if path.is_dir() else path


TYPES: Mapping[Kind, Callable[[str], Any]] = {
    "text": str,
    "number": int,
    "count": count,
    "path": Path,
    "log": log_of,
    "switch": bool,
}


@dataclass(frozen=True, slots=True)
class Flag:
    """One option. `in_pytest` is its name there, where pytest has one of its own name; `short` a letter for click."""

    name: str
    help: str
    kind: Kind = "text"
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    default: Any = None
    repeats: bool = False
    short: str = ""
    in_pytest: str = ""

    @property
    def word(self) -> str:
        """The option for pytest."""
        return f"--{self.in_pytest or self.name}"

    def arguments(self, value: Any) -> list[str]:
        """The words by which pytest is told a value that the command line was given."""
        if self.kind == "switch":
            return [self.word] if value else []
        values = value if self.repeats else [value]
        return [f"{self.word}={each}" for each in values if each is not None]


SELECTION = (
    Flag("service", "Only this service (repeatable).", metavar="NAME", repeats=True, short="s"),
    Flag("binding", "Only this binding (repeatable).", choices=PROTOCOLS, repeats=True, short="b"),
    Flag("contracts", "Folder of services, instead of the shipped ones.", kind="path", metavar="DIR"),
    Flag("profile", "How much is sent.", choices=PROFILES, default="standard"),
    Flag("seed", "Seed of what is drawn.", kind="number", metavar="N", default=0),
    Flag("shard", "Only this share of the plan, such as 2/5; soapstone report makes the logs one.", metavar="I/N"),
)
"""What chooses services, bindings and messages."""

TARGETS = (
    Flag("target", "Where a service runs (repeatable).", metavar="SERVICE=URL", repeats=True, short="t"),
    Flag("config", "targets.toml: targets and values.", kind="path", metavar="FILE", in_pytest="targets"),
)
"""What says where services run."""

RUN = (
    Flag("beside", "Compare with the original of a service (repeatable).", metavar="SERVICE=URL", repeats=True),
    Flag("strict", "Deviations count as violations.", kind="switch", default=False, in_pytest="strict-verdict"),
    Flag("waivers", "waivers.toml: what is accepted.", kind="path", metavar="FILE"),
    Flag("resume", "Log of a run that did not send all, to send only what it lacks.", kind="log", metavar="LOG"),
    Flag("workers", "How many messages are under way at once.", kind="count", metavar="N", short="n"),
    Flag("sign", "Private key (PEM, Ed25519) to sign the log with.", kind="path", metavar="KEY"),
    Flag("out", "Folder for the reports.", kind="path", metavar="DIR"),
)
"""How a run goes, and what it leaves."""

FLAGS = (*SELECTION, *TARGETS, *RUN)
