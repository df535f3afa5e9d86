"""MobileConnect and Studebaker on Mono's DataContractSerializer, which tells errors as ServiceStack does."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .processes import StackUnavailable, free_port, program, running, wait_until_ready
from .stack import ASSETS, Stack, Target, answers, working_folder

SOURCES = ASSETS / "datacontract"
LIBRARIES = "System.ServiceModel,System.Runtime.Serialization,System.Xml"
DEVICE = "SN-5d1f0a9c8f6d4f0e"
SESSION = "9c1d7f04-31f5-4d7e-9a43-0d6a0a6f4b55"
USER = "user-4e2f3a9c8f6d4f0e"
PASSWORD = "a-password-of-the-server"
"""The credentials that the server is started with, and no others are known to it."""


@contextmanager
def datacontract(folder: Path | None = None) -> Iterator[Stack]:
    """Both services behind HttpListener, compiled first.

    Logs go to `folder`; None means one that is removed at the end. Raises StackUnavailable.
    """
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    targets = {
        "mobileconnect": Target(
            url=f"{root}/mobileconnect", values={"DeviceSerialNumber": DEVICE, "SessionUid": SESSION}
        ),
        "studebaker": Target(url=f"{root}/studebaker", values={"Username": USER, "Password": PASSWORD}),
    }
    environment = {
        "MOBILECONNECT_DEVICE": DEVICE,
        "MOBILECONNECT_SESSION": SESSION,
        "STUDEBAKER_USER": USER,
        "STUDEBAKER_PASSWORD": PASSWORD,
    }
    with working_folder(folder) as working:
        command = [program("mono", package="mono-runtime"), str(_compiled(working)), str(port)]
        with running(command, log=working / "mono.log", environment=environment) as process:
            wait_until_ready(lambda: answers(f"{root}/ready"), processes=[process], folder=working)
            yield Stack("datacontract", targets)


def _compiled(folder: Path) -> Path:
    """The server, built in `folder`."""
    server = folder / "server.exe"
    sources = [str(source) for source in sorted(SOURCES.glob("*.cs"))]
    command = [program("mcs", package="mono-mcs"), f"-out:{server}", f"-r:{LIBRARIES}", *sources]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        package = "libmono-system-servicemodel4.0a-cil libmono-system-runtime-serialization4.0-cil"
        raise StackUnavailable(f"mcs failed; on Debian: apt-get install {package}\n{done.stdout}{done.stderr}")
    return server
