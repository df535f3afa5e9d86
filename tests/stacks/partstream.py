"""3DPartStream's SWServiceLogout on the stacks such a page may come from: PHP, SOAP::Lite and gSOAP.

Each keeps its sessions as empty files in a folder, and its sessionid is a command that opens a fresh one.
Like asmx(), each takes a folder for its logs, None for one that is removed, and raises StackUnavailable.
"""

import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .processes import StackUnavailable, free_port, program, running, wait_until_ready
from .stack import ASSETS, HERE, Stack, Target, answers, working_folder


@contextmanager
def php_soap(folder: Path | None = None) -> Iterator[Stack]:
    """PHP's SoapServer."""
    php = program("php", package="php-cli")
    _check([php, "-r", "exit(class_exists('SoapServer') ? 0 : 1);"], package="php-soap")
    port = free_port()
    # Warnings belong in the log: printed, they would spoil the answer they interrupt.
    command = [php, "-d", "display_errors=0", "-S", f"127.0.0.1:{port}", str(ASSETS / "php" / "router.php")]
    with working_folder(folder) as working:
        environment = {"PARTSTREAM_SESSIONS": str(_sessions(working)), "PHP_CLI_SERVER_WORKERS": "8"}
        with _serving("php", command, folder=working, port=port, sessions_port=port, environment=environment) as stack:
            yield stack


@contextmanager
def soap_lite(folder: Path | None = None) -> Iterator[Stack]:
    """Perl's SOAP::Lite."""
    perl = program("perl", package="perl")
    _check([perl, "-MSOAP::Lite", "-MSOAP::Transport::HTTP", "-e1"], package="libsoap-lite-perl")
    port, sessions_port = free_port(), free_port()
    with working_folder(folder) as working:
        script = str(ASSETS / "perl" / "server.pl")
        command = [perl, script, str(port), str(sessions_port), str(_sessions(working))]
        with _serving("perl", command, folder=working, port=port, sessions_port=sessions_port) as stack:
            yield stack


@contextmanager
def gsoap(folder: Path | None = None) -> Iterator[Stack]:
    """gSOAP, generated and compiled first."""
    port = free_port()
    with working_folder(folder) as working:
        command = [str(_compiled(working)), str(port), str(_sessions(working))]
        with _serving("gsoap", command, folder=working, port=port, sessions_port=port) as stack:
            yield stack


@contextmanager
def _serving(
    name: str,
    command: Sequence[str],
    *,
    folder: Path,
    port: int,
    sessions_port: int,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Stack]:
    """The stack that `command` serves on `port`, which opens sessions on `sessions_port`."""
    opener = f"http://127.0.0.1:{sessions_port}/session"
    mint = shlex.join([sys.executable, "-I", "-S", str(HERE / "mint.py"), opener])
    target = Target(url=f"http://127.0.0.1:{port}/soap", values={"sessionid": f"command:{mint}"})
    with running(command, log=folder / f"{name}.log", environment=environment or {}) as process:
        wait_until_ready(lambda: answers(opener), processes=[process], folder=folder)
        yield Stack(name, {"partstream": target})


def _sessions(folder: Path) -> Path:
    sessions = folder / "sessions"
    sessions.mkdir()
    return sessions


def _compiled(folder: Path) -> Path:
    """The gSOAP server, built in `folder`."""
    source = ASSETS / "gsoap"
    soapcpp2 = program("soapcpp2", package="gsoap")
    compiler = program("gcc", package="gcc")
    server = folder / "server"
    _check([soapcpp2, "-c", "-S", "-x", "-L", f"-d{folder}", str(source / "logout.h")], package="gsoap")
    generated = [str(folder / "soapC.c"), str(folder / "soapServer.c")]
    _check(
        [compiler, f"-I{folder}", "-o", str(server), str(source / "server.c"), *generated, "-lgsoap"],
        package="libgsoap-dev",
    )
    return server


def _check(command: Sequence[str], *, package: str) -> None:
    """Runs a command that fails if `package` is missing; StackUnavailable then says so."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        raise StackUnavailable(
            f"{shlex.join(command)} failed; on Debian: apt-get install {package}\n{done.stdout}{done.stderr}"
        )
