"""The documented services on genuine stacks: their SOAP machinery is not ours, so their answers are facts.

By hand, `python -m tests.stacks.servers asmx` prints the targets as one line of JSON and serves until Ctrl-C.
"""

import argparse
import json
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from .asmx import asmx
from .datacontract import datacontract
from .partstream import gsoap, php_soap, soap_lite
from .processes import StackUnavailable
from .stack import Stack, Target
from .utws import npm_soap, spyne

__all__ = [
    "STACKS",
    "Stack",
    "StackUnavailable",
    "Target",
    "asmx",
    "datacontract",
    "gsoap",
    "npm_soap",
    "php_soap",
    "soap_lite",
    "spyne",
]

STACKS: dict[str, Callable[[Path | None], AbstractContextManager[Stack]]] = {
    "asmx": asmx,
    "php": php_soap,
    "perl": soap_lite,
    "gsoap": gsoap,
    "datacontract": datacontract,
    "spyne": spyne,
    "npm": npm_soap,
}


def main() -> None:
    """Serves one stack until it is interrupted or terminated."""
    parser = argparse.ArgumentParser(prog="python -m tests.stacks.servers")
    parser.add_argument("stack", choices=STACKS)
    name = parser.parse_args().stack
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with STACKS[name](None) as stack:
            print(json.dumps(stack.targets), flush=True)
            signal.pause()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
