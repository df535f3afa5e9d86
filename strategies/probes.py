"""Security probes: small messages that do harm only where a target does what no message may make it do.

Each names what it is after; the known-good message follows each. External entities point to a witness that the run
itself listens as, on loopback, or to files that every system has. Sources: XML 1.0 section 4, CWE-611 and CWE-776
(entities), CWE-674 (depth), CWE-400 (size), CWE-113 (fields), CWE-89 and CWE-643 (queries), CWE-502 (types).
"""

import re
from collections.abc import Callable
from typing import Final

from contracts.judge.records import Request
from contracts.names import XSI
from contracts.values import placeholder
from strategies.defects import FOREIGN, UNKNOWN, Sample
from strategies.documents import text_leaf, with_text_in_leaf
from strategies.variations import Maker, Variation, Variations
from strategies.wire import DECLARATION, form, pairs

WITNESS: Final = "soapstone-witness"
"""Name under which the run fills in the address of its witness."""

MARK: Final = "soapstone-entity"
"""What the innermost entity of an expansion holds."""

LEVELS, REFERENCES = 3, 10
"""A thousand copies of the innermost entity, some 16 KB: enough to be seen, too little to harm."""

DEEP: Final = 1_000
"""Levels of nesting: more than any message has, and less than what readers are known to bear."""

LARGE: Final = 1024 * 1024
"""Characters of an oversized value."""

MANY: Final = 2_000
"""Attributes or members of a wide element."""

LONG: Final = 16 * 1024
"""Characters of a long name: no field of HTTP and no parser's buffer holds as many."""

_ROOT = re.compile(r"<(?![?!])")


def _declaring(subset: str, text: str) -> str:
    """A document with an internal subset; its root is declared under any name, as nothing validates it."""
    found = _ROOT.search(text)
    assert found is not None
    return f"{text[: found.start()]}<!DOCTYPE soapstone [{subset}]>{text[found.start() :]}"


def _with_entity(subset: str, reference: str = "&probe;") -> Maker:
    """A document that declares entities, and refers to one in a text that may hold anything."""

    def make(sample: Sample) -> Request | None:
        return None if sample.binding.is_form else sample.with_text(_declaring(subset, _with_inner(sample, reference)))

    return make


def _with_inner(sample: Sample, markup: str) -> str:
    """The sample's document with markup in place of a text that may hold anything, and that may come back."""
    return with_text_in_leaf(sample, _PLACE).replace(_PLACE, markup)


_PLACE: Final = "soapstonemark"


def _including(place: str) -> Maker:
    """What XInclude puts there, if somebody carries it out, as the text of a leaf."""
    markup = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="{place}"/>'
    return lambda sample: None if sample.binding.is_form else sample.with_text(_with_inner(sample, markup))


def _nested_entities() -> str:
    levels = [f'<!ENTITY e0 "{MARK}">']
    for level in range(1, LEVELS + 1):
        levels.append(f'<!ENTITY e{level} "{f"&e{level - 1};" * REFERENCES}">')
    return "".join(levels)


def _external(place: str) -> str:
    return f'<!ENTITY probe SYSTEM "{place}">'


def _with_witness(name: str) -> str:
    return f"{placeholder(WITNESS)}{name}"


def _document_type_of_another(sample: Sample) -> Request | None:
    """A document type whose external subset is the witness's."""
    if sample.binding.is_form:
        return None
    found = _ROOT.search(sample.text)
    assert found is not None
    declared = f'<!DOCTYPE soapstone SYSTEM "{_with_witness("subset")}">'
    return sample.with_text(f"{sample.text[: found.start()]}{declared}{sample.text[found.start() :]}")


def _with_value(value: str) -> Maker:
    """The known-good message with a text in a leaf that takes any, or in a member or parameter that nobody knows."""

    def make(sample: Sample) -> Request | None:
        site = text_leaf(sample)
        if site is not None:
            return sample.with_payload(sample.template.with_values({site.where: value}))
        if sample.binding.is_form:
            return form(sample.binding, [*pairs(sample.template.payload), (UNKNOWN, value)])
        return sample.with_text(with_text_in_leaf(sample, value)) if _is_writable(value) else None

    return make


def _is_writable(value: str) -> bool:
    return value.isprintable() or set(value) <= set("\r\n") | set(map(chr, range(32, 127)))


def _in_credential(value: str) -> Maker:
    """A made-up message with a text in the first credential that takes any.

    Every credential is made up, so that no real one is ever sent beside a wrong one.
    """

    def make(sample: Sample) -> Request | None:
        template = sample.template
        for site in template.credentials:
            payload = template.with_values({**template.made_up_values(), site.where: value})
            if template.is_valid(payload):
                return sample.with_payload(payload)
        return None

    return make


def _with_markup(markup: str) -> Maker:
    """Elements put before the members of the operation, as text of the document."""

    def make(sample: Sample) -> Request | None:
        if sample.binding.is_form:
            return None
        text = sample.text
        inside = text.find("Body>") if sample.binding.is_soap else len(DECLARATION)
        start = text.find("<", inside + 1 if sample.binding.is_soap else inside)
        end = text.find(">", start)
        return sample.with_text(f"{text[: end + 1]}{markup}{text[end + 1 :]}")

    return make


def _nested() -> str:
    return f"<{UNKNOWN}>" * DEEP + f"</{UNKNOWN}>" * DEEP


def _wide() -> str:
    attributes = " ".join(f'a{index}=""' for index in range(MANY))
    return f"<{UNKNOWN} {attributes}/>" + f"<{UNKNOWN}/>" * MANY


def _with_field(name: str, value: str) -> Maker:
    def make(sample: Sample) -> Request:
        known = sample.request
        return Request(known.method, known.path, (*known.headers, (name, value)), known.body, known.encoding)

    return make


def _xsi_type_of_class(sample: Sample) -> Request | None:
    markup = f'<{UNKNOWN} xmlns:i="{XSI}" xmlns:x="clr-namespace:System.Diagnostics;assembly=System"'
    return _with_markup(f'{markup} i:type="x:Process"/>')(sample)


def _probe(where: str, rule: str, make: Callable[[Sample], Request | None]) -> Variation:
    return Variation(where, rule, make, kind="defect")


ENTITY_EXPANSION: Final[Variations] = {
    "nested-entities": _probe("document", "entities of entities", _with_entity(_nested_entities(), f"&e{LEVELS};")),
    "repeated-entity": _probe(
        "document", "one entity, many times", _with_entity(f'<!ENTITY probe "{MARK}">', "&probe;" * REFERENCES**LEVELS)
    ),
}
PARAMETER_ENTITIES: Final[Variations] = {
    "parameter-entity": _probe(
        "document",
        "an entity made by a parameter entity",
        _with_entity(f"<!ENTITY % p '<!ENTITY probe \"{MARK}\">'>%p;"),
    ),
}
EXTERNAL_FILES: Final[Variations] = {
    "external-entity-of-unix": _probe("document", "an entity of a file", _with_entity(_external("file:///etc/passwd"))),
    "external-entity-of-hosts": _probe("document", "an entity of a file", _with_entity(_external("file:///etc/hosts"))),
    "external-entity-of-windows": _probe(
        "document", "an entity of a file", _with_entity(_external("file:///c:/windows/win.ini"))
    ),
}
EXTERNAL_ADDRESSES: Final[Variations] = {
    "external-entity": _probe(
        "document", "an entity of the witness", _with_entity(_external(_with_witness("entity")))
    ),
    "external-subset": _probe("document", "a subset of the witness", _document_type_of_another),
    "external-parameter-entity": _probe(
        "document",
        "a parameter entity of the witness",
        _with_entity(f'<!ENTITY % p SYSTEM "{_with_witness("parameter")}">%p;<!ENTITY probe "">'),
    ),
    "schema-location": _probe(
        "document",
        "a schema of the witness",
        _with_markup(
            f'<{UNKNOWN} xmlns:i="{XSI}" i:schemaLocation="{FOREIGN} {_with_witness("schema")}"/>'
        ),
    ),
}  # fmt: skip
INCLUSIONS: Final[Variations] = {
    "inclusion-of-file": _probe(
        "document",
        "an inclusion of a file",
        _including("file:///etc/passwd"),
    ),
    "inclusion-of-address": _probe(
        "document",
        "an inclusion of the witness",
        _including(_with_witness("include")),
    ),
}
LARGE_VALUES: Final[Variations] = {
    "large-value": _probe("value", f"{LARGE:,} characters", _with_value("s" * LARGE)),
}
STRUCTURES: Final[Variations] = {
    "deep-nesting": _probe("document", f"{DEEP:,} levels of elements", _with_markup(_nested())),
    "wide-element": _probe("document", f"{MANY:,} attributes and as many elements", _with_markup(_wide())),
    "long-name": _probe("document", f"a name of {LONG:,} characters", _with_markup(f"<{'n' * LONG}/>")),
}
LONG_FIELDS: Final[Variations] = {
    "long-field": _probe("field", f"{LONG:,} characters", _with_field("X-Soapstone", "s" * LONG)),
    "many-fields": _probe("field", "the same field often", lambda sample: _many_fields(sample)),
}
CLASSES: Final[Variations] = {
    "class-in-xsi-type": _probe("xsi:type", "names a class of the server", _xsi_type_of_class),
}
_SIGNS: Final = (
    ("script", "soapstone<script>soapstone()</script>"),
    ("sql-quote", "soapstone' OR '1'='1"),
    ("sql-comment", "soapstone'--"),
    ("sql-twice", "soapstone''soapstone"),
    ("xpath", "soapstone'] | //*['"),
    ("ldap", "soapstone*)(uid=*"),
    ("format", "soapstone%s%n{0}${7*7}"),
    ("shell", "soapstone; echo soapstone|cat"),
)
"""What a query language, a template, a shell or a browser takes for its own."""

QUERIES: Final[Variations] = {
    f"query-{name}": _probe("value", "signs of a query language", _with_value(value)) for name, value in _SIGNS
}
QUERIES_FOR_CREDENTIALS: Final[Variations] = {
    f"credential-{name}": Variation(
        "credential", "signs of a query language, for a credential", _in_credential(value), "reject", "defect",
        "A credential is good for what its owner issued.",
    )
    for name, value in (*_SIGNS[1:3], ("sql-or", "' or '1'='1"), *_SIGNS[4:6], _SIGNS[0])
}  # fmt: skip
PLAIN_CREDENTIAL: Final[Variations] = {
    "credential-plain": Variation(
        "credential", "made up, without any sign of a query language", _in_credential("soapstone"), kind="defect"
    )
}
"""What a credential with signs is compared with where it is accepted."""

_FIELD_END: Final = "soapstone\r\nX-Soapstone-Injected: yes"
FIELD_ENDS: Final[Variations] = {
    "line-end-in-value": _probe("value", "the end of a field, and another", _with_value(_FIELD_END)),
    "line-end-in-credential": _probe(
        "credential", "the end of a field, and another, made up otherwise", _in_credential(_FIELD_END)
    ),
}


def _many_fields(sample: Sample) -> Request:
    known = sample.request
    fields = tuple(("X-Soapstone", str(index)) for index in range(90))
    return Request(known.method, known.path, (*known.headers, *fields), known.body, known.encoding)
