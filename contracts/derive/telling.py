"""What a derivation says: what was written, what is doubtful, and on what each conclusion rests."""

from collections.abc import Iterator, Sequence

from lxml import etree

from contracts.derive.deriving import Derived
from contracts.derive.description import Caution, Inference, OperationDescription, ServiceDescription
from contracts.names import SOURCE, XSD


def derived_lines(derived: Derived) -> Iterator[str]:
    """What was written, with what is left to do."""
    description = derived.description
    yield f"derived: {derived.folder}  {description.title} ({description.family})"
    for operation in description.operations:
        protocols = ", ".join(binding.protocol for binding in operation.bindings)
        yield f"  {operation.name}: {protocols}; {len(operation.requirements)} requirements of its own"
        if operation.name in derived.joined:
            names = ", ".join(derived.joined[operation.name])
            yield f"    together with {names}, kept from before (--replace leaves out what was kept)"
    if derived.started:
        names = _few(derived.started)
        yield f"  {derived.folder / 'service.toml'}: begun for {names}; read it, and fill in what only you know"


def caution_lines(cautions: Sequence[Caution]) -> Iterator[str]:
    """What is doubtful, each with its place."""
    for caution in cautions:
        yield f"warning: {caution.place}: {caution.problem}"


def explained_lines(description: ServiceDescription) -> Iterator[str]:
    """Every conclusion about every operation, with its place and basis."""
    for operation in description.operations:
        yield f"{description.name}/{operation.name} ({description.family})"
        for inference in operation.inferences:
            yield f"  {_explained(inference)}"
        yield from (f"  {line}" for line in _attributes(operation))
        yield from (f"  {line}" for line in _bindings(operation))
        yield from (f"  {line}" for line in _requirements(operation))


def _explained(inference: Inference) -> str:
    place = "" if inference.source is None else f"{inference.source.note}  "
    because = f" ({inference.because})" if inference.because else ""
    return f"{place}{inference.subject}: {inference.concluded}  [{inference.basis}]{because}"


def _attributes(operation: OperationDescription) -> Iterator[str]:
    """The attributes that the schemas declare, which no inference of their own tells of."""
    for schema in operation.schemas:
        for attribute in schema.root.iter(f"{{{XSD}}}attribute"):
            note, basis = (attribute.get(f"{{{SOURCE}}}{name}") for name in ("at", "basis"))
            if note is not None:
                said = ", ".join(f"{name} {attribute.get(name)}" for name in ("type", "use") if attribute.get(name))
                yield f"{note}  {_owner(attribute)}/@{attribute.get('name') or attribute.get('ref')}: {said}  [{basis}]"


def _owner(attribute: etree._Element) -> str:
    """The name of the component that an attribute belongs to."""
    return next((str(each.get("name")) for each in attribute.iterancestors() if each.get("name")), "")


def _bindings(operation: OperationDescription) -> Iterator[str]:
    for binding in operation.bindings:
        printed = "the page prints no request line" if binding.documented_path is None else binding.documented_path
        host = f"; documented host {binding.documented_host}, never asked" if binding.documented_host else ""
        asked = f", sends {binding.request_media_type}" if binding.request_media_type else ""
        answered = " or ".join(binding.response_media_types) or "no body"
        yield (
            f"{binding.source.note}  {binding.protocol}: {binding.method} {binding.path or 'to the target itself'} "
            f"({printed}){asked}, is answered {binding.status_code} with {answered}{host}"
        )


def _requirements(operation: OperationDescription) -> Iterator[str]:
    for requirement in operation.requirements:
        places = ", ".join(f"{protocol} {source.note}" for protocol, source in requirement.at.items())
        yield f"{requirement.id}: {requirement.requires}  [{requirement.level}, {requirement.basis}; {places}]"


def _few(names: Sequence[str]) -> str:
    most = 5
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
