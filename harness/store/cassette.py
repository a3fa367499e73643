"""The cassette: every recorded answer as plain, sorted, checksummed lines that anybody can read and share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

from harness.errors import StoreError
from harness.schema import Outcome, Recording, Request, canonical_json
from harness.store import nearest
from harness.store.file_lines import ReadFiles
from harness.store.lines import (
    Recorded,
    is_completion,
    message_hashes,
    pack,
    text_payload,
    trusted_answered,
)
from harness.store.secret_scan import SecretScan
from harness.store.shards import read_shards, shards_digest, write_shards


@dataclass(frozen=True)
class Cassette:
    """Recorded answers; a `Lookup`. What was read from a folder stays there: a million answers fit."""

    answers: Mapping[str, bytes] = field(repr=False)
    texts: Mapping[str, str] = field(repr=False)
    corrupt: tuple[str, ...] = ()
    """What `skip_corrupt` left out, one `file:line: why` each."""
    known_digest: str | None = field(default=None, repr=False, compare=False)
    """The digest, where reading the files gave it."""

    @classmethod
    def build(
        cls, recordings: Iterable[Recording], outcomes: Iterable[Outcome], texts: Mapping[str, str]
    ) -> Cassette:
        """Gather answers: first recording per key, a recording before an outcome, the latest outcome.

        Raises
        ------
        StoreError
            A message text of a completion is missing from `texts`.
        """
        chosen: dict[str, Recorded] = {}
        for outcome in sorted(outcomes, key=_age):
            chosen[outcome.key] = outcome
        for recording in recordings:
            if not isinstance(chosen.get(recording.key), Recording):
                chosen[recording.key] = recording
        return cls.of({key: canonical_json(one) for key, one in chosen.items()}, texts)

    @classmethod
    def of(cls, answers: Mapping[str, bytes], texts: Mapping[str, str]) -> Cassette:
        """The same from payloads that were checked, one per key, as a working store has them.

        Raises
        ------
        StoreError
            A message text of a completion is missing from `texts`.
        """
        return cls({key: answers[key] for key in sorted(answers)}, _texts_of(answers, texts))

    @classmethod
    def read(cls, folder: Path, *, skip_corrupt: bool = False, read_files: ReadFiles = map) -> Cassette:
        """Read a cassette and verify every line, key, message text and file; see `read_shards`.

        Raises
        ------
        StoreError
            There is no cassette, or something in it is damaged; each place is named as `file:line`.
        """
        shards = read_shards(folder, read_files)
        if shards.problems and not skip_corrupt:
            shown = "\n".join(shards.problems[:20])
            raise StoreError(
                f"{shown}\n{folder}: this cassette is damaged in {len(shards.problems)} place(s); restore it "
                "(git checkout, or export it again), or read it without the damaged lines (--skip-corrupt)"
            )
        return cls(shards.answers, shards.texts, shards.problems, shards.digest)

    def mended(self, texts: Mapping[str, str]) -> Cassette:
        """The cassette with the message texts that were lost put back, as far as `texts` has them.

        A recording whose text nobody has is left out: a cassette without it could not be read again.
        """
        needed = {one.key: [m.sha256 for m in one.request.messages] for one in self.recordings()}
        known = {**texts, **self.texts}
        lost = {key for key, hashes in needed.items() if not known.keys() >= set(hashes)}
        kept = {sha256 for key, hashes in needed.items() if key not in lost for sha256 in hashes}
        return Cassette(
            {key: payload for key, payload in self.answers.items() if key not in lost},
            {sha256: known[sha256] for sha256 in sorted(kept | self.texts.keys())},
            self.corrupt,
        )

    def find(self, key: str) -> Recorded | None:
        """The recording or the terminal outcome under a key, or None."""
        payload = self.answers.get(key)
        return None if payload is None else trusted_answered(payload)

    def explain_miss(self, request: Request) -> str:
        """Name the nearest recorded key and the fields in which it differs."""
        return nearest.explain_miss(request, self, self.texts.get)

    def __iter__(self) -> Iterator[Recorded]:
        return (trusted_answered(payload) for payload in self.answers.values())

    def __len__(self) -> int:
        return len(self.answers)

    def recordings(self) -> Iterator[Recording]:
        """Every recorded completion, by key."""
        return (one for one in self if isinstance(one, Recording))

    def outcomes(self) -> Iterator[Outcome]:
        """Every call that ended without a completion, by key."""
        return (one for one in self if isinstance(one, Outcome))

    def answer_lines(self) -> Iterator[bytes]:
        """The lines of the answers, sorted by key."""
        return (pack(self.answers[key]) for key in sorted(self.answers))

    def text_lines(self) -> Iterator[bytes]:
        """The lines of the message texts, sorted by hash."""
        return (pack(text_payload(sha256, self.texts[sha256])) for sha256 in sorted(self.texts))

    def digest(self) -> str:
        """SHA-256 of all lines: `cat [0-9]*.jsonl texts-*.jsonl | sha256sum` gives the same."""
        if self.known_digest is not None:
            return self.known_digest
        whole = hashlib.sha256()
        for line in chain(self.answer_lines(), self.text_lines()):
            whole.update(line)
        return whole.hexdigest()

    def write(self, folder: Path) -> str:
        """Write the cassette in place of an older one, and return its digest; see `write_cassette`."""
        scan = SecretScan()
        for key, payload in self.answers.items():
            scan.look_at_line(f"answer {key[:12]}", partial(_plain, payload), payload)
        for sha256, text in self.texts.items():
            scan.look(f"message text {sha256[:12]}", text)
        scan.refuse()
        return write_shards(folder, self.answer_lines(), self.text_lines())


def _plain(payload: bytes) -> object:
    return trusted_answered(payload).model_dump(mode="json")


def _age(outcome: Outcome) -> tuple[str, bytes]:
    """When it ended; the bytes decide between outcomes of the same moment, so that order never matters."""
    return outcome.ended_at, canonical_json(outcome)


def _texts_of(answers: Mapping[str, bytes], texts: Mapping[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for key, payload in answers.items():
        for sha256 in message_hashes(payload):
            if sha256 in texts:
                kept[sha256] = texts[sha256]
            elif is_completion(payload):
                raise StoreError(
                    f"answer {key[:12]}: its message text {sha256[:12]} is missing; "
                    "nothing can be exported from a store that lost a text"
                )
    return {sha256: kept[sha256] for sha256 in sorted(kept)}


def write_cassette(
    folder: Path, recordings: Iterable[Recording], outcomes: Iterable[Outcome], texts: Mapping[str, str]
) -> str:
    """Export answers to a folder, atomically, and return the digest: same content, same bytes.

    A kill at any moment leaves either the old or the new cassette readable.

    Raises
    ------
    StoreError
        What looks like a secret stands in a string (the field is named), a text is missing, the disk is
        full or read-only, or the folder holds files that are no part of a cassette. Nothing is written then.
    """
    return Cassette.build(recordings, outcomes, texts).write(folder)


def cassette_digest(folder: Path) -> str:
    """The digest of a cassette whose files are those that its manifest lists.

    Raises
    ------
    StoreError
        There is no cassette, or it is damaged; each place is named, as `Cassette.read` does.
    """
    return shards_digest(folder) or Cassette.read(folder).digest()


def merge(first: Cassette, second: Cassette) -> tuple[Cassette, int]:
    """The union of two cassettes, and how many keys had two different completions (the first one stays)."""
    n_conflicts = sum(_conflict(first.answers[key], second.answers[key]) for key in _shared(first, second))
    union = Cassette.build(
        chain(first.recordings(), second.recordings()),
        chain(first.outcomes(), second.outcomes()),
        {**first.texts, **second.texts},
    )
    return Cassette(union.answers, union.texts, first.corrupt + second.corrupt), n_conflicts


def _shared(first: Cassette, second: Cassette) -> Iterator[str]:
    return (key for key in first.answers if key in second.answers)


def _conflict(first: bytes, second: bytes) -> bool:
    if first == second:
        return False
    one, other = trusted_answered(first), trusted_answered(second)
    return isinstance(one, Recording) and isinstance(other, Recording) and one.completion != other.completion
