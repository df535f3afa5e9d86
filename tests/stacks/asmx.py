"""UTWS and ECGridOS on ASP.NET ASMX, the stack that their pages come from: Mono's System.Web.Services."""

import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from string import Template

from .processes import free_port, program, running, wait_until_ready
from .stack import ASSETS, Stack, Target, answers, working_folder

SITE = ASSETS / "asmx" / "site"

ECGRIDOS_SESSION = "4e2f3a9c-8f6d-4f0e-9b59-0d6a0a6f4b11"
"""The only SessionID that the ECGridOS server knows."""


class _NginxTemplate(Template):
    """nginx writes its own variables with a dollar sign."""

    delimiter = "@"


@contextmanager
def asmx(folder: Path | None = None) -> Iterator[Stack]:
    """Both services behind nginx, UTWS over SOAP, ECGridOS over HTTP GET and POST too.

    Logs and temporary files go to `folder`; None means one that is removed at the end.
    Raises StackUnavailable.
    """
    port = free_port()
    targets = _targets(f"http://127.0.0.1:{port}")
    with working_folder(folder) as working, _mono(working) as mono, _nginx(working, port) as nginx:
        # The first request to an .asmx file compiles it.
        wait_until_ready(
            lambda: all(answers(f"{target['url']}?wsdl") for target in targets.values()),
            processes=[mono, nginx],
            folder=working,
        )
        yield Stack("asmx", targets)


def _targets(root: str) -> dict[str, Target]:
    ecgridos = Target(url=f"{root}/v4.1/prod/ECGridOS.asmx", values={"SessionID": ECGRIDOS_SESSION})
    return {"utws": Target(url=f"{root}/usagetracking/utws.asmx", values={}), "ecgridos": ecgridos}


def _mono(folder: Path) -> AbstractContextManager[subprocess.Popen[bytes]]:
    program("mcs", package="mono-mcs")  # which ASP.NET calls to compile the .asmx files
    return running(
        [
            program("fastcgi-mono-server4", package="mono-fastcgi-server4"),
            f"--applications=/:{SITE}",
            "--socket=unix",
            f"--filename={_socket(folder)}",
            "--printlog",
            "--loglevels=Standard",
        ],
        log=folder / "mono.log",
        environment={"ECGRIDOS_SESSION_ID": ECGRIDOS_SESSION, "TMPDIR": str(folder)},
    )


def _nginx(folder: Path, port: int) -> AbstractContextManager[subprocess.Popen[bytes]]:
    nginx = program("nginx", package="nginx-light")
    template = _NginxTemplate((ASSETS / "asmx" / "nginx.conf").read_text())
    (folder / "nginx.conf").write_text(template.substitute(port=port, site=SITE, socket=_socket(folder)))
    command = [nginx, "-p", str(folder), "-c", "nginx.conf", "-e", "nginx-error.log"]
    return running(command, log=folder / "nginx.log", environment={})


def _socket(folder: Path) -> Path:
    """Where nginx talks to Mono."""
    return folder / "mono.sock"
