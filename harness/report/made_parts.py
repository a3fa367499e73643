"""The end of the page: what failed, and how the report was made."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.findings import absent_verdicts
from harness.report.selection import judge_titles, row_name
from harness.report.tables import PlainTable
from harness.report.typography import disarm, excerpt
from harness.report.voice import Voice
from harness.report.words import FAILURES, FLAGS, PROTOCOLS
from harness.schema import Comparison, FailureLine, Flag, Manifest, ResolvedJudge, Row

MOST_FAILURES = 15
MOST_FILES = 60
_EXCERPT = 200
_DIGEST = 12


@dataclass(frozen=True)
class FailureText:
    """One failure as listed: where, which kind, the message, and the beginning of what came back."""

    where: str
    kind: str
    message: str
    text: str


@dataclass(frozen=True)
class FailuresPart:
    """Counts of failures, what was odd, and a list of excerpts."""

    summary: str
    counts: PlainTable | None
    flags: str
    list_title: str
    cut: str
    listed: tuple[FailureText, ...]


@dataclass(frozen=True)
class MadePart:
    """The facts of the run, its judges and its files."""

    facts: tuple[tuple[str, str], ...]
    judges: PlainTable
    files_title: str
    files: PlainTable


def failures_part(comparison: Comparison, voice: Voice) -> FailuresPart:
    """Count failures by row and kind, and show the beginning of each text."""
    shown = comparison.failures[:MOST_FAILURES]
    n_all = len(comparison.failures)
    cut = (
        voice.say("cut_drawn", shown=voice.whole(len(shown)), all=voice.whole(n_all))
        if len(shown) < n_all
        else ""
    )
    titles = judge_titles(comparison, voice)
    flags: dict[Flag, int] = {}
    for row in comparison.rows:
        for flag, count in row.flags.items():
            flags[flag] = flags.get(flag, 0) + count
    odd = voice.list_of(FLAGS, flags)
    return FailuresPart(
        summary=_summary(comparison, voice),
        counts=_counts(comparison, voice),
        flags=voice.say("flags_line", flags=odd) if odd else "",
        list_title=voice.say("failures_list", n=voice.whole(n_all)) if n_all else "",
        cut=cut,
        listed=tuple(_failure(line, titles, voice) for line in shown),
    )


def made_part(comparison: Comparison, manifest: Manifest, voice: Voice) -> MadePart:
    """Tell which run, versions, judges and files the numbers come from."""
    heads = ("judge_head", "model_head", "maker_head", "asked_head", "settings_head", "weights_head")
    files = tuple(
        (disarm(path), digest[:_DIGEST]) for path, digest in sorted(manifest.files.items())[:MOST_FILES]
    )
    return MadePart(
        facts=_facts(comparison, manifest, voice),
        judges=PlainTable(
            tuple(voice.say(head) for head in heads), tuple(_judge(judge, voice) for judge in manifest.judges)
        ),
        files_title=voice.say("made_files", n=voice.whole(len(manifest.files))),
        files=PlainTable((voice.say("file_head"), voice.say("digest_head")), files),
    )


def _summary(comparison: Comparison, voice: Voice) -> str:
    return " ".join([_read_summary(comparison, voice), *absent_verdicts(comparison, voice)])


def _read_summary(comparison: Comparison, voice: Voice) -> str:
    n_all = voice.whole(comparison.n_verdicts)
    if comparison.n_failed == 0:
        return (
            voice.say("no_failures", all=n_all) if comparison.n_verdicts else voice.why("no_readable_verdict")
        )
    return voice.say("failures_short", failed=voice.whole(comparison.n_failed), all=n_all)


def _counts(comparison: Comparison, voice: Voice) -> PlainTable | None:
    failed = {
        row.annotator_id for row in comparison.rows if any(row.failures.values()) and row.kind != "panel"
    }
    rows = [row for row in comparison.rows if row.annotator_id in failed and row.kind != "panel"]
    if not rows:
        return None
    kinds = [kind for kind in FAILURES if any(row.failures.get(kind) for row in rows)]
    heads = (
        voice.say("judge_head"),
        voice.heading("coverage"),
        *(voice.word(FAILURES[kind]) for kind in kinds),
    )
    by_annotator: dict[str, list[Row]] = {}
    for row in rows:
        by_annotator.setdefault(row_name(row, voice), []).append(row)
    lines = tuple(
        (
            name,
            "/".join(voice.whole(n) for n in (sum(r.n_ranked for r in own), sum(r.n_planned for r in own))),
            *(voice.whole(sum(row.failures.get(kind, 0) for row in own)) for kind in kinds),
        )
        for name, own in by_annotator.items()
    )
    return PlainTable(heads, lines)


def _failure(line: FailureLine, titles: dict[str, str], voice: Voice) -> FailureText:
    who = titles.get(line.annotator_id, disarm(line.annotator_id))
    where = (
        who,
        line.case_id,
        voice.rulebook(line.rulebook_id),
        line.wording,
        line.language,
        str(line.repeat),
    )
    return FailureText(
        where=" · ".join(where),
        kind=voice.word(FAILURES[line.failure]),
        message=excerpt(disarm(line.message), _EXCERPT),
        text=excerpt(disarm(line.text), _EXCERPT) or voice.say("empty_text"),
    )


def _facts(comparison: Comparison, manifest: Manifest, voice: Voice) -> tuple[tuple[str, str], ...]:
    versions = ", ".join(f"{name} {version}" for name, version in sorted(manifest.versions.items()))
    rulebooks = dict.fromkeys(rulebook for part in manifest.experiment.parts for rulebook in part.rulebooks)
    facts = {
        "made_run": comparison.run_id,
        "made_experiment": voice.local(manifest.experiment.title),
        "made_date": manifest.created_at,
        "made_version": manifest.harness_version,
        "made_cases": f"{voice.local(manifest.case_set.title)} ({comparison.case_set_id})",
        "made_rulebooks": ", ".join(_rulebook(one, voice) for one in rulebooks),
        "made_intervals": voice.targets(row.tau_people for row in comparison.rows) or "–",
        "made_seed": f"{manifest.experiment.seed} · {comparison.seed}",
        "made_verdicts": f"{voice.whole(comparison.n_verdicts)} ({voice.whole(comparison.n_failed)})",
        "made_store": comparison.store_sha256[:_DIGEST],
        "made_parser": str(comparison.parser_version),
        "made_versions": versions or "–",
    }
    return tuple((voice.say(name), disarm(fact)) for name, fact in facts.items())


def _rulebook(rulebook_id: str, voice: Voice) -> str:
    title = voice.rulebook(rulebook_id)
    return rulebook_id if title == rulebook_id else f"{title} ({rulebook_id})"


def _judge(judge: ResolvedJudge, voice: Voice) -> tuple[str, ...]:
    spec = judge.spec
    sampling = spec.sampling.model_dump(exclude_none=True)
    settings = ", ".join(f"{name} {one}" for name, one in {**sampling, **_settings(judge)}.items())
    weights = judge.runtime.get("weights_sha256")
    return (
        disarm(spec.title or spec.judge_id),
        disarm(spec.model_id),
        disarm(spec.maker or voice.say("unknown")),
        f"{voice.word(PROTOCOLS[spec.protocol])} ({spec.mechanism})",
        disarm(settings),
        disarm(str(weights)[:_DIGEST]) if weights else "–",
    )


def _settings(judge: ResolvedJudge) -> dict[str, object]:
    return {name: one for name, one in judge.runtime.items() if name != "weights_sha256" and one is not None}
