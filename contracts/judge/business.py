"""Refusals that are not faults: how each service says that it would not do what was asked."""

import re
from collections.abc import Callable, Iterable, Mapping

from contracts.judge.records import Response
from contracts.judge.trees import Element, children, descend, is_blank, text_of
from contracts.model import BusinessError


def business_error(rulings: Iterable[BusinessError], response: Response, payload: Element | None) -> str | None:
    """What the first ruling that matches says of the error; None if the answer reports no business error."""
    for ruling in rulings:
        said = _KINDS[ruling.kind](ruling, response, payload)
        if said is not None and said not in ruling.benign:
            return said
    return None


def _body_element(ruling: BusinessError, _: Response, payload: Element | None) -> str | None:
    """The payload is an error element."""
    if payload is None or payload.tag != ruling.element:
        return None
    codes = [text_of(each).strip() for each in payload.iter("{*}ErrorCode")]
    return next((code for code in codes if code), payload.tag.rpartition("}")[2])


def _header_status(ruling: BusinessError, response: Response, _: Element | None) -> str | None:
    """An HTTP field carries a status of 400 or more (three digits, as every status)."""
    value = (response.header(ruling.field or "") or "").strip()
    return f"{ruling.field} {value}" if re.fullmatch(r"[4-9][0-9]{2}", value) else None


def _filled(ruling: BusinessError, _: Response, payload: Element | None) -> str | None:
    """A member that only errors fill is present, not nil and not blank."""
    found = (each for each in descend(payload, ruling.path or "") if not is_blank(each))
    return next((text_of(each).strip() for each in found), None)


def _fault_code(ruling: BusinessError, _: Response, payload: Element | None) -> str | None:
    """A fault code stands beside the payload's members.

    All zeros with an empty or absent text is no error: the pages' samples print filled error members beside success.
    """
    code = _first_text(payload, ruling.path)
    text = _first_text(payload, ruling.text_path)
    is_error = bool(code) and (code.strip("0") != "" or bool(text))
    return f"{code} {text}".strip() if is_error else None


def _first_text(payload: Element | None, path: str | None) -> str:
    """The text of the first element at a path. A Body that types its content is its own payload."""
    return next((text_of(each).strip() for each in descend(payload, path or "")), "")


_KINDS: Mapping[str, Callable[[BusinessError, Response, Element | None], str | None]] = {
    "body_element": _body_element,
    "header_status": _header_status,
    "filled": _filled,
    "fault_code": _fault_code,
}


def is_leafless(element: Element) -> bool:
    """Whether nothing below an element (itself included) holds a value other than a type's default."""
    leaves = [each for each in element.iter("*") if next(children(each), None) is None]
    return all(is_blank(each) or _DEFAULT.fullmatch(text_of(each).strip()) for each in leaves)


_DEFAULT = re.compile(
    r"[+-]?0+|false|0001-01-01T00:00:00(?:\.0+)?(?:Z|[+-][0-9:]{5})?|00000000-0000-0000-0000-000000000000"
)
"""What .NET's serialisers write for a value that was never set; a dateTime may have been given a zone."""
