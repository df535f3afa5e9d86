"""Runs of the suite against the reference target, made once for the tests of their evidence."""

from functools import cache
from pathlib import Path

from contracts.loader import load_services, pick
from suites.certification import Certification
from suites.configuration import Configuration
from suites.embedded import EmbeddedTarget
from suites.header import Settings


def certified(folder: Path, *arguments: str, services: tuple[str, ...] = ()) -> Path:
    """The log of a smoke run against the reference target with these arguments."""
    with EmbeddedTarget(arguments) as embedded:
        chosen = pick(all_services(), services)
        targets = {name: embedded.targets[name] for name in chosen}
        certification = Certification(
            Settings(services=chosen, configuration=Configuration(targets), out=folder, profile="smoke")
        )
        certification.send_all()
        certification.run.close()
    return certification.run.log.path


all_services = cache(load_services)
