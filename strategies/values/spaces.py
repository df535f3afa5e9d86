"""From a simple type to its value space: made by construction, judged by both validators, refused by name if empty."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import islice
from random import Random
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from lxml import etree
from xmlschema import XMLSchemaException
from xmlschema.validators import XsdList, XsdUnion

from contracts.names import XSD, local_name
from strategies.errors import UnsatisfiableError, UnsupportedError
from strategies.values import dates, guids, numbers, texts
from strategies.values.choices import Made
from strategies.values.definitions import Definition, define, is_built_in, simple_base
from strategies.values.expressions import Expression, either, parsed
from strategies.values.judging import Judge
from strategies.values.kinds import Kind, Within
from strategies.values.languages import Language, Lengths
from strategies.values.model import Choose, Edge, Identity, Maker, Misfit, ValueSpace

KINDS: Final[Mapping[str, Kind]] = {**numbers.KINDS, **dates.KINDS, **texts.KINDS}
"""By the local name of a built-in atomic type."""

REFUSED: Final[Mapping[str, str]] = {
    "ENTITY": "needs an unparsed entity of a document type, which no message may have",
    "NOTATION": "has values only where an enumeration lists them",
}
"""Built-in types that no value is made for, and why."""

MANY: Final = 50
"""Items of a long list."""

LONGEST: Final = 300_000
"""Characters or octets of a type's shortest value, after which it is refused."""

_TRIES: Final = 24
_MORE_TRIES: Final = 600
_SHORT: Final = 200
"""Characters of a value that others may stand for, at most."""


@dataclass(frozen=True, slots=True)
class _Source:
    """The values of a type, before they are a value space. `texts` is None where the maker's are drawn."""

    maker: Maker
    edges: tuple[Edge, ...]
    misfits: Callable[[], Iterator[Misfit]]
    texts: SearchStrategy[str] | None = None
    namespaces: tuple[tuple[str, str], ...] = ()
    identity: Identity = ""


def value_space(simple_type: Any, within: Within = None) -> ValueSpace:
    """The value space of a simple type (of xmlschema's component model).

    `within` narrows what is drawn of a number, not its edges. Raises UnsupportedError, which names the type, where
    no value of it can be made: because it has none, because both validators never agree on one, or because it needs
    what no message has.
    """
    try:
        if is_built_in(simple_type):
            return _built_in_space(local_name(simple_type.name), within, _Component(simple_type))
        return _space(define(simple_type), within)
    except UnsupportedError:
        raise
    except (ValueError, ArithmeticError, RecursionError, XMLSchemaException, etree.LxmlError) as error:
        # facets that contradict their type, or each other: a schema that is no schema, which lax loading lets pass
        name = simple_type.prefixed_name or "without a name"
        raise UnsupportedError(f"simple type {name}, whose facets make no sense ({error})") from error


class _Component:
    """A component that takes no part in telling cached calls apart."""

    def __init__(self, component: Any) -> None:
        self.component = component

    def __eq__(self, _: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


@cache
def _built_in_space(_: str, within: Within, held: _Component) -> ValueSpace:
    return _space(define(held.component), within)


def _space(definition: Definition, within: Within) -> ValueSpace:
    source = _source(definition, within)
    return ValueSpace(
        type_names=tuple(map(local_name, definition.names)),
        edges=source.edges,
        texts=Made(source.maker) if source.texts is None else source.texts,
        plain=_plain(source),
        namespaces=dict(source.namespaces),
        identity=source.identity,
        find_misfits=source.misfits,
    )


_PLAIN: Final = (
    "plain", "one", "usual", "zero", "false", "zeros", "leap-day", "two-letters", "one-octet", "no-padding",
    "one-letter", "midnight", "one-item", "shortest", "at-min-length", "at-minimum",
)  # fmt: skip


def _plain(source: _Source) -> str:
    """An unremarkable value: an edge of such a name, or else the simplest that is made."""
    named = {edge.name: edge.text for edge in reversed(source.edges)}
    found = next((named[name] for name in _PLAIN if name in named), None)
    return source.maker(lambda low, _: low) if found is None else found


def _source(definition: Definition, within: Within = None) -> _Source:
    source = _SOURCES[definition.variety](definition, within)
    if not source.edges:
        simplest = source.maker(lambda low, _: low)
        source = replace(source, edges=(Edge("simplest", simplest),))
    return source


# --- atomic types -----------------------------------------------------------------------------------------------------

_IDENTITIES: Final[Mapping[str, Identity]] = {"ID": "ID", "IDREF": "IDREF"}


def _atomic(definition: Definition, within: Within) -> _Source:
    kind = _kind(definition)
    if (definition.min_length or 0) > LONGEST:
        raise UnsupportedError(f"{_with_facets(definition)}, whose values are too long to be worth sending")
    if definition.enumeration:
        return _enumerated(definition, kind)
    namespaces = ((texts.QNAME_PREFIX, XSD),) if definition.built_in == "QName" else ()
    judge = Judge(definition, dict(namespaces))
    patterns = _Patterns(definition, kind)
    edges = _accepted(kind.edges(definition), judge)
    if definition.patterns and kind not in guids.KINDS.values() and definition.is_derived:
        edges = _accepted([*patterns.edges(), *edges], judge)
    cheap = kind.texts(definition, within) if edges else None
    if cheap is None:
        maker = _checked(definition, _makers(definition, kind, patterns, within), judge, edges, within)
    else:
        maker = kind.maker(definition, within)
    return _Source(
        maker=maker,
        edges=edges,
        misfits=lambda: _misfits(definition, kind, judge, maker),
        texts=cheap,
        namespaces=namespaces,
        identity=_IDENTITIES.get(definition.built_in, ""),
    )


def _makers(definition: Definition, kind: Kind, patterns: "_Patterns", within: Within) -> list[Maker]:
    """Ways to make values of a type, none of which need keep all its facets."""
    by_value = kind.maker(numbers.narrowed(definition, within), within)
    makers = [by_value, *patterns.makers()]
    if definition.patterns and definition.built_in in (*numbers.INTEGERS, "decimal"):
        makers.append(numbers.padded(by_value))
    return makers


def _kind(definition: Definition) -> Kind:
    for name in map(local_name, definition.names):
        if name in guids.KINDS and definition.is_derived and definition.patterns:
            judge = Judge(definition, {})
            if all(judge.accepts(edge.text) for edge in guids.KINDS[name].edges(definition)):
                return guids.KINDS[name]
    if definition.built_in in REFUSED and not (definition.built_in == "NOTATION" and definition.enumeration):
        raise UnsatisfiableError(f"{definition.described}: xs:{definition.built_in} {REFUSED[definition.built_in]}")
    name = "QName" if definition.built_in == "NOTATION" else definition.built_in
    if name not in KINDS:
        raise UnsupportedError(definition.described)
    return KINDS[name]


def _accepted(edges: Iterable[Edge], judge: Judge) -> tuple[Edge, ...]:
    """The edges that both validators take, each text once."""
    by_text: dict[str, Edge] = {}
    for edge in edges:
        by_text.setdefault(edge.text, edge)
    return tuple(edge for edge in by_text.values() if judge.accepts(edge.text))


class _Patterns:
    """The strings that match every step's pattern, the type's lexical space and the lengths."""

    def __init__(self, definition: Definition, kind: Kind) -> None:
        self._definition, self._kind = definition, kind

    @cached_property
    def language(self) -> Language:
        """All of them. Raises UnsupportedError where there are none, or where that is too intricate to tell."""
        return Language(self._expressions, _with_facets(self._definition), self._lengths)

    def makers(self) -> list[Maker]:
        """What makes any of them; nothing where there is no pattern."""
        return [self.language.drawn] if self._definition.patterns else []

    def edges(self) -> Iterator[Edge]:
        """The shortest string, those at the limits of its length, and a few of different branches."""
        lowest, highest = self._definition.min_length, self._definition.max_length
        shortest = self.language.shortest()
        for name, length in (("at-min-length", lowest), ("at-max-length", highest)):
            if length == len(shortest):
                yield Edge(name, shortest)
            elif length is not None and self._kind.counts == "characters" and length <= _SHORT * 10:
                with suppress(UnsupportedError):
                    yield Edge(name, Language(self._expressions, "", (length, length)).shortest())
        yield Edge("shortest", shortest)
        random = Random(2)
        for number in range(1, 5):
            yield Edge(f"by-pattern-{number}", self.language.drawn(random.randint))

    @cached_property
    def _expressions(self) -> list[Expression]:
        definition, kind = self._definition, self._kind
        expressions = [either(map(parsed, step)) for step in definition.patterns]
        if kind.lexical:
            expressions.append(either(map(parsed, kind.lexical)))
        expressions.append(parsed(_WHITE_SPACE[definition.white_space]))
        return expressions

    @property
    def _lengths(self) -> Lengths:
        """The lengths of strings; octets are not counted here."""
        counts_characters = self._kind.counts == "characters"
        return (self._definition.min_length or 0, self._definition.max_length) if counts_characters else (0, None)


_WHITE_SPACE: Final = {
    "preserve": r"[^\r]*",
    "replace": r"[^\t\n\r]*",
    "collapse": r"([^ \t\n\r]+( [^ \t\n\r]+)*)?",
}
"""What white space processing leaves: patterns are matched after it (section 4.3.6). A carriage return survives it in
strings, but few stacks."""


# --- checking what is made --------------------------------------------------------------------------------------------


def _checked(
    definition: Definition, makers: Sequence[Maker], judge: Judge, edges: Iterable[Edge], within: Within
) -> Maker:
    """A maker of values that both validators take.

    The maker that makes most of them is used; what it makes besides is made again, and at last replaced by a value
    that is known to be one. Which maker that is, is found out when a value is first made, unless no edge shows that
    there are values at all. Raises UnsupportedError where none is found.
    """

    def fits(text: str) -> bool:
        return judge.accepts(text) and (within is None or numbers.lies_within(text, within))

    sure = [edge.text for edge in edges if len(edge.text) <= _SHORT and fits(edge.text)]

    @cache
    def rated() -> tuple[Maker | None, bool, Sequence[str]]:
        """The best maker, unless none makes any, whether it needs no watching, and some values that are known to be."""
        found, best = max(((_tried(maker, fits, _TRIES), maker) for maker in makers), key=lambda each: len(each[0]))
        known = [*found, *sure] or [text for maker in makers for text in _tried(maker, fits, _MORE_TRIES)]
        if not known and not any(judge.is_soon_judged(maker(lambda low, _: low)) for maker in makers[1:] or makers):
            raise UnsupportedError(f"{_with_facets(definition)}, of whose values validators would not soon be done")
        if not known:
            raise UnsatisfiableError(f"{_with_facets(definition)}, of which both validators take no value")
        is_sure = len(found) == _TRIES and not definition.is_derived
        return best if found else None, is_sure, sorted(set(known), key=lambda text: (len(text), text))

    def make(choose: Choose) -> str:
        best, is_sure, known = rated()
        for _ in range(3 if best is not None else 0):
            assert best is not None
            text = best(choose)
            if is_sure or fits(text):
                return text
        return known[choose(0, len(known) - 1)]

    if not sure:
        rated()
    return make


def _tried(maker: Maker, fits: Callable[[str], bool], tries: int) -> list[str]:
    """The fitting values among so many made of a fixed seed."""
    random = Random(0)
    return [text for text in (maker(random.randint) for _ in range(tries)) if fits(text)]


def _with_facets(definition: Definition) -> str:
    named = [
        *(f"pattern {' or '.join(step)[:80]}" for step in definition.patterns),
        *(f"{bound.facet} {bound.text}" for bound in (definition.minimum, definition.maximum) if bound),
        *(f"{name} {value}" for name, value in (
            ("minLength", definition.min_length), ("maxLength", definition.max_length),
            ("totalDigits", definition.total_digits), ("fractionDigits", definition.fraction_digits),
        ) if value is not None),
    ]  # fmt: skip
    below = definition.built_in or definition.variety
    return f"{definition.described} of xs:{below} with {', '.join(named) or 'no facets'}"


# --- enumerations -----------------------------------------------------------------------------------------------------


def _enumerated(definition: Definition, kind: Kind | None) -> _Source:
    """The words of an enumeration that no later facet forbids (section 4.3.5)."""
    words, namespaces = _words(definition)
    judge = Judge(definition, dict(namespaces))
    kept = [word for word in dict.fromkeys(words) if judge.accepts(word)]
    if not kept:
        raise UnsatisfiableError(f"{definition.described}, no word of whose enumeration is valid")

    def make(choose: Choose) -> str:
        return kept[choose(0, len(kept) - 1)]

    words_as_edges = [Edge(f"enumeration-{word}", word) for word in kept]
    return _Source(
        maker=make,
        edges=_accepted([*words_as_edges, *_otherwise(definition, kept)], judge),
        misfits=lambda: _misfits(definition, kind, judge, make),
        texts=st.sampled_from(kept),
        namespaces=namespaces,
        identity=_IDENTITIES.get(definition.built_in, ""),
    )


def _otherwise(definition: Definition, words: Iterable[str]) -> Iterator[Edge]:
    """Enumerated values in other spellings: a value is compared, not its text (section 4.3.5)."""
    for word in words:
        if definition.white_space == "collapse":
            yield Edge(f"enumeration-{word}-blanks-around", f" {word} ")
        if definition.built_in in _SPELLINGS:
            for name, text in _SPELLINGS[definition.built_in](word.strip()):
                yield Edge(f"enumeration-{word}-{name}", text)


def _number_otherwise(word: str) -> Iterator[tuple[str, str]]:
    sign, digits = (word[:1], word[1:]) if word[:1] in "+-" else ("", word)
    if sign != "-":
        yield "plus-sign", f"+{digits}"
    yield "leading-zeros", f"{sign}00{digits}"


def _decimal_otherwise(word: str) -> Iterator[tuple[str, str]]:
    yield from _number_otherwise(word)
    yield "trailing-zero", f"{word}0" if "." in word else f"{word}.0"


def _double_otherwise(word: str) -> Iterator[tuple[str, str]]:
    if word[-1:].isdigit() and "e" not in word.lower():
        yield from _decimal_otherwise(word)
        yield "exponent", f"{word}E0"


def _case_otherwise(word: str) -> Iterator[tuple[str, str]]:
    yield "other-case", word.swapcase()


_SPELLINGS: Final[Mapping[str, Callable[[str], Iterator[tuple[str, str]]]]] = {
    **dict.fromkeys(numbers.INTEGERS, _number_otherwise),
    "decimal": _decimal_otherwise,
    **dict.fromkeys(("float", "double"), _double_otherwise),
    "hexBinary": _case_otherwise,
}
"""Other spellings of values of a type, each with what it is called."""


def _words(definition: Definition) -> tuple[list[str], tuple[tuple[str, str], ...]]:
    """An enumeration's words; qualified names with prefixes of our own, and the namespaces of these."""
    if definition.built_in not in ("QName", "NOTATION"):
        return list(definition.enumeration), ()
    known = dict(definition.namespaces)
    if definition.built_in == "NOTATION":  # xmlschema compares these by prefix
        words = list(definition.enumeration)
        return words, tuple((prefix, known[prefix]) for prefix in _prefixes(words) if prefix in known)
    uris = {uri: f"q{index}" for index, uri in enumerate(sorted({uri for uri in known.values() if uri}))}
    words = []
    for word in definition.enumeration:
        prefix, _, name = word.strip().rpartition(":")
        uri = known.get(prefix, "")
        words.append(f"{uris[uri]}:{name}" if uri else name)
    return words, tuple((prefix, uri) for uri, prefix in uris.items() if prefix in _prefixes(words))


def _prefixes(words: Iterable[str]) -> list[str]:
    return sorted({word.strip().partition(":")[0] for word in words if ":" in word})


# --- lists ------------------------------------------------------------------------------------------------------------


def _list(definition: Definition, within: Within) -> _Source:
    if definition.enumeration:
        return _enumerated(definition, None)
    item = _source(define(definition.item), within)
    judge = Judge(definition, dict(item.namespaces))
    low, high = definition.min_length or 0, definition.max_length

    def make(choose: Choose) -> str:
        most = low + 6 if high is None else min(high, low + 6)
        return " ".join(_token(item.maker(choose)) for _ in range(choose(low, max(low, most))))

    edges = _accepted(_list_edges(item, low, high), judge)
    maker = _checked(definition, [make, *_Patterns(definition, _kind_of_list(definition)).makers()], judge, edges, None)
    return _Source(
        maker=maker,
        edges=edges,
        misfits=lambda: _list_misfits(definition, item, judge),
        namespaces=item.namespaces,
        identity="IDREFS" if item.identity == "IDREF" else item.identity,
    )


_ANY: Final = Kind(lambda _: iter(()), lambda _: iter(()), lambda _, __: lambda choose: "")


def _kind_of_list(definition: Definition) -> Kind:
    """A list's lexical space: items of theirs, where their type has one, with a blank between."""
    item = define(definition.item)
    lexical = KINDS[item.built_in].lexical if item.built_in in KINDS else ()
    items = "|".join(f"({each})" for each in lexical)
    return replace(_ANY, lexical=(f"(({items})( ({items}))*)?",) if lexical else ())


def _token(text: str) -> str:
    return "".join(text.split()) or "x"


def _list_edges(item: _Source, low: int, high: int | None) -> Iterator[Edge]:
    tokens = [(edge.name, edge.text.strip()) for edge in item.edges if len(edge.text.split()) == 1]
    plain = _token(_plain(item))
    numbers = {
        "no-items": 0, "one-item": 1, "two-items": 2, "many-items": MANY, "at-min-length": low, "at-max-length": high,
        "inside-min-length": low + 1, "inside-max-length": high and high - 1,
    }  # fmt: skip
    for name, number in numbers.items():
        if number is not None and low <= number <= (MANY * 20 if high is None else high):
            yield Edge(name, " ".join([plain] * number))
    shown = max(low, 2)
    yield Edge("white-space-between", " \n\t".join([plain] * shown))
    yield Edge("blanks-around", f"  {' '.join([plain] * shown)} ")
    for name, token in tokens:
        if len(token) <= 4096:
            yield Edge(f"item-{name}", " ".join([token, *[plain] * (max(low, 1) - 1)]))


def _list_misfits(definition: Definition, item: _Source, judge: Judge) -> Iterator[Misfit]:
    plain = _token(_plain(item))
    low, high = definition.min_length or 0, definition.max_length
    short, long = definition.length_facets
    rest = [plain] * (max(low, 1) - 1)
    candidates = [
        Misfit(f"item-{misfit.name}", " ".join([misfit.text, *rest]), misfit.rule)
        for misfit in item.misfits()
        if len(misfit.text.split()) == 1
    ]
    if low > 0:
        candidates.append(Misfit("too-short", " ".join([plain] * (low - 1)), short))
    if high is not None:
        candidates.append(Misfit("too-long", " ".join([plain] * (high + 1)), long))
    candidates.append(Misfit("commas-between", ",".join([plain] * max(low, 2)), "xs:list"))
    yield from _each_alone(_refused(candidates, judge), judge)
    yield from _foreign(definition, judge, [plain], [edge.text for edge in _list_edges(item, 0, None)])


# --- unions -----------------------------------------------------------------------------------------------------------


def _union(definition: Definition, within: Within) -> _Source:
    if definition.enumeration:
        return _enumerated(definition, None)
    members = list(_members(definition))
    namespaces = tuple(each for member in members for each in member.namespaces)
    judge = Judge(definition, dict(namespaces))

    def make(choose: Choose) -> str:
        return members[choose(0, len(members) - 1)].maker(choose)

    edges = _accepted((edge for member in members for edge in member.edges), judge)
    maker = _checked(definition, [make, *_Patterns(definition, _ANY).makers()], judge, edges, None)
    return _Source(
        maker=maker,
        edges=edges,
        misfits=lambda: _union_misfits(definition, members, judge, maker),
        namespaces=namespaces,
        identity=next((member.identity for member in members if member.identity), ""),
    )


def _union_misfits(definition: Definition, members: Sequence[_Source], judge: Judge, maker: Maker) -> Iterator[Misfit]:
    """What is no value of any member, and what is one and breaks a facet of the union."""
    others = [edge.text for member in members for edge in member.edges]
    found = list(_foreign(definition, judge, [maker(lambda low, _: low)], others))
    yield from found
    candidates = [Misfit("word", "no such word", "xs:union"), Misfit("markup", "<&>", "xs:union")]
    candidates += [replace(each, rule="xs:union") for member in members for each in member.misfits()]
    known = {misfit.text for misfit in found}
    yield from (each for each in _refused(candidates, judge) if each.text not in known and each.text not in others)


def _members(definition: Definition) -> Iterator[_Source]:
    """The member types' values; of members that no value can be made for only where there are no others."""
    refused: list[UnsupportedError] = []
    found = 0
    for member in definition.members:
        try:
            source = _source(define(member))
        except UnsupportedError as error:
            refused.append(error)
            continue
        found += 1
        yield source
    if not found:
        raise refused[0] if refused else UnsupportedError(f"{definition.described}, a union of nothing")


_SOURCES: Final[Mapping[str, Callable[[Definition, Within], _Source]]] = {
    "atomic": _atomic,
    "list": _list,
    "union": _union,
}


# --- misfits ----------------------------------------------------------------------------------------------------------


def _misfits(definition: Definition, kind: Kind | None, judge: Judge, maker: Maker) -> Iterator[Misfit]:
    """What both validators refuse, for the reason given: its type or, where that would take it, a facet."""
    below = _judge_below(definition)
    candidates = [] if kind is None else list(kind.misfits(definition))
    fitting = (
        misfit
        for misfit in _refused(candidates, judge)
        if below is None or (below.accepts if _is_facet(misfit.rule) else below.refuses)(misfit.text)
    )
    yield from _each_alone(fitting, judge)
    if kind not in guids.KINDS.values():
        random = Random(1)
        samples = [maker(lambda low, _: low), *(maker(random.randint) for _ in range(3))]
        others = [] if kind is None else [edge.text for edge in kind.edges(_without_facets(definition))]
        yield from _foreign(definition, judge, samples, others)


def _without_facets(definition: Definition) -> Definition:
    """The built-in type below a definition."""
    return Definition(
        component=None,
        variety="atomic",
        names=definition.names[-1:],
        built_in=definition.built_in,
        is_derived=False,
        white_space=definition.white_space,
    )


def _is_facet(rule: str) -> bool:
    return not rule.startswith("xs:")


def _each_alone(misfits: Iterable[Misfit], judge: Judge) -> Iterator[Misfit]:
    """What breaks one facet alone where something does; else what breaks others, too, with all of them on record."""
    facets = {misfit: judge.broken_facets(misfit.text) for misfit in misfits}
    alone = {misfit.rule for misfit, broken in facets.items() if broken <= {misfit.rule}}
    for misfit, broken in facets.items():
        if not _is_facet(misfit.rule) or broken <= {misfit.rule}:
            yield misfit
        elif misfit.rule not in alone:
            yield replace(misfit, rule=", ".join(sorted(broken | {misfit.rule})))


def _judge_below(definition: Definition) -> Judge | None:
    """Both validators' opinion of the type without any facet: the built-in one, the list or the union."""
    at = definition.component
    while at is not None and not is_built_in(at) and not isinstance(at, XsdList | XsdUnion):
        at = simple_base(at)
    return None if at is None else Judge(define(at), dict(definition.namespaces))


def _refused(candidates: Iterable[Misfit], judge: Judge) -> Iterator[Misfit]:
    """The candidates that neither validator takes, each text once."""
    seen: set[str] = set()
    for misfit in candidates:
        if misfit.text not in seen and judge.refuses(misfit.text):
            seen.add(misfit.text)
            yield misfit


def _foreign(
    definition: Definition, judge: Judge, samples: Sequence[str], others: Sequence[str] = ()
) -> Iterator[Misfit]:
    """Values of the type below that a pattern or an enumeration excludes: near misses of values that they allow.

    `others` are values of the type below, near or not.
    """
    listed = {"enumeration": definition.enumeration, "pattern": definition.patterns}
    facets = [facet for facet, values in listed.items() if values]
    below = _judge_below(definition)
    near = [miss for text in samples for miss in _near_misses(text)]
    near += [("other-value", text) for text in others if len(text) <= _SHORT]
    refused = _refused((Misfit(name, text, "") for name, text in near), judge)
    found = [misfit for misfit in refused if below is None or below.accepts(misfit.text)]
    broken = {misfit: judge.broken_facets(misfit.text) for misfit in found}
    for facet in facets:
        named = [replace(misfit, rule=facet) for misfit in found if facet in broken[misfit]]
        yield from islice(_each_alone(named, judge), 6)


def _near_misses(text: str) -> Iterator[tuple[str, str]]:
    yield "one-more-character", f"{text}{text[-1:] or 'x'}"
    yield "last-character-missing", text[:-1]
    yield "other-case", text.swapcase()
    yield "first-character-missing", text[1:]
    yield "other-first-character", f"{'Z' if text[:1] != 'Z' else '0'}{text[1:]}"
    yield "empty", ""
    yield "other-word", "soapstone-unknown"
    yield "other-number", "86420"
    yield "first-character-twice", text[:1] + text
