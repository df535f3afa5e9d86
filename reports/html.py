"""conformance.html: one self-contained page for an auditor."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports import words
from reports.anchors import binding_anchor, exchange_anchor
from reports.bodies import visible
from reports.page import page_of
from reports.run import Run

_TEMPLATES = Path(__file__).parent / "templates"


def conformance_html(run: Run) -> str:
    """The page's text. It loads nothing, runs nothing, and escapes all that came from elsewhere."""
    style = (_TEMPLATES / "conformance.css").read_text("utf-8")
    return (
        _environment()
        .get_template("conformance.html.j2")
        .render(page=page_of(run), run=run, style=Markup(style), policy=_policy(style), words=words)
    )


def _policy(style: str) -> str:
    """A content security policy that allows this style sheet and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"visible": visible, "grouped": "{:,}".format}
    environment.globals |= {"binding_anchor": binding_anchor, "exchange_anchor": exchange_anchor}
    return environment
