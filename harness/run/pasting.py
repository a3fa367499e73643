"""Replies that a person carries from a chat window: prompts out, replies in, a run like any other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import date

from harness.errors import HarnessError, StoreError
from harness.judge.clock import SYSTEM_CLOCK, Clock
from harness.judge.pasted import pasted_completion
from harness.run.content import Content, gather_content
from harness.run.execute import Ended
from harness.run.growing import Addition, grow_run, grown_experiment, slug
from harness.run.plan import PlannedCell, plan_run
from harness.run.reading import read_cell
from harness.run.session import Finished
from harness.schema import (
    Completion,
    JudgeSpec,
    Language,
    Part,
    Recording,
    Sampling,
    Verdict,
)
from harness.store.cassette import Cassette
from harness.store.folder import RunFolder
from harness.store.secret_scan import refuse_secrets
from harness.store.work import WorkStore

MAX_PASTED = 200_000
"""Characters of one pasted reply."""

_STRANGER = "this reply belongs to a prompt that is not among those asked for; copy the prompt again"


@dataclass(frozen=True)
class Told:
    """What the person says about a reply: the model's name as the chat shows it, and the day."""

    model_name: str
    date: str
    """ISO date."""
    maker: str | None = None


@dataclass(frozen=True)
class PasteAsk:
    """Which prompts are wanted: one rulebook in one language, and which presentation."""

    case_set: str
    case_ids: tuple[str, ...]
    rulebook_id: str = "hhh"
    language: Language = "fr"
    repeat: int = 0
    together: bool = False
    """All cases in one prompt."""


@dataclass(frozen=True)
class PastePrompt:
    """One prompt to copy, the cases that its reply is about, and whether that reply is recorded."""

    key: str
    case_ids: tuple[str, ...]
    text: str
    together: bool = False
    is_answered: bool = False


class Pasting:
    """Prompts out and replies in, for one run folder; what it writes is a run like any other."""

    def __init__(self, folder: RunFolder, clock: Clock = SYSTEM_CLOCK) -> None:
        self.folder = folder
        self._clock = clock

    def prompts(self, told: Told, ask: PasteAsk) -> tuple[PastePrompt, ...]:
        """The prompts of an ask, in the order of the cases.

        Raises
        ------
        InputError
            The model's name says nothing, or a case, rulebook or template is missing.
        HarnessError
            The day is no date or lies in the future: better said now than when the reply is there.
        StoreError
            The folder holds a run of other cases.
        """
        _check_date(told.date, self._clock)
        answered = self._answered()
        seen: dict[str, PastePrompt] = {}
        for planned in self._plan(told, ask):
            (call,) = planned.calls
            before = seen.get(call.key)
            names = (*(before.case_ids if before else ()), planned.cell.case_id)
            text = call.messages[0].content
            seen[call.key] = PastePrompt(call.key, names, text, ask.together, call.key in answered)
        return tuple(seen.values())

    def read(self, told: Told, ask: PasteAsk, key: str, text: str) -> tuple[Verdict, ...]:
        """What a reply to one prompt is understood to say, case by case; nothing is written."""
        completion = self._completion(told, text)
        content, plan = self._planned(told, ask)
        mine = [planned for planned in plan if planned.calls[0].key == key]
        if not mine:
            raise HarnessError(_STRANGER)
        return tuple(read_cell(planned, content, [completion]) for planned in mine)

    async def keep(self, told: Told, ask: PasteAsk, key: str, text: str) -> Finished:
        """Record a reply and write the run anew: manifest, cassette, verdicts.

        Raises
        ------
        StoreError
            This prompt has a reply already (another one is another repeat), the folder holds a run of other
            cases, or the reply holds what looks like a key.
        """
        completion = self._completion(told, text)
        refuse_secrets([("the pasted reply", text)])
        prompt = next((one for one in self.prompts(told, ask) if one.key == key), None)
        if prompt is None:
            raise HarnessError(_STRANGER)
        self._refuse_out_of_turn(prompt, told, ask)
        # Only what is answered becomes part of the run, so that the run is whole after every reply.
        mine = replace(ask, case_ids=prompt.case_ids)
        call = next(one.calls[0] for one in self._plan(told, mine) if one.calls[0].key == key)
        with self.folder.lock(), WorkStore(self.folder.work_path, lambda _: call.origin) as store:
            await store.record_completion(call.request, completion)
        spec = pasted_judge(told, together=mine.together)
        addition = Addition(mine.case_set, _part(spec, mine), spec)
        return await grow_run(self.folder, addition, _Silent(), asyncio.Event())

    def _refuse_out_of_turn(self, prompt: PastePrompt, told: Told, ask: PasteAsk) -> None:
        if prompt.is_answered:
            raise StoreError(
                f"{self.folder.path}: this prompt has a reply already, and recordings are never replaced; "
                "ask again in another presentation (the next repeat)"
            )
        for repeat in range(ask.repeat):
            before = replace(ask, case_ids=prompt.case_ids, repeat=repeat)
            if not all(one.is_answered for one in self.prompts(told, before)):
                raise HarnessError(f"paste the reply to repeat {repeat} of these cases first")

    def _planned(self, told: Told, ask: PasteAsk) -> tuple[Content, tuple[PlannedCell, ...]]:
        spec = pasted_judge(told, together=ask.together)
        part = _part(spec, ask)
        mine = grown_experiment(self.folder, ask.case_set, part).model_copy(update={"parts": (part,)})
        content = gather_content(mine, {spec.judge_id: spec})
        _check_cases(content, ask)
        plan = plan_run(mine, content, {spec.judge_id: {}})
        return content, tuple(planned for planned in plan if planned.cell.repeat == ask.repeat)

    def _plan(self, told: Told, ask: PasteAsk) -> tuple[PlannedCell, ...]:
        return self._planned(told, ask)[1]

    def _answered(self) -> frozenset[str]:
        """Keys of the replies that the folder holds, in its store or in its cassette."""
        keys: set[str] = set()
        if self.folder.work_path.exists():
            with WorkStore(self.folder.work_path, read_only=True) as store:
                keys |= {one.key for one in store.recordings()}
        if (self.folder.cassette_path / "manifest.json").exists():
            keys |= {
                one.key for one in Cassette.read(self.folder.cassette_path) if isinstance(one, Recording)
            }
        return frozenset(keys)

    def _completion(self, told: Told, text: str) -> Completion:
        if not text.strip():
            raise HarnessError("nothing was pasted; copy the whole reply of the chat")
        if len(text) > MAX_PASTED:
            raise HarnessError(f"{len(text):,} characters; a pasted reply has {MAX_PASTED:,} at most")
        _check_date(told.date, self._clock)
        return pasted_completion(text, told.model_name, told.date, self._clock)


def pasted_judge(told: Told, *, together: bool = False) -> JudgeSpec:
    """The judge of a model that a person talks to in a chat window; its settings are unknown.

    Raises
    ------
    HarnessError
        The name of the model has no letter or digit, or the maker's name is blank.
    """
    name = slug(told.model_name)[:40].strip("-.")
    if not name:
        raise HarnessError(
            "name the model as the chat shows it, e.g. 'GPT-5.2' or 'Le Chat, Mistral Large 3'"
        )
    maker = None if told.maker is None else _one_line(told.maker)
    if maker == "":
        raise HarnessError("the maker's name is blank; name who trained the model, or leave it out")
    return JudgeSpec(
        judge_id=f"pasted-{name}" + ("-together" if together else ""),
        model_id=f"pasted/{name}",
        title=f"{_one_line(told.model_name)} ({'pasted, all cases at once' if together else 'pasted'})",
        maker=maker,
        mechanism="text",
        together=together,
        sampling=Sampling(temperature=None),
    )


def _one_line(typed: str) -> str:
    """What was typed, without line breaks and signs that nobody can see."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())


def _check_date(told: str, clock: Clock) -> None:
    try:
        day = date.fromisoformat(told)
    except ValueError:
        raise HarnessError(f"'{told}' is no date; write it as 2026-11-22") from None
    # a day of grace: the person's calendar may be ahead of UTC
    if day.toordinal() > clock.now().date().toordinal() + 1:
        raise HarnessError(f"{told} lies in the future; name the day on which the chat replied")


def _check_cases(content: Content, ask: PasteAsk) -> None:
    missing = [name for name in ask.case_ids if name not in content.cases]
    if missing:
        known = ", ".join(content.cases)
        raise HarnessError(f"no case '{missing[0]}' in '{ask.case_set}'; it has {known}")


def _part(spec: JudgeSpec, ask: PasteAsk) -> Part:
    return Part(
        part_id="pasted",
        judges=(spec.judge_id,),
        rulebooks=(ask.rulebook_id,),
        languages=(ask.language,),
        cases=ask.case_ids,
        repeats=ask.repeat + 1,
    )


class _Silent:
    """A progress that nobody watches."""

    def started(self, n_calls: dict[str, int]) -> None: ...

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: object = None) -> None: ...

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None: ...
