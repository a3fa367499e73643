"""A run that grows: what may be added to a run folder, and what must stay as it was."""

from __future__ import annotations

from pathlib import Path

from harness.errors import ExperimentError, Problem, StoreError
from harness.load.content import load_rulebook
from harness.run.capabilities import only_of
from harness.schema import Experiment, Manifest, Part
from harness.schema.ablation import ablations
from harness.store.folder import RunFolder

MAX_PART_ID = 64


def extend_manifest(folder: RunFolder, asked: Manifest) -> Manifest:
    """Put the additions of `asked` into the folder's manifest, and return the one in force.

    Parts, judges and files may be new; whatever was there must be there still, unchanged and in its order.
    A folder without a manifest gets the one that is asked for.

    Raises
    ------
    StoreError
        Something that was there is gone or has changed; each field is named.
    """
    if not folder.manifest_path.exists():
        return folder.write_manifest(asked)
    written = folder.read_manifest()
    _refuse_widened(folder, written.experiment, asked.experiment)
    folder.check_manifest(_known_part(written, asked))
    extended = asked.model_copy(
        update={
            "run_id": written.run_id,
            "created_at": written.created_at,
            "harness_version": written.harness_version,
            "versions": {**asked.versions, **written.versions},
        }
    )
    return written if extended == written else folder.replace_manifest(extended)


def _known_part(written: Manifest, asked: Manifest) -> Manifest:
    """What is asked for without its additions: an allowed extension makes this the written manifest."""
    part_ids = {part.part_id for part in written.experiment.parts}
    judge_ids = {judge.spec.judge_id for judge in written.judges}
    parts = tuple(part for part in asked.experiment.parts if part.part_id in part_ids)
    return asked.model_copy(
        update={
            "experiment": asked.experiment.model_copy(update={"parts": parts}),
            "judges": tuple(judge for judge in asked.judges if judge.spec.judge_id in judge_ids),
            "capabilities": only_of(asked.capabilities, judge_ids),
            # The people's grades may join with the first judge that is shown some.
            "shots": asked.shots if written.shots is not None else None,
            "files": {path: asked.files[path] for path in written.files if path in asked.files},
        }
    )


def _refuse_widened(folder: RunFolder, written: Experiment, asked: Experiment) -> None:
    """The likeliest mistake has a word of its own: a part that grew, instead of a new part beside it."""
    now = {part.part_id: part for part in asked.parts}
    changed = [part.part_id for part in written.parts if now.get(part.part_id) != part]
    if changed:
        raise StoreError(
            f"{folder.manifest_path}: the parts {', '.join(changed)} are recorded here and are no longer the "
            "same in the experiment; leave them as they were, and write what is new as parts of its own"
        )


def ablated_experiment(experiment: Experiment) -> Experiment:
    """The experiment, and for each part one more that leaves out one rule at a time (`--ablate-rules`).

    The new parts stand behind all others and ask under the whole rulebooks too, which costs nothing where a
    part did so already. So a run that was recorded without them can be extended.

    Raises
    ------
    ExperimentError
        No rulebook has two rules, or a part's id is too long to be extended.
    """
    added = [one for part in experiment.parts if not part.ablate_rules and (one := _ablated(part))]
    path = Path(f"{experiment.experiment_id}.yaml")
    if not added and not any(part.ablate_rules for part in experiment.parts):
        words = "no rulebook of this experiment has two rules or more: there is none to leave out"
        raise ExperimentError([Problem(path, None, "parts", words)])
    taken = {part.part_id for part in experiment.parts}
    for part in added:
        if part.part_id in taken or len(part.part_id) > MAX_PART_ID:
            words = f"'{part.part_id}' is taken or too long; --ablate-rules adds a part of this name"
            raise ExperimentError([Problem(path, None, "parts", words)])
    return experiment.model_copy(update={"parts": (*experiment.parts, *added)})


def _ablated(part: Part) -> Part | None:
    rulebooks = tuple(name for name in part.rulebooks if ablations(load_rulebook(name)))
    if not rulebooks:
        return None
    name = f"{part.part_id}.without-one-rule"
    return part.model_copy(update={"part_id": name, "rulebooks": rulebooks, "ablate_rules": True})


def check_same_experiment(manifest: Manifest, asked: Experiment, folder: RunFolder) -> None:
    """Refuse to replay a folder under an experiment that is not the one it holds.

    Raises
    ------
    StoreError
        The two differ; the fields are named.
    """
    names = [
        name
        for name in type(asked).model_fields
        if name != "stops" and getattr(asked, name) != getattr(manifest.experiment, name)
    ]
    if names:
        raise StoreError(
            f"{folder.manifest_path}: the experiment differs from the one recorded here in "
            f"{', '.join(names)}; `harness replay {folder.path}` replays what is recorded, and "
            "`harness run --extend` records what was added"
        )
