"""New sessions and new pupils, and the key of the projector: what chance and secrets decide."""

from __future__ import annotations

import hashlib
import hmac
import random
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime

from harness.classroom import codes, phases
from harness.classroom.cards import rulebook_for
from harness.classroom.pseudonyms import draw_pseudonym
from harness.classroom.retention import expiry
from harness.errors import NotAdmittedError
from harness.schema.classroom import ClassSession, ClassSettings, Entry, Pupil

MAX_PUPILS = 2000
"""People who may join one session: more is somebody playing with the code."""
_SEED_BITS = 128
"""The seed is a secret too: the projector's key comes from it."""


def new_session(settings: ClassSettings, now: datetime, rng: random.Random) -> ClassSession:
    """A session that begins now."""
    code = codes.new_code(rng)
    return ClassSession(
        session_id=f"{now:%Y-%m-%d}-{code.lower()}-{rng.randrange(16**4):04x}",
        code=code,
        settings=settings,
        state=phases.start(settings),
        seed=rng.getrandbits(_SEED_BITS),
        created_at=now.isoformat(timespec="seconds"),
        expires_at=expiry(settings, now),
    )


def new_pupil(
    session: ClassSession, number: int, *, entry: Entry = "device", rulebook_id: str | None = None
) -> Pupil:
    """The pupil who joins as number `number`; raises NotAdmittedError when the session is full."""
    if number > MAX_PUPILS:
        raise NotAdmittedError("full", f"{MAX_PUPILS} people are in this session already")
    animal, animal_number = draw_pseudonym(session.seed, number)
    return Pupil(
        pupil_id=f"p-{secrets.token_hex(6)}",
        number=number,
        animal=animal,
        animal_number=animal_number,
        rulebook_id=rulebook_id or rulebook_for(session.settings.rulebooks, session.seed, number),
        entry=entry,
    )


def projector_key(session: ClassSession) -> str:
    """What opens the projector's page, and nothing else; the same each time."""
    drawn = hmac.digest(session.seed.to_bytes(_SEED_BITS // 8, "big"), b"projector", hashlib.sha256)
    return urlsafe_b64encode(drawn[:16]).decode().rstrip("=")


def is_projector(session: ClassSession, key: str) -> bool:
    """Whether a key opens the projector's page of this session."""
    return hmac.compare_digest(projector_key(session).encode(), key.encode())
