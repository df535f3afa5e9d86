"""badge.svg: the verdict of a run in a small picture."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from contracts.judge.verdicts import RunVerdict
from reports.run import Run

_COLOURS: Mapping[RunVerdict, str] = {
    "certified": "#1b6b43",
    "certified with deviations": "#8a5a00",
    "incomplete": "#5a4a9c",
    "not certified": "#a8231b",
}
_NAME = "soapstone"
_CHARACTER = 6.6
"""Average width of a character at 11 pixels."""


def badge_svg(run: Run) -> str:
    """The picture's text. White on these colours has a contrast of 5 to 1 or more."""
    left, right = (round(len(text) * _CHARACTER + 14) for text in (_NAME, run.verdict))
    label = escape(f"{_NAME}: {run.verdict}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{label}">'
        f"<title>{label}</title>"
        f'<rect width="{left}" height="20" fill="#333"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{_COLOURS[run.verdict]}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{left / 2}" y="14" textLength="{left - 14}">{_NAME}</text>'
        f'<text x="{left + right / 2}" y="14" textLength="{right - 14}">{escape(run.verdict)}</text></g></svg>\n'
    )
