"""`soapstone qualify`: which faults and variants are chosen, what is told on the way, and what is written."""

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from contracts.errors import ContractError, Place
from reports.errors import OutputError
from suites.deviations import Deviation, Kind, deviations
from suites.qualification import Qualified, qualify
from suites.qualification_data import PACKAGED, PAGE, Document, as_json, document, unproved
from suites.qualification_page import page

Tell = Callable[[str], None]


def chosen(faults: Sequence[str], variants: Sequence[str], services: Sequence[str]) -> tuple[Deviation, ...]:
    """The faults and variants of those names on those services; all of them where none is named.

    Raises ContractError for a name that there is not.
    """
    known = tuple(deviations())
    named = {
        *_named(known, "--fault", ("fault", "equivalent"), faults),
        *_named(known, "--variant", ("variant",), variants),
    }
    touched = {touch.partition("/")[0] for each in known for touch in each.touches}
    _check(services, touched, "--service", "service")
    return tuple(
        each
        for each in known
        if (not named or each.name in named)
        and (not services or any(touch.partition("/")[0] in services for touch in each.touches))
    )


def _named(known: Iterable[Deviation], option: str, kinds: Sequence[Kind], names: Sequence[str]) -> Sequence[str]:
    _check(names, {each.name for each in known if each.kind in kinds}, option, kinds[0])
    return names


def _check(names: Sequence[str], known: Iterable[str], option: str, what: str) -> None:
    for name in names:
        if name not in known:
            hint = f"soapstone serve --list-{what}s shows them all" if what != "service" else f"Known: {sorted(known)}"
            raise ContractError(Place(Path(option)), f"there is no {what} of that name", value=name, hint=hint)


def campaign(wanted: Sequence[Deviation], *, jobs: int, variant_profile: str, tell: Tell) -> Document:
    """Runs them, tells of each that is wrong as it is found, and of all that is at the end."""
    begun = time.monotonic()
    done = 0

    def tell_of(found: Qualified) -> None:
        nonlocal done
        done += 1
        if not found.is_right:
            tell(wrong_line(found))
        elif done % 25 == 0:
            tell(f"{done} of {len(wanted)} after {time.monotonic() - begun:.0f} seconds")

    found = qualify(wanted, jobs=jobs, variant_profile=variant_profile, tell=tell_of)
    return document(found, seconds=time.monotonic() - begun, jobs=jobs)


def wrong_line(found: Qualified) -> str:
    """What is wrong about one deviation, on one line."""
    deviation = found.deviation
    if deviation.kind == "fault":
        instead = ", ".join(found.violated + found.deviating) or "nothing"
        return (
            f"missed: fault {deviation.name} on {', '.join(found.missed_on)}: none of "
            f"{', '.join(deviation.requirements)} showed a {deviation.effect} in {found.requests} requests; "
            f"found instead: {instead}"
        )
    return f"flagged: {deviation.kind} {deviation.name}: {', '.join(found.violated)}"


def last_lines(content: Document, *, whole: bool) -> Sequence[str]:
    """The counts, and for a whole campaign the requirements that nothing proved."""
    lines = [
        f"{row['right']} of {row['number']} {row['title']} right, {row['first_try']} of them at the first try"
        for row in content["summary"]
        if row["number"]
    ]
    open_ones = unproved(content) if whole else ()
    lines += [f"no fault made it fail: {name}" for name in open_ones]
    return [*lines, f"{content['requests']:,} requests in {content['seconds']:.0f} seconds"]


def is_right(content: Document, *, whole: bool) -> bool:
    """Whether nothing was missed, nothing flagged that is legal, and, of a whole campaign, every must proved."""
    rows = (*content["faults"], *content["variants"], *content["equivalent"])
    return all(row["right"] for row in rows) and not (whole and unproved(content))


def write(files: Iterable[tuple[Path, str]]) -> None:
    """Writes each text to its file, in one step. Raises OutputError."""
    for file, text in files:
        waiting = file.with_name(f".{file.name}.part")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            waiting.write_text(text, "utf-8")
            waiting.replace(file)
        except OSError as error:
            with contextlib.suppress(OSError):
                waiting.unlink()
            raise OutputError(file, error) from error


def check_checkout() -> None:
    """Raises ContractError where this is not run from a checkout, whose page and data could be written."""
    if not PAGE.parent.is_dir():
        raise ContractError(
            Place(Path("--write")), f"there is no {PAGE.parent}", hint="Give a folder with --out instead"
        )


def outputs(content: Document, out: Path | None, *, into_checkout: bool) -> Sequence[tuple[Path, str]]:
    """The files of a result: in a folder, and in the checkout that this is run from."""
    texts = (page(content), as_json(content))
    files: list[tuple[Path, str]] = []
    if out is not None:
        files += [(out / PAGE.name, texts[0]), (out / PACKAGED.name, texts[1])]
    if into_checkout:
        files += [(PAGE, texts[0]), (PACKAGED, texts[1])]
    return files
