"""The embedded reference target, as a process of its own, for runs that name no target."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from suites.configuration import Target

HOME = str(Path(__file__).parent.parent)
"""Where the rooms are imported from, whatever the working folder holds."""


class EmbeddedError(RuntimeError):
    """The reference target did not start."""


class EmbeddedTarget:
    """A reference target that lives as long as this object. It ends with this process, however that ends."""

    def __init__(self, arguments: tuple[str, ...] = ()) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "reference", "--with-parent", *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [HOME, os.environ.get("PYTHONPATH")]))},
            start_new_session=True,  # an interrupt at the terminal is ours to handle
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.targets = self._ready()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the process, and waits for its end."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ready(self) -> Mapping[str, Target]:
        """The targets that the process announces on its first line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            announced: Mapping[str, Mapping[str, Any]] = json.loads(line)["targets"]
        except (ValueError, KeyError, TypeError) as error:
            self.stop()
            raise EmbeddedError("the embedded reference target did not start; its own words are above") from error
        return {name: Target(name, each["url"], each["values"]) for name, each in announced.items()}
