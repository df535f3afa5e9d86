"""Secrets replaced by pseudonyms, in whatever encoding they stand, before anything is written."""

import hmac
import secrets as randomness
from collections.abc import Iterable

from contracts.judge.codings import decoded_body
from contracts.judge.records import Exchange
from contracts.model import Operation
from reports.phrases import SHORTEST, PhraseIndex
from reports.positions import Positions, cookie_values
from reports.pseudonyms import pseudonym
from reports.spellings import spellings
from reports.views import views, wide_readings

SHORTEST_SECRET = 8
"""Characters from which a value is replaced wherever it stands; shorter ones only where they are declared."""

_LAYERS = 2
"""Layers of escapes that are taken off: percent-encoded text quoted in XML has two."""

_LONGEST_LEARNED = 4096
"""Characters of a value found in a response beyond which it is no session id; a hostile answer can be any length."""


class Redactor:
    """Knows the secrets of a run and replaces them in bytes and in text.

    Pseudonyms keep length, lexical type and equality; `key` is drawn afresh for each run unless the workers of one
    run share theirs, and is never written.
    """

    def __init__(self, secrets: Iterable[str] = (), *, key: bytes | None = None) -> None:
        self._key = key or randomness.token_bytes(32)
        self._phrases = PhraseIndex()
        self._known: set[str] = set()
        self._short: set[str] = set()
        self._positions: dict[str, Positions] = {}
        for value in secrets:
            self.learn(value)

    def learn(self, value: str) -> None:
        """Adds a secret: from now on it reaches no output."""
        if not value or value in self._known:
            return
        self._known.add(value)
        if len(value) < SHORTEST_SECRET:
            self._short.add(value)
            return
        for phrase, replacement in set(spellings(value, self.pseudonym(value))):
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
        """The bytes without secrets, as long as they were."""
        return self._redact(data, _LAYERS)

    def redact_text(self, text: str) -> str:
        """The text without secrets."""
        if len(text) < SHORTEST:
            return text
        data = text.encode("utf-8", "surrogatepass")
        redacted = self._redact(data, _LAYERS)
        return text if redacted == data else redacted.decode("utf-8", "surrogatepass")

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

    def _redact(self, data: bytes, layers: int) -> bytes:
        data = self._phrases.replace(data)
        if layers:
            data = self._redact_wide(data, layers)
            for view in views(data):
                redacted = self._redact(view.decoded, layers - 1)
                if redacted != view.decoded:
                    data = view.rewrite(redacted)
        return data

    def _redact_wide(self, data: bytes, layers: int) -> bytes:
        for start, end, encoding in wide_readings(data):
            try:
                text = data[start:end].decode(encoding, "surrogatepass")
            except UnicodeDecodeError:
                continue
            redacted = self.redact_text(text) if layers else text
            if redacted != text:
                data = data[:start] + redacted.encode(encoding, "surrogatepass") + data[end:]
        return data


def _is_blank(value: str) -> bool:
    """Whether a value is a type's default or a placeholder: one character over and over, or the page's own word."""
    return value == "String" or len({character for character in value if character.isalnum()}) <= 1
