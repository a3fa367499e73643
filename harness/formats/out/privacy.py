"""People in an export: pseudonyms that nobody can resolve by the file, and groups too small to hide in.

A pseudonym is no anonymity: whoever holds the original table finds each person again by their grades.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from harness.errors import HarnessError
from harness.formats.out.base import Material
from harness.schema import RankedVerdict

MIN_KEY_BYTES = 16
DEFAULT_K = 5
_LENGTH = 12


@dataclass
class Pseudonyms:
    """New names for people and sessions, the same throughout one export.

    Without a key they are drawn anew each time. With a key the same person gets the same name in every export
    made with that key, and nobody without it can tell whose it is. Raises HarnessError when the key is short.
    """

    key: bytes | None = None
    people: dict[tuple[str, str], str] = field(default_factory=dict)
    """(session, annotator_id) -> pseudonym: the same id in two sessions is two people."""
    sessions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.key is not None and len(self.key) < MIN_KEY_BYTES:
            raise HarnessError(
                f"the key of the pseudonyms has {len(self.key)} bytes; {MIN_KEY_BYTES} or more keep it from "
                "being guessed"
            )

    def person(self, session: str, annotator_id: str) -> str:
        """The name of one person of one session."""
        found = self.people.get((session, annotator_id))
        if found is None:
            found = self.people[session, annotator_id] = f"p-{self._drawn('person', session, annotator_id)}"
        return found

    def session(self, session: str) -> str:
        """The name of a class or a day."""
        return self.sessions.setdefault(session, f"s-{self._drawn('session', session)}")

    def _drawn(self, *parts: str) -> str:
        if self.key is None:
            return secrets.token_hex(_LENGTH // 2)
        # Lengths before the parts: two different names never make the same message.
        message = "".join(f"{len(part)}:{part}" for part in parts).encode()
        return hmac.new(self.key, message, hashlib.sha256).hexdigest()[:_LENGTH]

    def mapping(self) -> list[tuple[str, str, str, str]]:
        """Rows of session, annotator_id and the two new names; whoever has them can undo everything."""
        return [
            (session, who, self.sessions.get(session, ""), name)
            for (session, who), name in sorted(self.people.items())
        ]


def pseudonymise(material: Material, names: Pseudonyms) -> Material:
    """The material with people and sessions renamed and times left out; the new names order the rows."""
    renamed = [_renamed(verdict, names) for verdict in material.people]
    renamed.sort(key=lambda verdict: (verdict.cell.annotator_id, verdict.cell.case_id, verdict.cell.phase))
    notes = (
        "People and sessions bear new pseudonyms, and the order of rows follows them.",
        "How long each person took is left out: it would tell them apart.",
        "Pseudonyms are no anonymity: whoever holds the original grades can find each person by them.",
    )
    # The run of a lesson bears the name of its session.
    run_id = names.sessions.get(material.manifest.run_id, material.manifest.run_id)
    return replace(
        material,
        manifest=material.manifest.model_copy(update={"run_id": run_id}),
        people=tuple(renamed),
        notes=(*material.notes, *notes),
        pseudonymised=bool(renamed),
    )


def _renamed(verdict: RankedVerdict, names: Pseudonyms) -> RankedVerdict:
    cell = verdict.cell
    who = names.person(cell.session or "", cell.annotator_id)
    session = None if cell.session is None else names.session(cell.session)
    cell = cell.model_copy(update={"annotator_id": who, "session": session})
    return verdict.model_copy(update={"cell": cell, "seconds": None})


def group_sizes(people: Iterable[RankedVerdict], *, pooled: bool = False) -> dict[str, int]:
    """Groups of people whom the files let a reader tell apart, in words, and how many are in each.

    People are alike when they share every session, rulebook (the half of a class) and language that stands
    beside their grades; pooled pairs hold no session.
    """
    places: dict[tuple[str | None, str], set[str]] = defaultdict(set)
    for verdict in people:
        cell = verdict.cell
        parts = [f"rulebook {cell.rulebook_id}", f"language {cell.language}"]
        if cell.session is not None and not pooled:
            parts.insert(0, f"session {cell.session}")
        places[cell.session, cell.annotator_id].add(", ".join(parts))
    return dict(Counter(" + ".join(sorted(found)) for found in places.values()))


def small_groups(sizes: Mapping[str, int], k: int) -> list[str]:
    """Groups of fewer than k people, one sentence each."""
    return [
        f"{n} {'person has' if n == 1 else 'people have'} {shared} to themselves; fewer than {k} cannot hide"
        for shared, n in sorted(sizes.items())
        if n < k
    ]
