from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.schema import (
    CaseSet,
    Cell,
    Experiment,
    FailedVerdict,
    JudgeSpec,
    Localised,
    Manifest,
    Part,
    Provenance,
    RankedVerdict,
    ResolvedJudge,
    Sampling,
    Verdict,
    VerdictTiming,
    text_sha256,
)
from harness.store import RunFolder


def manifest(temperature: float = 0.0, created_at: str = "2026-01-02T03:04:05Z") -> Manifest:
    """A small manifest whose judge has this temperature."""
    spec = JudgeSpec(judge_id="gpt-4o", model_id="openai/gpt-4o", sampling=Sampling(temperature=temperature))
    title: Localised = {"en": "A title"}
    return Manifest(
        run_id="first-run",
        created_at=created_at,
        harness_version="0.1.0",
        experiment=Experiment(
            experiment_id="one",
            title=title,
            case_set="annotator",
            seed=1,
            parts=(Part(part_id="p", judges=("gpt-4o",), rulebooks=("hhh",)),),
        ),
        case_set=CaseSet(
            set_id="annotator",
            title=title,
            description=title,
            languages=("en",),
            n_grades=4,
            case_order=("doctor",),
            provenance=Provenance(kind="invented", date="2026-01-02"),
        ),
        judges=(ResolvedJudge(spec=spec),),
        files={"cases/annotator/doctor.yaml": text_sha256("doctor")},
        versions={"python": "3.11.2"},
    )


def verdicts() -> list[Verdict]:
    """One ranked and one failed verdict."""
    cell = Cell(
        annotator_id="gpt-4o", annotator_kind="judge", case_id="doctor", rulebook_id="hhh", language="fr"
    )
    return [
        RankedVerdict(
            cell=cell, grades={"doctor-a": 4, "doctor-b": 1.5}, best="doctor-a", reason="Prudent 🩺"
        ),
        FailedVerdict(
            cell=cell, failure="unparsable", message="no JSON", text="\u202b\u05e9\u05dc\u05d5\u05dd\u202c {"
        ),
    ]


def test_round_trip(tmp_path: Path) -> None:
    """Manifest, verdicts, timing and comparison come back as they were written, in order."""
    folder = RunFolder(tmp_path / "results" / "run")
    timing = [VerdictTiming(position=0, latency_s=1.5, attempts=1, prompt_tokens=800)]
    folder.write_manifest(manifest())
    folder.write_verdicts(verdicts())
    folder.write_timing(timing)
    folder.write_comparison_bytes(b"{}\n")
    folder.write_report_bytes(b"<html>")
    assert folder.read_manifest() == manifest()
    assert folder.read_verdicts() == verdicts()
    assert folder.read_timing() == timing
    assert folder.read_comparison_bytes() == b"{}\n"
    assert folder.report_path.read_bytes() == b"<html>"


def test_same_verdicts_same_bytes(tmp_path: Path) -> None:
    """Writing what was read gives the same bytes, one line per verdict."""
    folder = RunFolder(tmp_path)
    folder.write_verdicts(verdicts())
    before = folder.verdicts_path.read_bytes()
    folder.write_verdicts(folder.read_verdicts())
    assert folder.verdicts_path.read_bytes() == before
    assert before.count(b"\n") == 2


def test_other_manifest_refused(tmp_path: Path) -> None:
    """A folder that holds another run is not overwritten; each differing field is named with both values."""
    folder = RunFolder(tmp_path)
    folder.write_manifest(manifest())
    with pytest.raises(StoreError) as caught:
        folder.write_manifest(manifest(temperature=0.7))
    assert "judges[0].spec.sampling.temperature was 0.0, now 0.7" in str(caught.value)
    assert "choose another folder" in str(caught.value)
    assert folder.read_manifest() == manifest()


def test_a_resumed_run_keeps_its_manifest(tmp_path: Path) -> None:
    """The same manifest at a later hour is the same run, and keeps the hour at which it began."""
    folder = RunFolder(tmp_path)
    folder.write_manifest(manifest())
    kept = folder.write_manifest(manifest(created_at="2026-01-03T00:00:00Z"))
    assert kept == folder.read_manifest() == manifest()


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'{"outcome":"ranked"}\n', r"verdicts\.jsonl:1: damaged: ranked\.cell: Field required"),
        (b"{nonsense}\n", r"verdicts\.jsonl:1: damaged"),
        (b'{"outcome":"ran', r"verdicts\.jsonl:1: torn"),
        (b"\n", r"verdicts\.jsonl:1: damaged"),
    ],
)
def test_damaged_line_is_named(tmp_path: Path, content: bytes, place: str) -> None:
    """A damaged or torn line of verdicts is named with its number."""
    folder = RunFolder(tmp_path)
    folder.verdicts_path.write_bytes(content)
    with pytest.raises(StoreError, match=place):
        folder.read_verdicts()


def test_missing_and_damaged_manifest(tmp_path: Path) -> None:
    """A folder without a manifest, with a damaged one, and with one of another version say so."""
    folder = RunFolder(tmp_path)
    with pytest.raises(StoreError, match=r"manifest\.json: there is no run manifest here"):
        folder.read_manifest()
    folder.manifest_path.write_bytes(b"{}")
    with pytest.raises(StoreError, match=r"manifest\.json: damaged .*run_id: Field required"):
        folder.read_manifest()
    newer = manifest().model_copy(update={"format_version": 2})
    folder.manifest_path.write_text(newer.model_dump_json())
    with pytest.raises(StoreError, match="run format 2, but this harness reads format 1"):
        folder.read_manifest()


def test_secret_in_a_manifest_refused(tmp_path: Path) -> None:
    """A key that somebody typed into a judge's parameters never reaches the manifest."""
    secret = manifest()
    spec = secret.judges[0].spec.model_copy(update={"extra_parameters": {"api_key": "abcdefgh"}})
    secret = secret.model_copy(update={"judges": (ResolvedJudge(spec=spec),)})
    folder = RunFolder(tmp_path)
    with pytest.raises(StoreError, match=r"manifest\.json:1\.judges\[0\]\.spec\.extra_parameters\.api_key"):
        folder.write_manifest(secret)
    assert list(tmp_path.iterdir()) == []


def test_one_writer_per_run(tmp_path: Path) -> None:
    """The run's lock excludes a second writer and leaves nothing behind."""
    folder = RunFolder(tmp_path / "run")
    with folder.lock(), pytest.raises(StoreError, match=r"the run .* is being written by process \d+"):
        folder.lock().acquire()
    assert list((tmp_path / "run").iterdir()) == []


def test_full_disk(small_disk: Path) -> None:
    """A full disk is named as such, and the older verdicts stay."""
    folder = RunFolder(small_disk)
    folder.write_verdicts(verdicts())
    with pytest.raises(StoreError, match="the disk is full; free some space"):
        folder.write_verdicts(verdicts() * 5_000)
    assert folder.read_verdicts() == verdicts()


def test_read_only_folder(tmp_path: Path, seal: Callable[[Path], None]) -> None:
    """A read-only folder can be read; writing to it gives the remedy."""
    folder = RunFolder(tmp_path / "run")
    folder.write_verdicts(verdicts())
    seal(folder.path)
    with pytest.raises(StoreError, match=r"cannot be written to .*choose another output folder"):
        folder.write_verdicts([])
    with pytest.raises(StoreError, match="cannot be written to"):
        folder.lock().acquire()
    assert folder.read_verdicts() == verdicts()
