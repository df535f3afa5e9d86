"""Server processes for the genuine stacks: found, started, waited for, and ended by their process ids."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

LOG_TAIL = 2_000
"""Characters of each log that an error message quotes."""


class StackUnavailable(RuntimeError):  # noqa: N818 - it says what is the case, as ProcessLookupError does
    """A genuine stack is not installed or does not start. No reason to skip: nothing would be proved."""


def program(name: str, *, package: str) -> str:
    """Path of an installed program. Raises StackUnavailable, which names the Debian package that has it."""
    # Debian keeps nginx in a folder that is not on every user's path.
    path = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))
    if path is None:
        raise StackUnavailable(f"{name} is not installed; on Debian: apt-get install {package}")
    return path


def free_port() -> int:
    """A port of the loopback interface that is free now; another process may still take it first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The started command, in a process group of its own that ends with the context.

    `environment` is added to ours; `log` takes both of its output streams.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | environment,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes], *, patience: float = 5) -> None:
    """Ends the group that `process` leads, killing what is left of it after `patience` seconds.

    The group is killed even if its leader went quietly: PHP's workers or a C# compiler may outlive it.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue


def wait_until_ready(
    is_ready: Callable[[], bool],
    *,
    processes: Sequence[subprocess.Popen[bytes]],
    folder: Path,
    seconds: float = 60,
) -> None:
    """Returns once `is_ready` says so. Raises StackUnavailable, which quotes the logs in `folder`, otherwise.

    Gives up after `seconds`, or as soon as one of `processes` has ended. The default leaves a slow machine
    the time to compile the C# of a first request.
    """
    deadline = time.monotonic() + seconds
    while not is_ready():
        if any(process.poll() is not None for process in processes):
            raise StackUnavailable(f"a server ended at its start\n{_tails(folder)}")
        if time.monotonic() > deadline:
            raise StackUnavailable(f"no good answer in {seconds} s\n{_tails(folder)}")
        time.sleep(0.05)


def _tails(folder: Path) -> str:
    """The end of each log, under its name."""
    logs = sorted(folder.glob("*.log"))
    return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-LOG_TAIL:]}" for log in logs)
