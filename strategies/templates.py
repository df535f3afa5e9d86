"""The valid sample of an operation's request, built from its schema and rulings, and the sites where it may vary."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Final

from contracts.errors import ContractError, Place
from contracts.families import families
from contracts.judge.records import Change
from contracts.model import Binding, Content, Leaf, Operation, Protocol
from contracts.values import placeholder
from strategies.building import specimen_of
from strategies.errors import UnsupportedError
from strategies.grammar import grammar_of
from strategies.proving import proved
from strategies.sites import Element, Key, Pick, Site, find_in, first_of_each
from strategies.sites import Option as Option
from strategies.specimens import Guide, Specimen
from strategies.validators import Validators

__all__ = ["Element", "Option", "Payload", "Site", "Template", "first_of_each", "template_of"]

MADE_UP: Final = "soapstone-made-up"
"""Stands for a credential whose ruling gives no made-up value."""

HEADER: Final = "Header"
"""What the places of sites in a header begin with."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What a request says, without the protocol around it.

    `body` is the documented root element or, where a content type rules, the schema's wrapper around the Body's
    children; `header` likewise, None where the page shows no Header.
    """

    body: Element
    header: Element | None = None


@dataclass(frozen=True)
class Template:
    """The known-good payload of a binding and its sites, in document order. The payload is never to be changed.

    `leaves` are all sites of values, credentials among them; `sites` those that a valid message may vary.
    """

    operation: Operation
    binding: Binding
    body: Specimen
    header: Specimen | None
    leaves: tuple[Site, ...]
    sites: tuple[Site, ...]

    @cached_property
    def payload(self) -> Payload:
        """The known-good payload."""
        return Payload(self.body.root, self.header.root if self.header else None)

    @cached_property
    def credentials(self) -> tuple[Site, ...]:
        """The leaves that only the target's owner can fill."""
        return tuple(site for site in self.leaves if site.is_credential)

    def vary(self, changes: Iterable[Change]) -> Payload:
        """The payload with changes applied; made-up credentials are put where a change may not go with real ones."""
        return self._grown(self._picks(changes))

    def _picks(self, changes: Iterable[Change]) -> list[Pick]:
        picks = [(self._site_of(change), change.after or "") for change in changes]
        if any(site.guarded for site, _ in picks):
            picks += [(site, made_up(site)) for site in self.credentials if not site.scope]
        return picks

    @property
    def may_clash(self) -> bool:
        """Whether changes that are valid each for itself may not go together."""
        return self.body.may_clash or (self.header is not None and self.header.may_clash)

    def agreeing(self, changes: tuple[Change, ...]) -> tuple[Change, ...]:
        """As many of some changes as go together where some may not."""
        alone = ((*self._site_of(change).needs, change) for change in reversed(changes))
        return next(filter(self.agrees, chain([changes], alone)), ())

    def agrees(self, changes: Iterable[Change]) -> bool:
        """Whether changes go together: nothing stands against it where none may clash."""
        if not self.may_clash:
            return True
        picks = self._picks(changes)
        payload, complaint = self._settled(picks)
        return complaint is None and self.is_valid(payload) and not self._miscounted(payload, picks)

    def _miscounted(self, payload: Payload, picks: Sequence[Pick]) -> bool:
        """Whether a validator refuses a payload in which several places of a group that repeats vary."""
        filled = self.filled(payload)
        return any(
            specimen is not None
            and root is not None
            and specimen.count_together([pick for pick in picks if pick[0].in_header == in_header])
            and self._validators.complaint_of(specimen, root) is not None
            for specimen, root, in_header in ((self.body, filled.body, False), (self.header, filled.header, True))
        )

    @cached_property
    def _validators(self) -> Validators:
        return Validators(self.operation.schema.exact, self.operation.schema.fast)

    def keeps_credentials(self, changes: Iterable[Change]) -> bool:
        """Whether a message with these changes carries the configured credentials, if there are any."""
        return not any(self._site_of(change).guarded for change in changes)

    def standing(self, changes: Iterable[Change]) -> tuple[Change, ...]:
        """Those of some changes whose sites are there: without the alternative that it stands in, a site is not."""
        kept = list(changes)
        chosen = {(change.kind, change.where, change.after) for change in kept}
        return tuple(
            change
            for change in kept
            if all((each.kind, each.where, each.after) in chosen for each in self._site_of(change).needs)
        )

    def with_values(self, values: Mapping[str, str]) -> Payload:
        """The payload with other text in some leaves, by `where`, whether or not it is valid there."""
        return self._grown([(site, values[site.where]) for site in self.leaves if site.where in values])

    def made_up_values(self) -> dict[str, str]:
        """A made-up value for every credential, by `where`."""
        return {site.where: made_up(site) for site in self.credentials if not site.scope}

    def is_valid(self, payload: Payload) -> bool:
        """Whether lxml finds a payload valid, made-up values standing where configured ones will."""
        filled = self.filled(payload)
        roots = [root for root in (filled.header, filled.body) if root is not None]
        return all(self.operation.schema.fast.validate(root) for root in roots)

    def filled(self, payload: Payload) -> Payload:
        """A payload with made-up values where configured ones will stand."""
        filled = deepcopy_of(payload)
        known = {site.before: _stand_in(site) for site in self.leaves if site.is_configured}
        for root in (filled.header, filled.body):
            if root is not None and known:
                _replace_texts(root, known)
        return filled

    def _grown(self, picks: Sequence[Pick]) -> Payload:
        """The payload grown with picks and the alternatives that they stand in."""
        return self._settled(picks)[0]

    def _settled(self, picks: Sequence[Pick]) -> tuple[Payload, str | None]:
        """The payload grown with picks and the alternatives that they stand in, and what is wrong with its values."""
        needed = {branch.site.key: (branch.site, branch.option) for site, _ in picks for branch in site.scope}
        picks = [*(pick for key, pick in needed.items() if key not in {site.key for site, _ in picks}), *picks]
        in_header = [pick for pick in picks if pick[0].in_header]
        in_body = [pick for pick in picks if not pick[0].in_header]
        body, _, complaint = self.body.settled(in_body)
        if self.header is None:
            return Payload(body), complaint
        header, _, against = self.header.settled(in_header)
        return Payload(body, header), complaint or against

    def _site_of(self, change: Change) -> Site:
        return self._sites[change.kind, change.where]

    @cached_property
    def _sites(self) -> Mapping[Key, Site]:
        """By kind and place: what may vary, and every leaf."""
        return {site.key: site for site in (*self.leaves, *self.sites)}


_templates: dict[tuple[str, str, Path, tuple[Leaf, ...], Protocol], Template] = {}


def template_of(operation: Operation, protocol: Protocol) -> Template:
    """The template of an operation over a binding, compiled once.

    Raises ContractError, which names the construct and its place, where the schema holds one that is not supported.
    """
    key = (operation.key, operation.digest, operation.folder, operation.leaves, protocol)
    if key not in _templates:
        _templates[key] = _Compiler(operation, operation.bindings_by_protocol[protocol]).template()
    return _templates[key]


def made_up(site: Site) -> str:
    """What a credential's leaf carries where the configured value must not be used."""
    return (site.leaf.made_up if site.leaf else None) or MADE_UP


def _stand_in(site: Site) -> str:
    """What is valid in a leaf where a configured value will stand."""
    return made_up(site) if site.is_credential else (site.leaf and site.leaf.value) or ""


def _replace_texts(root: Element, known: Mapping[str, str]) -> None:
    for element in root.iter():
        if element.text and element.text in known:
            element.text = known[element.text]
        for name, value in element.attrib.items():
            if value in known:
                element.set(name, known[str(value)])


def deepcopy_of(payload: Payload) -> Payload:
    """A payload of its own, free to be changed."""
    return Payload(deepcopy(payload.body), None if payload.header is None else deepcopy(payload.header))


def tag_of(element: Element) -> str:
    """An element's name in Clark notation. The trees made here hold elements only, no comments."""
    return str(element.tag)


def find(payload: Payload, site: Site) -> Element:
    """The element of a site in a payload that still has the sample's structure there.

    Raises LookupError for a site in an alternative, which the sample does not hold.
    """
    if site.scope:
        raise LookupError(f"{site.where} stands in an alternative")
    root = payload.header if site.in_header else payload.body
    assert root is not None
    return find_in([root], site.at)


# --- compiling --------------------------------------------------------------------------------------------------------


class _Rulings(Guide):
    """What an operation's rulings and its family's facts say of its leaves."""

    def __init__(self, operation: Operation, binding: Binding) -> None:
        self._operation, self._binding = operation, binding

    def leaf(self, path: str) -> Leaf | None:
        return self._operation.leaves_by_path.get(path)

    def text(self, leaf: Leaf) -> str:
        return placeholder(leaf.name) if leaf.credential or leaf.configured else leaf.value or ""

    def doubt(self, type_names: Sequence[str], leaf: Leaf | None) -> Callable[[str], str]:
        family, protocol = self._operation.family, self._binding.protocol
        low, high = (leaf and leaf.process_range) or (None, None)
        stacks = " and ".join(families().stacks(family))

        def doubt(text: str) -> str:
            if low is not None and high is not None and not low <= int(text) <= high:
                return f"{stacks} read by a type that the page does not show; {low} to {high} fit each that it may be."
            reasons = (families().unportable(name, text, family, protocol) for name in type_names)
            return next(filter(None, reasons), "")

        return doubt


class _Compiler:
    """Builds the specimens of a binding's parts and says which of their sites a message may vary."""

    def __init__(self, operation: Operation, binding: Binding) -> None:
        self._operation, self._binding = operation, binding
        self._guide = _Rulings(operation, binding)

    def template(self) -> Template:
        """The template. Raises ContractError for what is not supported, and for values that make no valid message."""
        try:
            return self._of(lean=False)
        except ContractError as refused:
            try:
                return self._of(lean=True)
            except ContractError:
                raise refused from None

    def _of(self, *, lean: bool) -> Template:
        """The template with a full sample, or with a lean one: what is optional cannot always stand together."""
        shape = self._binding.request
        body = self._specimen(shape.body, "", lean)
        header = self._specimen(shape.header, HEADER, lean) if shape.header else None
        marked = [replace(site, in_header=True) for site in header.sites] if header else []
        template = self._template(body, header, [*body.sites, *marked])
        if not template.is_valid(template.payload):
            error = self._operation.schema.fast.error_log.last_error
            raise ContractError(self._place(), "the known-good values make no valid message", value=str(error))
        return self._proved(template)

    def _template(self, body: Specimen, header: Specimen | None, sites: Sequence[Site]) -> Template:
        leaves = tuple(site for site in sites if site.kind == "value")
        credentials = [site for site in leaves if site.is_credential]
        guarding = [site for site in leaves if site.leaf and site.leaf.secret] if len(credentials) > 1 else []
        pinned = {site.where for site in leaves if site.is_configured}
        return Template(
            operation=self._operation,
            binding=self._binding,
            body=body,
            header=header,
            leaves=leaves,
            sites=tuple(
                replace(site, guarded=any(site.meets(secret) for secret in guarding))
                for site in sites
                if not site.constant and site.where not in pinned and self._may_vary(site, credentials)
            ),
        )

    def _proved(self, template: Template) -> Template:
        """The template without what the validators refuse, made-up values standing where configured ones will."""
        schema = self._operation.schema
        validators = Validators(schema.exact, schema.fast)
        filled = template.filled(template.payload)
        body = self._accepted(replace(template.body, root=filled.body), validators)
        header = None
        if template.header is not None and filled.header is not None:
            header = self._accepted(replace(template.header, root=filled.header), validators)
            header = replace(header, root=template.header.root)
        marked = [replace(site, in_header=True) for site in header.sites] if header else []
        return self._template(replace(body, root=template.body.root), header, [*body.sites, *marked])

    def _accepted(self, specimen: Specimen, validators: Validators) -> Specimen:
        try:
            return proved(specimen, validators)
        except UnsupportedError as error:
            raise self._refusal(error) from error

    def _may_vary(self, site: Site, credentials: Sequence[Site]) -> bool:
        """Credentials stay in every message; several (a user and a password) keep their order, too."""
        if not self._may_reach(site):
            return False
        if site.kind == "order":
            return len(credentials) < 2
        return not any(site.meets(credential) for credential in credentials)

    def _may_reach(self, site: Site) -> bool:
        """Whether the binding can say it: a form has neither nil nor structure."""
        return not self._binding.is_form or (site.kind == "value" and not site.scope)

    def _place(self) -> Place:
        return Place(self._operation.schema.entry)

    def _specimen(self, content: Content, prefix: str, lean: bool) -> Specimen:
        schema = self._operation.schema
        tag = content.element or schema.wrapper(content.type_name or "")
        declaration = schema.exact.elements.get(tag)
        if declaration is None:
            raise ContractError(self._place(), "declares no such element", value=tag)
        try:
            return specimen_of(grammar_of(schema.exact), declaration, self._guide, prefix, lean=lean)
        except UnsupportedError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: UnsupportedError) -> ContractError:
        return ContractError(
            self._place(), f"{self._operation.name}: no strategy for {error.construct}", value=error.where or None
        )
