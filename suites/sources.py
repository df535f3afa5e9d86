"""Where configured values come from: the file itself, the environment, another file, a command."""

import os
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

COMMAND_SECONDS = 60
"""A command that hands out a value has this long."""

OPERATION = "operation"
"""The word before the colon of a value that the answer of another operation of the service gives."""

_LARGEST_FILE = 64 * 1024
"""Bytes of a file beyond which it holds no secret that fits a request's field or leaf."""

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document can hold (XML 1.0, section 2.2)."""


class ValueUnavailableError(RuntimeError):
    """A configured value cannot be had: the variable is not set, the file is not there, or the command failed."""


def resolve(source: str, name: str) -> str:
    """The value that a literal, `env:NAME`, `file:PATH` or `command:...` stands for; `name` says whose it is in errors.

    Raises ValueUnavailableError.
    """
    kind, _, rest = source.partition(":")
    value = _SOURCES[kind](rest, name) if kind in _SOURCES else source
    if _UNWRITABLE.search(value):
        raise ValueUnavailableError(f"{name}: the value holds characters that no XML document can hold")
    return value


def is_secret_source(source: str) -> bool:
    """Whether values from there are secret wherever they stand."""
    return source.partition(":")[0] in (*_SOURCES, OPERATION)


def is_renewable(source: str) -> bool:
    """Whether asking again may give another value, for one that has lapsed."""
    return source.partition(":")[0] in ("command", "file", OPERATION)


def is_known_beforehand(source: str) -> bool:
    """Whether a value can be had before anything is sent or run."""
    return source.partition(":")[0] not in ("command", OPERATION)


def anchored(source: str, folder: Path) -> str:
    """The source with the path of a file made relative to the folder that the configuration stands in."""
    kind, _, rest = source.partition(":")
    return f"file:{folder / rest}" if kind == "file" else source


def _from_environment(variable: str, name: str) -> str:
    if variable not in os.environ:
        raise ValueUnavailableError(f"{name}: the environment variable {variable} is not set")
    if not os.environ[variable]:
        raise ValueUnavailableError(f"{name}: the environment variable {variable} is empty")
    return os.environ[variable]


def _from_file(path: str, name: str) -> str:
    """A file's content without the line end that editors put behind it."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        text = content.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ValueUnavailableError(f"{name}: {path} cannot be read: {reason}") from error
    value = text.removesuffix("\n").removesuffix("\r")
    if not value or len(content) > _LARGEST_FILE:
        raise ValueUnavailableError(f"{name}: {path} {'holds nothing' if not value else 'is too large for a value'}")
    return value


def _run(command: str, name: str) -> str:
    """First line of a command's output. The command's own words may hold secrets and are not repeated."""
    try:
        done = subprocess.run(
            shlex.split(command),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as error:
        raise ValueUnavailableError(f"{name}: its command failed ({_why_failed(error)})") from error
    lines = done.stdout.splitlines()
    if not lines or not lines[0].strip():
        raise ValueUnavailableError(f"{name}: its command printed nothing")
    return lines[0].strip()


def _why_failed(error: Exception) -> str:
    """Why a command gave nothing, without its words."""
    if isinstance(error, subprocess.CalledProcessError):
        return f"exit status {error.returncode}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"it took more than {COMMAND_SECONDS} seconds"
    return "no such program" if isinstance(error, FileNotFoundError) else type(error).__name__


_SOURCES: Mapping[str, Callable[[str, str], str]] = {
    "env": _from_environment,
    "file": _from_file,
    "command": _run,
}
"""Where a value can come from, by the word before its colon; anything else is the value itself."""
