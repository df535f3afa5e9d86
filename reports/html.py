"""conformance.html: one self-contained page for an auditor."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports import words
from reports.anchors import binding_anchor, exchange_anchor, requirement_anchor
from reports.bodies import shortened, visible
from reports.changes import Changes
from reports.page import is_named, page_of
from reports.quality import quality
from reports.run import Run
from reports.statement import clock, outcome, statement

_TEMPLATES = Path(__file__).parent / "templates"


def conformance_html(run: Run, changes: Changes | None = None) -> str:
    """The page's text, with what changed since an earlier run if that is given.

    It loads nothing, runs its own script and nothing else, and escapes all that came from elsewhere.
    """
    style, script = ((_TEMPLATES / f"conformance.{kind}").read_text("utf-8") for kind in ("css", "js"))
    return (
        _environment()
        .get_template("conformance.html.j2")
        .render(
            page=page_of(run),
            outcome=outcome(run),
            statement=statement(run),
            quality=quality(),
            run=run,
            changes=changes,
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
            words=words,
        )
        .lstrip()
    )


def _policy(style: str, script: str) -> str:
    """A content security policy that allows this style sheet, this script and nothing else."""
    allowed = f"style-src {_source(style)}; script-src {_source(script)}"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"visible": visible, "shortened": shortened, "grouped": "{:,}".format, "clock": clock}
    environment.tests |= {"named": is_named}
    environment.globals |= {
        "binding_anchor": binding_anchor,
        "exchange_anchor": exchange_anchor,
        "requirement_anchor": requirement_anchor,
    }
    return environment
