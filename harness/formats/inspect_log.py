"""Inspect: the scores of eval logs; a scorer is a judge, a sample a case, a system's output an answer.

Shapes made with the real library, inspect-ai 0.3.285 (log version 2), and read from `log/_log.py`
(EvalSample) and `scorer/_metric.py` (Score, `value_to_float`). What is easy to get wrong:

* A log holds one system; two systems can only be ranked from two logs over the same samples.
* An epoch asks the system again. Where its outputs differ from epoch to epoch, a scorer's repeats grade
  different texts, and the noise of the system is in them; the option epochs reads them as answers instead.
* A score of NaN is Inspect's mark for `not scored`: a failure, never a grade. The letter N (no answer) counts
  0 there, and here, and is counted.
* Newer `.eval` archives are compressed in a way that Python before 3.14 cannot read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.errors import ImportFormatError
from harness.formats.assemble import dense
from harness.formats.base import Format, Graded, Imported, Place
from harness.formats.drafts import Draft, Drafts, counted, imported_judge, listed, names_option
from harness.formats.inspect_samples import Log, Sample, Scored, read_log
from harness.formats.reading import LANGUAGE_OPTION, Ids, Problems, fail, language_option, option
from harness.schema import FailureReason, JudgeSpec

_SENTENCES = {
    "stopped": "Samples that ended in an error or were invalidated, whose scores are failures: {n}.",
    "unscored": "Scores that are none (NaN, or a word that is no grade), which are failures: {n}.",
    "partial": "Outputs without a score beside others of their sample that have one, missing from that "
    "ranking: {n}.",
    "no_answer": "Scores `N` (the system gave no answer), which count 0 as in Inspect: {n}.",
    "edited": "Samples with scores that were edited after the run, as they stand now: {n}.",
    "different": "Samples whose outputs differ from epoch to epoch, so that repeats of a scorer grade "
    "different texts (the first one is shown): {n}.",
    "single": "Samples with one output only, where nothing can be ranked, left out: {n}.",
}
_REASONS: Mapping[str, FailureReason] = {"refusal": "refused", "grader_failed": "unparsable"}


class _Builder:
    """Cases and grades from logs; a case is one sample of one task."""

    def __init__(self, paths: Sequence[Path], options: Mapping[str, str]) -> None:
        self.drafts = Drafts(paths, language_option(options))
        self.scorers = names_option(options, "scorers")
        self.epochs_are_repeats = option(options, "epochs", "repeats", ("repeats", "answers")) == "repeats"
        self.counts: Counter[str] = Counter()
        self.judges: dict[str, JudgeSpec] = {}
        self.graded: list[Graded] = []
        self._samples: dict[str, dict[int, dict[str, Sample]]] = {}
        self._ids = Ids()
        self.n_scorers_seen: dict[str, None] = {}

    def add(self, log: Log, problems: Problems) -> None:
        """Lay the samples of a log out by case, epoch and system; one that stands twice is a problem."""
        for sample in log.samples:
            name = f"{log.task} {sample.sample_id}"
            epoch = sample.epoch if self.epochs_are_repeats else 1
            system = sample.system if self.epochs_are_repeats else f"{sample.system} {sample.epoch}"
            twin = self._samples.setdefault(name, {}).setdefault(epoch, {}).setdefault(system, sample)
            if twin is not sample:
                words = f"{sample.system} stands twice for sample {sample.sample_id} (first at {twin.place})"
                problems.note(sample.place, "", f"{words}; give one log for each system")

    def place_scores(self, problems: Problems) -> None:
        """Make the cases, and one ranking for each scorer and epoch."""
        for name, by_epoch in self._samples.items():
            systems = {system: sample for runs in by_epoch.values() for system, sample in runs.items()}
            if len(systems) < 2:
                self.counts["single"] += 1
                continue
            draft = self.drafts.of(name, next(iter(systems.values())).place)
            try:
                self._add_texts(draft, by_epoch)
            except ImportFormatError as error:
                problems.add(error.problems[0])
                continue
            for repeat, epoch in enumerate(sorted(by_epoch)):
                self._grade(draft, repeat, by_epoch[epoch])

    def _add_texts(self, draft: Draft, by_epoch: Mapping[int, Mapping[str, Sample]]) -> None:
        shown: dict[str, Sample] = {}
        different = False
        for epoch in sorted(by_epoch):
            for system, sample in by_epoch[epoch].items():
                first = shown.setdefault(system, sample)
                different |= first.output != sample.output
                self.counts["stopped"] += sample.failed
                self.counts["edited"] += sample.was_edited
                draft.set_message(sample.message, sample.place)
        self.counts["different"] += different
        for system in sorted(shown):
            draft.answer(system, shown[system].system, shown[system].output, shown[system].place)

    def _grade(self, draft: Draft, repeat: int, runs: Mapping[str, Sample]) -> None:
        by_scorer: dict[str, dict[str, Scored]] = {}
        for system, sample in runs.items():
            for scored in sample.scores:
                by_scorer.setdefault(scored.scorer, {})[system] = scored
        self.n_scorers_seen.update(dict.fromkeys(by_scorer))
        for scorer, found in by_scorer.items():
            if not self.scorers or scorer.partition(" ")[0] in self.scorers or scorer in self.scorers:
                self._add_ranking(draft, (scorer, repeat), found, runs)

    def _add_ranking(
        self, draft: Draft, cell: tuple[str, int], found: Mapping[str, Scored], runs: Mapping[str, Sample]
    ) -> None:
        scorer, repeat = cell
        read = {
            draft.names[system]: scored.number
            for system, scored in found.items()
            if scored.number is not None and not runs[system].failed
        }
        lost = [scored for system, scored in found.items() if draft.names[system] not in read]
        self.counts["no_answer"] += sum(scored.no_answer for scored in found.values())
        self.counts["unscored"] += sum(scored.number is None for scored in found.values())
        failed = len(read) < 2
        self.counts["partial"] += 0 if failed else len(draft.names) - len(read)
        self.graded.append(
            Graded(
                place=next(iter(runs.values())).place,
                case_id=draft.case_id,
                annotator_id=self._judge(scorer),
                kind="judge",
                grades={} if failed else dense(read),
                failure=self._failure(lost) if failed else None,
                repeat=repeat,
                text=lost[0].text if failed and lost else "",
            )
        )

    def _failure(self, lost: Sequence[Scored]) -> FailureReason:
        """Why there is no ranking; a score that is simply not there was never given."""
        return _REASONS.get(lost[0].reason, "unparsable") if lost else "exhausted"

    def _judge(self, scorer: str) -> str:
        judge_id = self._ids.of(scorer)
        self.judges.setdefault(judge_id, imported_judge(judge_id, scorer, "pointwise"))
        return judge_id


def read_inspect(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read eval logs, whole, one after the other; their outputs and scores are kept, the events are not.

    Raises
    ------
    ImportFormatError
        A file is no log, a system stands twice for a sample, or nothing can be ranked.
    """
    builder, problems = _Builder(paths, options), Problems()
    statuses: Counter[str] = Counter()
    for path in _files(paths):
        log = read_log(path, problems)
        statuses[log.status] += log.status != "success"
        builder.add(log, problems)
    problems.raise_any()
    builder.place_scores(problems)
    problems.raise_any()
    if not builder.graded:
        _refuse_empty(builder)
    cases = builder.drafts.cases(problems)
    stopped = [f"Logs that ended as `{status}`: {n}." for status, n in sorted(statuses.items()) if n]
    return Imported(
        case_set=builder.drafts.case_set(cases),
        cases=cases,
        judges=tuple(builder.judges.values()),
        graded=tuple(builder.graded),
        language=builder.drafts.language,
        provenance=builder.drafts.provenance(),
        notes=(*stopped, *counted(builder.counts, _SENTENCES), *builder.drafts.text_notes()),
    )


def _refuse_empty(builder: _Builder) -> None:
    where = Place(builder.drafts.paths[0])
    if builder.scorers and builder.n_scorers_seen:
        fail(where, "", f"none of these scorers is there; found: {listed(builder.n_scorers_seen)}")
    words = "no sample has two outputs with scores: give one log for each system, over the same samples"
    fail(where, "", f"{words}, or read the epochs of one system as answers (option epochs=answers)")


def _files(paths: Sequence[Path]) -> list[Path]:
    """The logs themselves; of a folder, every .json and .eval in it."""
    files: list[Path] = []
    for path in paths:
        inside = sorted([*path.glob("*.json"), *path.glob("*.eval")]) if path.is_dir() else [path]
        if not inside:
            fail(Place(path), "", "holds no log (.json or .eval)")
        files += inside
    return files


FORMAT = Format(
    name="inspect",
    summary=(
        "Eval logs of Inspect: every scorer is a judge that graded each output alone; a system's outputs are "
        "the answers, epochs the repeats."
    ),
    expects=(
        "one log for each system, over the same samples, or a folder of them: .json, or .eval where this "
        "Python can unpack it (`inspect log convert --to json` writes JSON)."
    ),
    read=read_inspect,
    options={
        "scorers": "only these scorers, with commas (default: all); one of several values is one for each",
        "epochs": "repeats: a scorer's repeats; answers: each epoch's output is an answer of its own "
        "(default repeats)",
        "language": LANGUAGE_OPTION,
    },
    example="""\
{"version": 2, "status": "success", "eval": {"task": "birds", "model": "lab/tern-7b"},
 "samples": [{"id": "b1", "epoch": 1, "input": "Name a bird that cannot fly.", "target": "any",
              "output": {"completion": "The ostrich."},
              "scores": {"tidy_judge": {"value": 4, "explanation": "short and right"}}}]}""",
)
