"""Numbers: decimals and the integers below them, float and double (XML Schema part 2, sections 3.2.3 to 3.2.5, 3.3)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from strategies.values.choices import Made
from strategies.values.definitions import Bound, Definition
from strategies.values.kinds import Kind, Within
from strategies.values.model import Choose, Edge, Edges, Maker, Misfit, Misfits

_EXACT: Final = Context(prec=400)
"""Arithmetic without rounding: more digits than any facet of use has."""

_SIGN: Final = r"[+\-]?"
_DECIMAL: Final = rf"{_SIGN}([0-9]+(\.[0-9]*)?|\.[0-9]+)"

# --- integers ---------------------------------------------------------------------------------------------------------

_SMALLEST: Final[Mapping[str, int]] = {
    "positiveInteger": 1, "nonNegativeInteger": 0, "unsignedLong": 0, "unsignedInt": 0, "unsignedShort": 0,
    "unsignedByte": 0, "long": -(2**63), "int": -(2**31), "short": -(2**15), "byte": -(2**7),
}  # fmt: skip
_LARGEST: Final[Mapping[str, int]] = {
    "negativeInteger": -1, "nonPositiveInteger": 0, "unsignedLong": 2**64 - 1, "unsignedInt": 2**32 - 1,
    "unsignedShort": 2**16 - 1, "unsignedByte": 2**8 - 1, "long": 2**63 - 1, "int": 2**31 - 1, "short": 2**15 - 1,
    "byte": 2**7 - 1,
}  # fmt: skip
INTEGERS: Final = (*dict.fromkeys((*_SMALLEST, *_LARGEST)), "integer")


def integer_limits(definition: Definition) -> tuple[int | None, int | None]:
    """The least and the greatest integer of a type; None for no limit."""
    lows = [_whole(definition.minimum, 1), _SMALLEST.get(definition.built_in)]
    highs = [_whole(definition.maximum, -1), _LARGEST.get(definition.built_in)]
    if definition.total_digits is not None:
        lows.append(1 - 10**definition.total_digits)
        highs.append(10**definition.total_digits - 1)
    return (
        max((low for low in lows if low is not None), default=None),
        min((high for high in highs if high is not None), default=None),
    )


def _whole(bound: Bound | None, inwards: int) -> int | None:
    """The integer at or just inside a bound; `inwards` is the direction of that."""
    if bound is None:
        return None
    exact = _number(bound.text)
    whole = int(exact.to_integral_value(ROUND_CEILING if inwards > 0 else ROUND_FLOOR))
    return whole + inwards if bound.is_exclusive and whole == exact else whole


def _number(text: str) -> Decimal:
    return Decimal(text.strip())


def _integer_edges(definition: Definition) -> Edges:
    low, high = integer_limits(definition)
    five, six, seven = (_into(number, low, high) for number in (5, 6, 7))
    for name, number in (("at-maximum", high), ("at-minimum", low)):
        if number is not None:
            yield Edge(name, str(number))
    yield Edge("minus-one", "-1")
    yield Edge("zero", "0")
    yield Edge("plus-sign", _signed(five))
    yield Edge("leading-zeros", _padded(seven))
    yield Edge("blanks-around", f" {five} ")
    yield Edge("one", "1")
    for name, number, step in (("inside-maximum", high, -1), ("inside-minimum", low, 1)):
        if number is not None:
            yield Edge(name, str(number + step))
    yield Edge("white-space-around", f"\n\t{six}\n")
    yield Edge("at-maximum-of-a-byte", "127")
    yield Edge("minus-zero", "-0")
    yield Edge("plus-sign-and-zeros", _signed(_padded(seven)))
    if low is None or high is None:
        yield Edge("eighteen-digits", "999999999999999999")
        yield Edge("minus-eighteen-digits", "-999999999999999999")
    for name, text in _near(definition.minimum, definition.maximum):
        yield Edge(name, text)


def _into(number: int, low: int | None, high: int | None) -> int:
    """The number, or the limit that it lies beyond."""
    number = number if low is None else max(number, low)
    return number if high is None else min(number, high)


def _signed(number: int | str) -> str:
    return str(number) if str(number).startswith("-") else f"+{number}"


def _padded(number: int) -> str:
    return f"{'-' if number < 0 else ''}00{abs(number)}"


def _near(*bounds: Bound | None) -> Iterator[tuple[str, str]]:
    """The bounds as their facets spell them."""
    for bound in bounds:
        if bound is not None:
            yield f"as-{_dashed(bound.facet)}-says", bound.text


def _dashed(name: str) -> str:
    return "".join(f"-{each.lower()}" if each.isupper() else each for each in name)


_NO_INTEGERS: Final = (
    ("word", "abc"), ("empty", ""), ("fraction", "5.0"), ("exponent", "1e3"), ("hexadecimal", "0x10"),
    ("thousands", "5,000"), ("not-a-number", "NaN"), ("two-numbers", "5 6"), ("arabic-digit", "\u0665"),
    ("two-signs", "+-5"), ("sign-alone", "-"), ("sign-apart", "- 5"), ("infinity", "INF"),
    ("full-width-digit", "\uff15"),
    ("minus-sign-of-typographers", "\u22125"), ("no-break-space", "\u00a05"), ("underscore", "1_000"),
)  # fmt: skip


def _integer_misfits(definition: Definition) -> Misfits:
    for name, text in _NO_INTEGERS:
        yield Misfit(name, text, definition.type_name)
    low, high = integer_limits(definition)
    for name, number, step in (("above-maximum", high, 1), ("below-minimum", low, -1)):
        if number is not None:
            yield Misfit(name, str(number + step), _facet_beyond(definition, number + step))
            yield Misfit(f"far-{name}", str(number + step * 10**20), _facet_beyond(definition, number + step * 10**20))
    if definition.total_digits is not None:
        yield Misfit("too-many-digits", str(10**definition.total_digits), "totalDigits")


def _facet_beyond(definition: Definition, number: Decimal | int) -> str:
    """The facet that a number is too large or too small for; the type where no facet of its own says so."""
    high, low = definition.maximum, definition.minimum
    if high is not None and (number >= _number(high.text) if high.is_exclusive else number > _number(high.text)):
        return high.facet
    if low is not None and (number <= _number(low.text) if low.is_exclusive else number < _number(low.text)):
        return low.facet
    return "totalDigits" if definition.total_digits is not None else definition.type_name


def _integer_texts(definition: Definition, within: Within) -> SearchStrategy[str] | None:
    if definition.patterns or definition.enumeration:
        return None
    low, high = within or integer_limits(definition)
    if low is not None and high is not None and low > high:
        return None
    if low is None or high is None:
        return st.integers(low, high).map(str)
    least, most = low, high
    return Made(lambda choose: str(choose(least, most)))


def _integer_maker(definition: Definition, within: Within) -> Maker:
    low, high = within or integer_limits(definition)

    def make(choose: Choose) -> str:
        return _spelled(str(_integer(choose, low, high)), choose(0, 15))

    return make


def lies_within(text: str, within: tuple[int, int]) -> bool:
    """Whether a text is a number of that range."""
    try:
        return within[0] <= _number(text) <= within[1]
    except InvalidOperation:
        return False


def narrowed(definition: Definition, within: Within) -> Definition:
    """The definition with a range for bounds, where it has none of its own."""
    if within is None:
        return definition
    low, high = (Bound(name, str(end)) for name, end in zip(("minInclusive", "maxInclusive"), within, strict=True))
    return replace(definition, minimum=definition.minimum or low, maximum=definition.maximum or high)


def padded(maker: Maker) -> Maker:
    """The numbers of a maker with zeros before them: patterns often ask for so many digits."""

    def make(choose: Choose) -> str:
        text = maker(choose).strip()
        sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
        return f"{sign}{'0' * (choose(0, 12) - len(digits))}{digits}"

    return make


def _spelled(text: str, spelling: int) -> str:
    """A number in one of its legal spellings, mostly the canonical one."""
    if spelling < 12:
        return text
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    return (f"{sign or '+'}{digits}", f"{sign}00{digits}", f"{sign or '+'}0{digits}", f" {text} ")[spelling - 12]


def _integer(choose: Choose, low: int | None, high: int | None) -> int:
    """Any magnitude is as likely as any other where a limit is far or missing; the lower of limits that contradict."""
    if low is not None and high is not None and low >= high:
        return low
    if low is not None and high is not None and high - low < 2**16:
        return choose(low, high)
    least, most = (-(10**30) if low is None else low), (10**30 if high is None else high)
    size = choose(0, max(abs(least), abs(most)).bit_length())
    around = 0 if least <= 0 <= most else least if least > 0 else most
    return choose(max(least, around - 2**size), min(most, around + 2**size))


# --- decimals ---------------------------------------------------------------------------------------------------------


def _decimal_edges(definition: Definition) -> Edges:
    scale = _scale(definition)
    step = Decimal(1).scaleb(-scale, _EXACT)
    for name, bound, inwards in (("maximum", definition.maximum, -step), ("minimum", definition.minimum, step)):
        if bound is not None:
            at = _number(bound.text)
            if not bound.is_exclusive:
                yield Edge(f"at-{name}", _plain(at))
            yield Edge(f"inside-{name}", _plain(_EXACT.add(at, inwards)))
    if definition.total_digits is not None:
        most = 10**definition.total_digits - 1
        yield Edge("most-digits", str(most))
        yield Edge("most-digits-negative", f"-{most}")
        if scale and definition.fraction_digits is not None:
            yield Edge("most-digits-with-fraction", _plain(Decimal(most).scaleb(-scale, _EXACT)))
    if definition.fraction_digits:
        yield Edge("most-fraction-digits", f"0.{'0' * (definition.fraction_digits - 1)}1")
        yield Edge("fraction-digits-and-zeros", f"1.{'0' * definition.fraction_digits}")
    yield from (Edge(name, text) for name, text in _DECIMALS)
    for name, text in _near(definition.minimum, definition.maximum):
        yield Edge(name, text)


_DECIMALS: Final = (
    ("zero", "0"), ("minus-one", "-1"), ("fraction", "1.5"), ("plus-sign", "+1.5"), ("leading-zeros", "007.5"),
    ("trailing-zeros", "1.500"), ("no-whole-part", ".5"), ("no-fraction-part", "5."), ("blanks-around", " 1.5 "),
    ("one", "1"), ("minus-zero", "-0.0"), ("eighteen-digits", "123456789012345678"),
    ("eighteen-fraction-digits", "0.123456789012345678"), ("minus-fraction", "-0.5"), ("cents", "19.99"),
    ("twenty-nine-digits", "12345678901234567890123456.789"),
)  # fmt: skip
_NO_DECIMALS: Final = (
    ("word", "abc"), ("empty", ""), ("exponent", "1e3"), ("comma", "1,5"), ("infinity", "INF"),
    ("not-a-number", "NaN"), ("hexadecimal", "0x10"), ("two-points", "1.2.3"), ("point-alone", "."),
    ("two-signs", "+-1"), ("two-numbers", "1 2"), ("arabic-digit", "\u0665"), ("currency", "$1"), ("percent", "5%"),
)  # fmt: skip


def _decimal_misfits(definition: Definition) -> Misfits:
    for name, text in _NO_DECIMALS:
        yield Misfit(name, text, definition.type_name)
    step = Decimal(1).scaleb(-_scale(definition), _EXACT)
    for name, bound, outwards in (
        ("above-maximum", definition.maximum, step),
        ("below-minimum", definition.minimum, -step),
    ):
        if bound is not None:
            at = _number(bound.text)
            yield Misfit(name, _plain(at if bound.is_exclusive else _EXACT.add(at, outwards)), bound.facet)
            yield Misfit(f"far-{name}", _plain(_EXACT.add(at, outwards.scaleb(6, _EXACT))), bound.facet)
    if definition.total_digits is not None:
        yield Misfit("too-many-digits", f"1{'0' * (definition.total_digits - 1)}1", "totalDigits")
        yield Misfit("too-many-digits-small", f"0.{'1' * (definition.total_digits + 1)}", "totalDigits")
        for name, bound in (("minimum", definition.minimum), ("maximum", definition.maximum)):
            whole = "" if bound is None else str(int(_number(bound.text)))
            missing = definition.total_digits + 1 - len(whole.strip("-"))
            if bound is not None and missing > 0:
                yield Misfit(f"too-many-digits-near-{name}", f"{whole}.{'1' * missing}", "totalDigits")
    if definition.fraction_digits is not None:
        yield Misfit("too-many-fraction-digits", f"0.{'0' * definition.fraction_digits}1", "fractionDigits")


def _scale(definition: Definition) -> int:
    """Digits after the point that values are made with, at most."""
    limits = (6, definition.fraction_digits, definition.total_digits)
    return min(limit for limit in limits if limit is not None)


def _plain(number: Decimal) -> str:
    return f"{number:f}"


def _decimal_maker(definition: Definition, _: Within) -> Maker:
    most_scale = _scale(definition)
    digits = definition.total_digits

    def make(choose: Choose) -> str:
        scale = choose(0, most_scale)
        low, high = (_scaled(bound, scale, inwards) for bound, inwards in _ends(definition))
        limit = None if digits is None else 10**digits - 1
        least = low if limit is None else max(-limit, -limit if low is None else low)
        most = high if limit is None else min(limit, limit if high is None else high)
        if least is not None and most is not None and least > most:
            scale, (least, most) = most_scale, _widest(definition, most_scale)
        number = _integer(choose, least, most)
        return _spelled_decimal(_plain(Decimal(number).scaleb(-scale, _EXACT)), choose(0, 15), definition)

    return make


def _widest(definition: Definition, scale: int) -> tuple[int, int]:
    low, high = (_scaled(bound, scale, inwards) for bound, inwards in _ends(definition))
    return (low or 0, max(low or 0, high or 0))


def _ends(definition: Definition) -> tuple[tuple[Bound | None, int], tuple[Bound | None, int]]:
    return (definition.minimum, 1), (definition.maximum, -1)


def _scaled(bound: Bound | None, scale: int, inwards: int) -> int | None:
    if bound is None:
        return None
    return _whole(Bound(bound.facet, _plain(_number(bound.text).scaleb(scale, _EXACT))), inwards)


def _spelled_decimal(text: str, spelling: int, definition: Definition) -> str:
    """A decimal in one of its legal spellings; trailing zeros only where no facet counts digits."""
    if spelling == 11 and "." not in text:
        return f"{text}."
    if spelling == 10 and definition.total_digits is None and definition.fraction_digits is None:
        return f"{text}00" if "." in text else f"{text}.00"
    return _spelled(text, spelling)


# --- float and double -------------------------------------------------------------------------------------------------

_FLOATS: Final = (
    ("zero", "0"), ("minus-one", "-1"), ("fraction", "1.5"), ("exponent", "1E5"), ("infinity", "INF"),
    ("minus-infinity", "-INF"), ("not-a-number", "NaN"), ("minus-zero", "-0"), ("small-exponent", "1.5e-5"),
    ("plus-sign", "+1.5"), ("plus-sign-of-exponent", "1e+3"), ("leading-zeros", "007"), ("no-whole-part", ".5"),
    ("no-fraction-part", "5."), ("blanks-around", " 1.5 "), ("one", "1"), ("zeros-of-exponent", "1E007"),
    ("seventeen-digits", "0.12345678901234567"),
)  # fmt: skip
_WIDEST: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "float": (("largest", "3.4028235E38"), ("smallest", "1.4E-45"), ("largest-negative", "-3.4028235E38")),
    "double": (
        ("largest", "1.7976931348623157E308"),
        ("smallest", "4.9E-324"),
        ("largest-negative", "-1.7976931348623157E308"),
        ("beyond-single-precision", "1E39"),
    ),
}
_NO_FLOATS: Final = (
    ("word", "abc"), ("empty", ""), ("comma", "1,5"), ("lower-case-infinity", "inf"), ("infinity-spelled", "Infinity"),
    ("lower-case-not-a-number", "nan"), ("hexadecimal", "0x1p3"), ("exponent-without-digits", "1E"),
    ("exponent-alone", "E5"), ("fraction-of-an-exponent", "1E1.5"), ("two-points", "1.2.3"), ("point-alone", "."),
    ("suffix", "1.5f"), ("two-numbers", "1 2"), ("two-signs", "--1"), ("arabic-digit", "\u0665"),
    ("plus-infinity", "+INF"),
)  # fmt: skip


def _float_edges(definition: Definition) -> Edges:
    yield from (Edge(f"at-{name}", bound.text) for name, bound in _inclusive(definition))
    for name, bound, inwards in (("inside-maximum", definition.maximum, -1), ("inside-minimum", definition.minimum, 1)):
        number = _finite(bound)
        if number is not None:
            yield Edge(name, _short(_EXACT.add(number, _step_at(number) * inwards)))
    yield from (Edge(name, text) for name, text in (*_FLOATS, *_WIDEST[definition.built_in]))


def _inclusive(definition: Definition) -> Iterator[tuple[str, Bound]]:
    for name, bound in (("maximum", definition.maximum), ("minimum", definition.minimum)):
        if bound is not None and not bound.is_exclusive:
            yield name, bound


def _step_at(number: Decimal) -> Decimal:
    """A difference that single precision still sees."""
    return Decimal(1).scaleb(max(number.adjusted(), 0) - 4) if number else Decimal("0.0001")


def _float_misfits(definition: Definition) -> Misfits:
    for name, text in _NO_FLOATS:
        yield Misfit(name, text, definition.type_name)
    for name, bound, outwards in (("above-maximum", definition.maximum, 1), ("below-minimum", definition.minimum, -1)):
        number = _finite(bound)
        if bound is not None and number is not None:
            beyond = number if bound.is_exclusive else _EXACT.add(number, _step_at(number) * outwards)
            yield Misfit(name, _short(beyond), bound.facet)
            yield Misfit(f"infinitely-{name}", "INF" if outwards > 0 else "-INF", bound.facet)


def _finite(bound: Bound | None) -> Decimal | None:
    try:
        number = None if bound is None else _number(bound.text)
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _float_maker(definition: Definition, within: Within) -> Maker:
    low, high = _finite(definition.minimum), _finite(definition.maximum)
    exponents = (0, 44) if definition.built_in == "float" else (0, 300)

    def anything(choose: Choose) -> str:
        special = choose(0, 31)
        if special > 27:
            return ("INF", "-INF", "NaN", "-0")[special - 28]
        if special < 16:
            return _spelled_decimal(_plain(Decimal(choose(-(10**6), 10**6)).scaleb(-choose(0, 4))), special, definition)
        exponent = choose(*exponents) * (1 if special % 2 else -1) // (1 if special > 23 else 8)
        return f"{_plain(Decimal(choose(-99_999, 99_999)).scaleb(-4))}{'eE'[special % 2]}{exponent}"

    return anything if low is None and high is None else _bounded_float_maker(low, high)


def _bounded_float_maker(low: Decimal | None, high: Decimal | None) -> Maker:
    """Numbers from one bound to the other, in a million steps; from a lone one, of any magnitude away from it."""
    start = next((bound for bound in (low, high) if bound is not None), Decimal(0))

    def make(choose: Choose) -> str:
        share = choose(1, 10**6)
        if low is not None and high is not None:
            number = _EXACT.add(low, _EXACT.multiply(_EXACT.subtract(high, low), Decimal(share).scaleb(-6)))
        else:
            away = Decimal(share).scaleb(choose(-3, 12) - 3 + max(start.adjusted() - 6, 0), _EXACT)
            number = _EXACT.add(low, away) if low is not None else _EXACT.subtract(high or Decimal(0), away)
        return _short(number)

    return make


def _short(number: Decimal) -> str:
    if not number or abs(number.adjusted()) < 15:
        return _plain(number.normalize(_EXACT))
    return f"{number:.8E}".replace("E+", "E")


# --- booleans ---------------------------------------------------------------------------------------------------------

_BOOLEANS: Final = (
    ("true", "true"), ("one", "1"), ("zero", "0"), ("false", "false"), ("blanks-around", " true "),
    ("white-space-around", "\n\tfalse\n"),
)  # fmt: skip
_NO_BOOLEANS: Final = (
    ("word", "yes"), ("empty", ""), ("upper-case", "TRUE"), ("number", "2"), ("switch", "on"), ("title-case", "True"),
    ("letter", "t"), ("zero-padded", "01"), ("minus-one", "-1"),
)  # fmt: skip


def _boolean_edges(_: Definition) -> Edges:
    return (Edge(name, text) for name, text in _BOOLEANS)


def _boolean_misfits(definition: Definition) -> Misfits:
    return (Misfit(name, text, definition.type_name) for name, text in _NO_BOOLEANS)


def _boolean_maker(_: Definition, __: Within) -> Maker:
    return lambda choose: _BOOLEANS[choose(0, 4)][1]


def _boolean_texts(definition: Definition, within: Within) -> SearchStrategy[str] | None:
    return None if definition.is_derived else Made(_boolean_maker(definition, within))


KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(
        INTEGERS, Kind(_integer_edges, _integer_misfits, _integer_maker, (f"{_SIGN}[0-9]+",), _integer_texts)
    ),
    "decimal": Kind(_decimal_edges, _decimal_misfits, _decimal_maker, (_DECIMAL,)),
    **dict.fromkeys(
        ("float", "double"),
        Kind(_float_edges, _float_misfits, _float_maker, (rf"{_DECIMAL}([eE]{_SIGN}[0-9]{{1,3}})?", "-?INF", "NaN")),
    ),
    "boolean": Kind(_boolean_edges, _boolean_misfits, _boolean_maker, ("true|false|0|1",), _boolean_texts),
}
