"""Codes that people type and secrets that browsers keep; only digests of secrets are ever stored."""

from __future__ import annotations

import hashlib
import random
import secrets

from harness.errors import NotAdmittedError

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 signs that nobody confuses on a projector: no 0 O 1 I L."""
CODE_LENGTH = 4
RECOVERY_LENGTH = 9
"""31 ** 9 is more than 2 ** 44: nobody guesses another pupil's word for coming back."""
TOKEN_BYTES = 16


def new_code(rng: random.Random) -> str:
    """Four signs that a class types to join; short, so guessing it is what the server slows down."""
    return "".join(rng.choice(ALPHABET) for _ in range(CODE_LENGTH))


def new_token() -> str:
    """A secret of 128 bits that a browser keeps."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_recovery() -> str:
    """A secret of 44 bits that a pupil can write down, to come back on another device."""
    return "".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LENGTH))


def digest(secret: str) -> str:
    """SHA-256 of a secret, in hexadecimal: what the store knows of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def normalise(typed: str, length: int = CODE_LENGTH) -> str:
    """What was typed, in capitals and without spaces and hyphens.

    Raises
    ------
    NotAdmittedError
        A sign that no code has (`sign`), or too few or too many signs (`length`).
    """
    plain = "".join(sign for sign in typed.upper() if not sign.isspace() and sign not in "-_.–\u2010\u2011")
    stranger = next((sign for sign in plain if sign not in ALPHABET), None)
    if stranger is not None:
        words = f"no code holds the sign {stranger!r}: codes are made of {ALPHABET}"
        raise NotAdmittedError("sign", words)
    if len(plain) != length:
        raise NotAdmittedError("length", f"a code of this kind has {length} signs, this one {len(plain)}")
    return plain
