"""UTWS on stacks that its page does not come from: spyne, and npm's soap, which checks next to nothing.

Each takes a folder for its logs, None for one that is removed, and raises StackUnavailable.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .processes import StackUnavailable, free_port, program, running, wait_until_ready
from .stack import ASSETS, Stack, Target, answers, working_folder


@contextmanager
def spyne(folder: Path | None = None) -> Iterator[Stack]:
    """spyne, in the Python that runs this."""
    _check([sys.executable, "-c", "import spyne"], advice="pip install spyne")
    with _serving("spyne", [sys.executable, str(ASSETS / "spyne" / "server.py")], folder) as stack:
        yield stack


@contextmanager
def npm_soap(folder: Path | None = None) -> Iterator[Stack]:
    """npm's soap; NODE_PATH leads to where it is installed."""
    node = program("node", package="nodejs")
    advice = "npm install --prefix FOLDER soap, and set NODE_PATH=FOLDER/node_modules"
    _check([node, "-e", "require('soap')"], advice=advice)
    with _serving("npm", [node, str(ASSETS / "node" / "server.js")], folder) as stack:
        yield stack


@contextmanager
def _serving(name: str, command: Sequence[str], folder: Path | None) -> Iterator[Stack]:
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    with (
        working_folder(folder) as working,
        running([*command, str(port)], log=working / f"{name}.log", environment={}) as process,
    ):
        wait_until_ready(lambda: answers(f"{root}/ready"), processes=[process], folder=working)
        yield Stack(name, {"utws": Target(url=f"{root}/usagetracking/utws.asmx", values={})})


def _check(command: Sequence[str], *, advice: str) -> None:
    """Runs a command that fails where the stack is not installed; StackUnavailable then says what to do."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise StackUnavailable(f"{command[0]} has it not: {advice}\n{done.stderr}")
