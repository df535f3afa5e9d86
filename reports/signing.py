"""Detached Ed25519 signatures of a log: they show who vouches for it, which its chain cannot.

Needs the package `cryptography` (the extra `sign`). A signature stands beside the log, as `<log>.sig`: the raw
signature in base64, over the log's SHA-256.
"""

import base64
import hashlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from reports.errors import EvidenceError
from reports.files import write_file

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_CONTEXT = b"soapstone evidence log\0"


class SigningError(EvidenceError):
    """A key cannot be used, or what signing needs is not installed."""


def signature_of(log: Path) -> Path:
    """Where the signature of a log stands."""
    return log.with_name(f"{log.name}.sig")


def sign(log: Path, key: Path) -> Path:
    """Signs a log with a private key (PEM, Ed25519) and gives back the signature's path."""
    signed = private_key(key).sign(_message(log))
    return write_file(signature_of(log), base64.b64encode(signed).decode() + "\n")


def is_signed_by(log: Path, key: Path) -> bool:
    """Whether the signature beside a log is that of the owner of a public key (PEM), over the log as it is."""
    public = _public(key)
    from cryptography.exceptions import InvalidSignature

    try:
        signature = base64.b64decode(signature_of(log).read_bytes(), validate=False)
        public.verify(signature, _message(log))
    except (OSError, ValueError, InvalidSignature):
        return False
    return True


def _message(log: Path) -> bytes:
    try:
        with log.open("rb") as file:
            return _CONTEXT + hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise SigningError(log, None, f"cannot be read: {error.strerror or error}") from error


def _cryptography(key: Path) -> tuple[ModuleType, ModuleType]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        problem = "needs the package cryptography to be used: pip install 'soapstone[sign]'"
        raise SigningError(key, None, problem) from error
    return ed25519, serialization


def private_key(path: Path) -> "Ed25519PrivateKey":
    """The private key (PEM, Ed25519) of a file. Raises SigningError."""
    ed25519, serialization = _cryptography(path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise SigningError(path, None, f"cannot be read: {error.strerror or error}") from error
    except (ValueError, TypeError) as error:
        raise SigningError(path, None, "is not an unencrypted private key in PEM") from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise SigningError(path, None, "is not an Ed25519 key: make one with openssl genpkey -algorithm ed25519")
    return key  # type: ignore[no-any-return]


def _public(path: Path) -> "Ed25519PublicKey":
    ed25519, serialization = _cryptography(path)
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise SigningError(path, None, f"cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise SigningError(path, None, "is not a public key in PEM") from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise SigningError(path, None, "is not an Ed25519 key")
    return key  # type: ignore[no-any-return]
