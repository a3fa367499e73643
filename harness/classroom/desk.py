"""The judges desk of a lesson: recorded runs, an API with the teacher's own key, or replies pasted by hand.

What the desk gets becomes a run folder beside the lesson's database, like any other run: cassette, verdicts,
manifest. Nothing in it comes from pupils; only cases and rulebooks ever leave the machine.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from harness.classroom.withdrawn import counted, withdraw, withdrawn_keys
from harness.errors import HarnessError
from harness.judge.base import Judge
from harness.judge.build import Shared, live_judge
from harness.judge.clock import SYSTEM_CLOCK, Clock
from harness.load.content import load_judge
from harness.run.execute import Progress
from harness.run.growing import Addition, grow_run
from harness.run.pasting import PasteAsk, PastePrompt, Pasting, Told
from harness.run.session import Finished
from harness.schema import JudgeSpec, Language, Part, RankedVerdict, Recorder, Verdict
from harness.schema.classroom import ClassSettings
from harness.store.folder import RunFolder

PASTED = "pasted/"
"""What the model id of a judge begins with whose replies come by hand."""


@dataclass(frozen=True)
class RecordedRun:
    """A run that a lesson can show: who judged, under which rulebooks, when."""

    name: str
    path: Path
    title: dict[Language, str]
    judges: tuple[str, ...]
    """Titles."""
    rulebooks: tuple[str, ...]
    languages: tuple[Language, ...]
    n_verdicts: int
    created_at: str


@dataclass(frozen=True)
class UnderstoodCase:
    """What a pasted reply says about one case; `grades` is empty where nothing could be read."""

    case_id: str
    grades: dict[str, float]
    """By answer."""
    slots: dict[str, float] = field(default_factory=dict)
    """The same by the letters of the prompt, as they stand in the reply."""
    best: str | None = None
    worst: str | None = None
    reason: str | None = None
    failure: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class PastedReply:
    """A reply that was kept: whose, to which prompt, and whether it was taken back."""

    key: str
    title: str
    rulebook_id: str
    repeat: int
    case_ids: tuple[str, ...]
    withdrawn: bool


@dataclass(frozen=True)
class LiveAsk:
    """What is asked of one preset through its API."""

    judge_id: str
    rulebooks: tuple[str, ...]
    repeats: int = 1


def recorded_runs(roots: Sequence[Path], case_set: str) -> tuple[RecordedRun, ...]:
    """Every run of this case set in these folders that has readable verdicts, newest first.

    A folder that is no run, or a damaged one, is passed over.
    """
    found = [run for root in roots for run in _runs_in(root, case_set)]
    return tuple(sorted(found, key=lambda run: run.created_at, reverse=True))


def _runs_in(root: Path, case_set: str) -> Iterator[RecordedRun]:
    if not root.is_dir():
        return
    for path in sorted(root.iterdir()):
        with suppress(HarnessError, OSError):
            folder = RunFolder(path)
            if not folder.manifest_path.is_file() or not folder.verdicts_path.is_file():
                continue
            manifest = folder.read_manifest()
            if manifest.experiment.case_set != case_set or not manifest.judges:
                continue
            cells = [verdict.cell for verdict in folder.read_small_verdicts()]
            yield RecordedRun(
                name=path.name,
                path=path,
                title=dict(manifest.experiment.title),
                judges=tuple(one.spec.title or one.spec.judge_id for one in manifest.judges),
                rulebooks=tuple(dict.fromkeys(cell.rulebook_id for cell in cells)),
                languages=tuple(dict.fromkeys(cell.language for cell in cells)),
                n_verdicts=len(cells),
                created_at=manifest.created_at,
            )


class Desk:
    """Judges of one lesson, in a run folder of its own."""

    def __init__(self, path: Path, settings: ClassSettings, clock: Clock = SYSTEM_CLOCK) -> None:
        self.folder = RunFolder(path)
        self._settings = settings
        self._pasting = Pasting(self.folder, clock)
        self._clock = clock
        self._turn = asyncio.Lock()

    def verdicts(self) -> tuple[Verdict, ...]:
        """Everything that was pasted or asked so far, and not taken back."""
        return tuple(counted(self._kept(), withdrawn_keys(self.folder)))

    def _kept(self) -> tuple[Verdict, ...]:
        return tuple(self.folder.read_verdicts()) if self.folder.verdicts_path.is_file() else ()

    def replies(self) -> tuple[PastedReply, ...]:
        """Every reply that was pasted, those that were taken back too, in the order of the run."""
        kept = self._kept()
        if not kept:
            return ()
        titles = {
            one.spec.judge_id: one.spec.title or one.spec.judge_id
            for one in self.folder.read_manifest().judges
            if one.spec.model_id.startswith(PASTED)
        }
        by_key: dict[str, list[Verdict]] = {}
        for verdict in kept:
            if verdict.cell.annotator_id in titles:
                by_key.setdefault(verdict.completion_keys[0], []).append(verdict)
        gone = withdrawn_keys(self.folder)
        return tuple(
            PastedReply(
                key=key,
                title=titles[found[0].cell.annotator_id],
                rulebook_id=found[0].cell.rulebook_id,
                repeat=found[0].cell.repeat,
                case_ids=tuple(one.cell.case_id for one in found),
                withdrawn=key in gone,
            )
            for key, found in by_key.items()
        )

    async def withdraw(self, key: str) -> None:
        """Take a pasted reply back: it stays in the recording and is counted nowhere.

        Raises
        ------
        HarnessError
            No reply of that key was kept.
        """
        async with self._turn:
            replies = await asyncio.to_thread(self.replies)
            if key not in {one.key for one in replies}:
                raise HarnessError("no such reply was kept at this desk")
            await asyncio.to_thread(withdraw, self.folder, key, self._clock.now().isoformat())

    def prompts(
        self, told: Told, rulebook_id: str, repeat: int = 0, *, together: bool = True
    ) -> tuple[PastePrompt, ...]:
        """The prompts to copy: one for all cases, or one per case.

        Raises
        ------
        HarnessError
            The model's name says nothing, or the rulebook does not exist.
        """
        return self._pasting.prompts(told, self._ask(rulebook_id, repeat, together=together))

    def read_pasted(
        self, told: Told, prompt: PastePrompt, rulebook_id: str, text: str, repeat: int = 0
    ) -> tuple[UnderstoodCase, ...]:
        """What a pasted reply is understood to say, for the teacher to confirm; nothing is kept."""
        ask = self._ask(rulebook_id, repeat, together=prompt.together)
        return tuple(_understood(verdict) for verdict in self._pasting.read(told, ask, prompt.key, text))

    async def keep(
        self, told: Told, prompt: PastePrompt, rulebook_id: str, text: str, repeat: int = 0
    ) -> tuple[UnderstoodCase, ...]:
        """Keep a pasted reply as recording and verdicts with provenance `pasted`.

        Raises
        ------
        StoreError
            This prompt has a reply already, or the reply holds what looks like a key.
        """
        ask = self._ask(rulebook_id, repeat, together=prompt.together)
        async with self._turn:
            await self._pasting.keep(told, ask, prompt.key, text)
        return self.read_pasted(told, prompt, rulebook_id, text, repeat)

    async def ask_live(self, ask: LiveAsk, api_key: str, progress: Progress, stop: asyncio.Event) -> Finished:
        """Ask a preset's provider about every case, with a key that stays in memory.

        Raises
        ------
        InputError
            There is no such preset or rulebook.
        HarnessError
            The preset needs no key, or reads it in a way that cannot be lent one.
        """
        spec = load_judge(ask.judge_id)
        if spec.api_key_env is None:
            words = f"the preset '{spec.judge_id}' names no variable for a key (api_key_env)"
            raise HarnessError(f"{words}; run it with `harness run` and show the recorded run")
        shared = Shared(halt=stop)

        def live(asked: JudgeSpec, recorder: Recorder) -> Judge:
            return live_judge(asked, recorder, shared=shared)

        addition = Addition(self._settings.case_set, self._part(ask), spec, live)
        async with self._turn, _lent(spec.api_key_env, api_key):
            return await grow_run(self.folder, addition, progress, stop)

    def _part(self, ask: LiveAsk) -> Part:
        return Part(
            part_id="live",
            judges=(ask.judge_id,),
            rulebooks=ask.rulebooks,
            languages=(self._settings.language,),
            cases=self._settings.case_ids,
            repeats=ask.repeats,
        )

    def _ask(self, rulebook_id: str, repeat: int, *, together: bool) -> PasteAsk:
        settings = self._settings
        return PasteAsk(
            settings.case_set, settings.case_ids, rulebook_id, settings.language, repeat, together
        )

    def delete(self) -> None:
        """Remove everything that the desk kept."""
        shutil.rmtree(self.folder.path, ignore_errors=True)


_LENDING = asyncio.Lock()


@asynccontextmanager
async def _lent(variable: str, key: str) -> AsyncIterator[None]:
    """A key in this process's environment for as long as somebody asks with it; it is written nowhere.

    There, whatever cleans logs, recordings and reports of keys knows it too. One lender at a time: two
    lessons may hold different keys of one provider.
    """
    async with _LENDING:
        before = os.environ.get(variable)
        os.environ[variable] = key.strip()
        try:
            yield
        finally:
            os.environ.pop(variable, None)
            if before is not None:
                os.environ[variable] = before


def _understood(verdict: Verdict) -> UnderstoodCase:
    if isinstance(verdict, RankedVerdict):
        shown = verdict.presentation
        assert shown is not None, "a reply always has a presentation"
        return UnderstoodCase(
            case_id=verdict.cell.case_id,
            grades=dict(verdict.grades),
            slots={slot: verdict.grades[name] for slot, name in zip(shown.slots, shown.order, strict=True)},
            best=verdict.best,
            worst=verdict.worst,
            reason=verdict.reason,
        )
    return UnderstoodCase(verdict.cell.case_id, {}, failure=verdict.failure, message=verdict.message)
