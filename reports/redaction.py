"""Secrets replaced by pseudonyms, in whatever encoding they stand, before anything is written."""

import hmac
import secrets as randomness
from collections.abc import Iterable
from dataclasses import dataclass, replace

from contracts.judge.codings import decoded_body
from contracts.judge.records import Exchange
from contracts.model import Operation
from reports.packed import STRETCHES, packed
from reports.phrases import SHORTEST, PhraseIndex
from reports.positions import Positions, cookie_values
from reports.pseudonyms import pseudonym
from reports.spellings import spellings
from reports.views import NOTATIONS, Notation, wide_readings

SHORTEST_SECRET = 8
"""Characters from which a value is replaced wherever it stands; shorter ones only where they are declared."""

_LAYERS, _LAYERS_OF_ONE = 2, 3
"""Layers of escapes that are taken off, of any kinds and of one kind: percent-encoded text quoted in XML has two."""

_LONGEST_LEARNED = 4096
"""Characters of a value found in a response beyond which it is no session id; a hostile answer can be any length."""

_MOST_CLEAN, _LONGEST_CLEAN = 4096, 256
"""Stretches of digits known to hide nothing that are remembered, and bytes of one: names that stand in every body."""

_BETWEEN = b"\n\n"
"""What stands between contents that are looked through together."""


@dataclass(frozen=True, slots=True)
class _Depth:
    """What was taken off before data is looked at: escapes of notations, UTF-16, base64 or hexadecimal digits.

    `left` are the notations whose escapes may still be.
    """

    taken: tuple[Notation, ...] = ()
    left: tuple[Notation, ...] = NOTATIONS
    is_wide: bool = False
    is_packed: bool = False

    @property
    def is_deepest(self) -> bool:
        """Whether nothing more is taken off, but for escapes of one kind."""
        return len(self.taken) >= _LAYERS

    def beneath(self, notation: Notation) -> "_Depth":
        """Where escapes of a notation are taken off as well."""
        taken = (*self.taken, notation)
        is_same = len(taken) < _LAYERS_OF_ONE and all(each is notation for each in taken)
        left = NOTATIONS if len(taken) < _LAYERS else (notation,) if is_same else ()
        return replace(self, taken=taken, left=left)


_SURFACE = _Depth()


class Redactor:
    """Knows the secrets of a run and replaces them in bytes and in text.

    Pseudonyms keep length, lexical type and equality; `key` is drawn afresh for each run, and is never written.
    """

    def __init__(self, secrets: Iterable[str] = (), *, key: bytes | None = None) -> None:
        self._key = key or randomness.token_bytes(32)
        self._phrases = PhraseIndex()
        self._known: set[str] = set()
        self._short: set[str] = set()
        self._positions: dict[str, Positions] = {}
        self._clean: set[bytes] = set()
        for value in secrets:
            self.learn(value)

    def learn(self, value: str) -> None:
        """Adds a secret: from now on it reaches no output."""
        if not value or value in self._known:
            return
        self._known.add(value)
        self._clean.clear()
        if len(value) < SHORTEST_SECRET:
            self._short.add(value)
            return
        for phrase, replacement in set(spellings(value, self.pseudonym)):
            if len(phrase) >= SHORTEST and phrase != replacement:
                self._phrases.add(phrase, replacement)

    def learn_from(self, exchange: Exchange, operation: Operation) -> None:
        """Adds the secrets that an answer brought: declared members and cookies that the request did not carry.

        Values without a secret in them, such as a zero GUID, are passed over.
        """
        response = exchange.response
        if response is None:
            return
        body = decoded_body(response)
        found = self._positions_of(operation).values_in(response.body if body is None else body)
        for value in {*found, *cookie_values(response.headers)}:
            is_news = SHORTEST_SECRET <= len(value) <= _LONGEST_LEARNED and not _is_blank(value)
            if is_news and value.encode("utf-8", "surrogatepass") not in (exchange.sent.body or b""):
                self.learn(value)

    def redact(self, data: bytes) -> bytes:
        """The bytes without secrets: as long as they were, and UTF-8 if they were."""
        redacted = self._redact(data, _SURFACE)
        if redacted == data:
            return data
        try:
            return _as_text(data.decode(), redacted).encode()
        except UnicodeDecodeError:
            return redacted

    def redact_text(self, text: str) -> str:
        """The text without secrets, with as many characters."""
        return self._redact_text(text, _SURFACE)

    def redact_request(self, body: bytes, operation: Operation) -> bytes:
        """A request's body without secrets; short ones are replaced where the contract declares them."""
        return self.redact(self._redact_short(body, operation))

    def redact_path(self, path: str, operation: Operation) -> str:
        """A request's path and query without secrets; short ones are replaced where the contract declares them."""
        data = self._redact_short(path.encode("utf-8", "surrogatepass"), operation)
        return self.redact_text(data.decode("utf-8", "surrogatepass"))

    def redact_response(self, body: bytes, operation: Operation) -> bytes:
        """A response's body without secrets; what stands at a declared position is replaced however short it is."""
        return self.redact(self._positions_of(operation).replace(body, self._declared_pseudonym))

    def pseudonym(self, value: str) -> str:
        """What stands in a value's place: of equal length and lexical type, the same each time in a run."""
        return pseudonym(value, self._key)

    def digest(self, data: bytes) -> str:
        """A keyed digest: shows within one run which bytes were equal, and nothing about what they were."""
        return hmac.digest(self._key, data, "sha256").hex()

    def _redact_short(self, data: bytes, operation: Operation) -> bytes:
        return self._positions_of(operation).replace(data, self._short_pseudonym) if self._short else data

    def _short_pseudonym(self, value: str) -> str | None:
        return self.pseudonym(value) if value in self._short else None

    def _declared_pseudonym(self, value: str) -> str | None:
        is_short = 0 < len(value) < SHORTEST_SECRET and not _is_blank(value)
        return self.pseudonym(value) if is_short else None

    def _positions_of(self, operation: Operation) -> Positions:
        if operation.key not in self._positions:
            self._positions[operation.key] = Positions.of(operation)
        return self._positions[operation.key]

    def _redact_text(self, text: str, depth: _Depth) -> str:
        if len(text) < SHORTEST:
            return text
        data = text.encode("utf-8", "surrogatepass")
        redacted = self._redact(data, depth)
        return text if redacted == data else _as_text(text, redacted)

    def _redact(self, data: bytes, depth: _Depth) -> bytes:
        data = self._phrases.replace(data)
        if not depth.is_deepest:
            data = data if depth.is_wide else self._redact_wide(data, depth)
            data = data if depth.is_packed else self._redact_packed(data, depth)
        for notation in depth.left:
            if (view := notation.view(data)) is not None:
                redacted = self._redact(view.decoded, depth.beneath(notation))
                if redacted != view.decoded:
                    data = view.rewrite(redacted)
        return data

    def _redact_wide(self, data: bytes, depth: _Depth) -> bytes:
        for start, end, encoding in wide_readings(data):
            try:
                text = data[start:end].decode(encoding, "surrogatepass")
            except UnicodeDecodeError:
                continue
            redacted = self._redact_text(text, replace(depth, is_wide=True))
            if redacted != text:
                data = data[:start] + redacted.encode(encoding, "surrogatepass") + data[end:]
        return data

    def _redact_packed(self, data: bytes, depth: _Depth) -> bytes:
        stretches = {*STRETCHES.findall(data)} - self._clean
        if not stretches:
            return data
        found = [each for stretch in stretches for each in packed(stretch)]
        contents = _BETWEEN.join(each.content for each in found)
        redacted = self._redact(contents, replace(depth, is_packed=True))
        if redacted == contents:
            self._remember_clean(stretches, depth)
            return data
        at = 0
        for each in found:
            changed = redacted[at : at + len(each.content)]
            at += len(each.content) + len(_BETWEEN)
            if changed != each.content:
                data = data.replace(each.stretch, each.closed(changed))
        return data

    def _remember_clean(self, stretches: Iterable[bytes], depth: _Depth) -> None:
        """Spares looking into what stands in every body; only what was looked at as deeply as anything is."""
        if depth == _SURFACE:
            if len(self._clean) > _MOST_CLEAN:
                self._clean.clear()
            self._clean.update(each for each in stretches if len(each) <= _LONGEST_CLEAN)


def _as_text(original: str, redacted: bytes) -> str:
    """Redacted bytes of a text in UTF-8 as text. Where a stand-in cuts a character in two, letters stand instead."""
    try:
        return redacted.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        pieces, at = [], 0
        for character in original:
            size = len(character.encode("utf-8", "surrogatepass"))
            pieces.append(_character(redacted[at : at + size]))
            at += size
        return "".join(pieces)


_LETTERS = ("x", "ø", "一", "𐌰")
"""A letter for each number of bytes that UTF-8 has for a character."""


def _character(piece: bytes) -> str:
    """The one character that bytes stand for, or another that is as long."""
    try:
        text = piece.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = ""
    return text if len(text) == 1 else _LETTERS[len(piece) - 1]


def _is_blank(value: str) -> bool:
    """Whether a value is a type's default or a placeholder: one character over and over, or the page's own word."""
    return value == "String" or len({character for character in value if character.isalnum()}) <= 1
