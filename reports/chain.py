"""The hash chain over the lines of a log: each line carries a seal over itself and the seal before it.

The chain shows that a log is as it was written, up to its footer. It detects accidents and careless edits; whoever
changes a log and makes the chain anew is only found out by a signature (`reports.signing`).
"""

import hashlib
import re

START = "0" * 64
"""What stands before the first line's seal."""

_SEALED = re.compile(rb'(.*),"seal":"([0-9a-f]{64})"\}\n', re.DOTALL)


def sealed(record: bytes, before: str) -> tuple[bytes, str]:
    """The line of a JSON object, its seal as its last member; and the seal itself."""
    content = record[:-1]
    seal = _seal_of(content, before)
    return b'%s,"seal":"%s"}\n' % (content, seal.encode()), seal


def seal_of(line: bytes) -> str | None:
    """The seal that a line carries; None if it carries none."""
    found = _SEALED.fullmatch(line)
    return None if found is None else found.group(2).decode()


def is_next(line: bytes, before: str) -> bool:
    """Whether a line is as it was written, right after the line with the seal `before`."""
    found = _SEALED.fullmatch(line)
    return found is not None and _seal_of(found.group(1), before) == found.group(2).decode()


def _seal_of(content: bytes, before: str) -> str:
    return hashlib.sha256(before.encode() + content).hexdigest()
