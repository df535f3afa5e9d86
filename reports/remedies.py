"""What the owner of a target can do about requirements that a run left without a verdict."""

import re
from collections.abc import Mapping

from contracts.judge.verdicts import RequirementVerdict, Verdict

_BY_REASON: Mapping[str, str] = {
    r"needs a value for (?P<names>.+) of (?P<service>\S+)": "Supply {names} in targets.toml, under "
    "[{service}.values]: as a literal, as env:NAME or as command:...",
    r"\S+: the environment variable (?P<name>\S+) is not set": "Set {name} for the run.",
    r".*: its command (failed|printed).*": "Mend the command in targets.toml: it prints the value and ends with 0.",
    r"the budget of .*": "Raise requests under [budget] in targets.toml, or choose a smaller profile.",
    r".* does not answer: .*": "Make the target reachable from here, and run again.",
    r"the configuration does not allow .* \((?P<what>.+) would\)": "Allow it in targets.toml ({what}), if the "
    "target's owner agrees.",
}
"""What helps, by the words of a run's reason; the words in braces are taken from it."""

_BY_VERDICT: Mapping[Verdict, str] = {
    "inconclusive": "Run again when the target answers reliably, with what the reason says is missing; under [budget], "
    "seconds gives it more time.",
    "out of scope": "Widen the scope of the configuration.",
}

_NOT_SENT = "Its messages were not sent: run without a selection, to the end, and with every shard."
_NO_SUCCESS = (
    "It speaks of a documented success, and none came. Look at the known-good message first: are the URL and the "
    "values in targets.toml right?"
)


def remedy(reached: RequirementVerdict) -> str:
    """What to supply or do, in a sentence or two, so that a requirement gets a verdict; empty where nothing would."""
    for pattern, said in _BY_REASON.items():
        if found := re.fullmatch(pattern, reached.reason, re.DOTALL):
            return said.format(**found.groupdict())
    if reached.verdict == "not exercised":
        return _NOT_SENT if reached.requirement.is_active else _NO_SUCCESS
    return _BY_VERDICT.get(reached.verdict, "")
