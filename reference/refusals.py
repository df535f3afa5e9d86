"""Why a request is refused. How a refusal is answered is the business of each family of stacks."""

from __future__ import annotations

from enum import Enum

from reference.names import Name


class Kind(Enum):
    METHOD = "the method is not allowed"
    MEDIA_TYPE = "the media type is not supported"
    EMPTY = "the request has no body"
    MALFORMED = "the body is not well-formed XML"
    DOCUMENT_TYPE = "the body has a document type declaration"
    VERSION = "the envelope is in an unknown namespace"
    ENVELOPE = "the document is no envelope, or lacks a Body"
    MUST_UNDERSTAND = "a mandatory header block is not understood"
    ACTION = "the SOAPAction is not the operation's"
    OPERATION = "the operation is unknown"
    VALUE = "a value is not in the lexical space of its type"
    BUSINESS = "the service itself refuses"


class Refusal(Exception):  # noqa: N818 - what the service answers, not an error of ours
    """The request is not served."""

    def __init__(self, kind: Kind, reason: str = "", *, header_block: Name | None = None) -> None:
        super().__init__(reason or kind.value)
        self.kind = kind
        self.reason = reason or kind.value
        self.header_block = header_block
        """The header block that is not understood."""
