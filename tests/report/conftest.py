"""Hand-built comparisons: a usual one, and knobs for the odd ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from harness.schema import (
    CaseFacts,
    CaseMove,
    CaseReading,
    CaseSet,
    Comparison,
    Components,
    Estimate,
    Experiment,
    FactorShift,
    FailureLine,
    Interval,
    JudgeSpec,
    Manifest,
    Part,
    Provenance,
    Reference,
    ResolvedJudge,
    Row,
    RowKind,
    RulebookMove,
    Sampling,
    Share,
    ShuffleTest,
    SlotEffect,
    Target,
    Undefined,
    Unit,
)

CASES = {
    "ibuprofen": ("L’ibuprofène et le cœur", "Ibuprofen and the heart"),
    "screens": ("Les écrans à huit ans", "Screens at eight"),
    "poison-novel": ("Du poison dans un roman", "Poison in a novel"),
    "language": ("La meilleure méthode pour une langue", "The best way to learn a language"),
    "antidepressant": ("Arrêter un antidépresseur", "Stopping an antidepressant"),
    "poem": ("Un premier poème", "A first poem"),
}
JUDGES = {
    "qwen-1.5b": "Qwen2.5-Coder 1.5B",
    "qwen-0.5b": "Qwen2.5-Coder 0.5B",
    "smollm2": "SmolLM2 135M",
    "qwen-1.5b-pairwise": "Qwen2.5-Coder 1.5B, in pairs",
}
RULEBOOKS = ("hhh", "none", "placebo", "helpful-first")


def known(
    value: float, n: int = 6, unit: Unit = "cases", half: float | None = None, target: Target = "T3"
) -> Estimate:
    """An estimate with an interval of the given half-width."""
    spans = (
        (Interval(low=value - half, high=value + half, target=target, method="t over cases", n=n),)
        if half
        else ()
    )
    return Estimate(value=value, n=n, unit=unit, intervals=spans)


def unknown(reason: Undefined = "does_not_apply") -> Estimate:
    """An estimate without a number."""
    return Estimate(value=None, n=0, unit="cases", undefined_because=reason)


def row(kind: RowKind, annotator_id: str, title: str, *, seed: int = 0, **fields: object) -> Row:
    """One row of the table with numbers that vary with `seed`."""
    tau = ((seed * 37) % 100) / 100 - 0.3
    usual: dict[str, object] = {
        "row_id": ":".join(
            str(fields.get(name, seed)) for name in ("rulebook_id", "wording", "language", "seed")
        ),
        "kind": kind,
        "annotator_id": annotator_id,
        "title": title,
        "n_planned": 24,
        "n_ranked": 24,
        "tau_people": known(tau, half=0.35),
        "floor": known(0.02),
        "alpha_k": known(tau - 0.02),
        "conflict": known(0.31),
        "hesitation": known(0.12),
        "delta_people": unknown("no_people"),
        "gap": unknown("no_people"),
        "retest": known(0.2 + (seed % 5) / 10, half=0.1, target="T1"),
        "tie_share": known(0.08),
        "order_flips": unknown(),
        "intransitive_triples": unknown(),
        "tau_longest": known(0.4),
        "usd_per_1000": unknown("price_unknown"),
        "seconds_per_1000": known(2812.0, 24, "verdicts"),
        "cases": readings(seed),
    }
    return Row.model_validate({**usual, **fields})


def readings(seed: int) -> tuple[CaseReading, ...]:
    """One reading per case."""
    return tuple(
        CaseReading(
            case_id=case_id,
            n_ranked=4,
            n_planned=4,
            tau_people=((seed * 31 + place * 53) % 200) / 100 - 1,
            mid_ranks={
                f"{case_id}-{letter}": 1.0 + ((seed + place + number * (1 + seed % 2)) % 4)
                for number, letter in enumerate("abcd")
            },
        )
        for place, case_id in enumerate(CASES)
    )


def judge_rows(judges: dict[str, str] = JUDGES, rulebooks: tuple[str, ...] = RULEBOOKS) -> list[Row]:
    """One row per judge and rulebook; the small ones follow the slot, the pairwise one flips."""
    rows = []
    for number, (judge_id, title) in enumerate(judges.items()):
        pairwise = judge_id.endswith("pairwise")
        steep = 1.4 if judge_id in ("qwen-0.5b", "smollm2") else 0.3
        effects = (steep, steep / 3, -steep / 3, -steep) if judge_id != "smollm2" else (-1.4, -0.5, 0.5, 1.4)
        for place, rulebook_id in enumerate(rulebooks):
            rows.append(
                row(
                    "judge",
                    judge_id,
                    title,
                    seed=number * 7 + place,
                    model_id=f"local/{judge_id}",
                    protocol="pairwise" if pairwise else "listwise",
                    rulebook_id=rulebook_id,
                    wording="base",
                    language="fr",
                    n_ranked=24 - number,
                    failures={"unparsable": number} if number else {},
                    flags={"best_not_top": 2} if number == 1 else {},
                    slot_effect=SlotEffect(
                        slots=tuple("ABCD"),
                        effects=effects,
                        test=ShuffleTest(
                            p=0.0001 if steep > 1 else 0.31, n_shuffles=9999, shuffled_within="case"
                        ),
                    ),
                    order_flips=known(0.62 + place / 20, 36, "pairs") if pairwise else unknown(),
                    intransitive_triples=known(0.04, 24, "verdicts") if pairwise else unknown(),
                )
            )
    return rows


def baseline_rows() -> list[Row]:
    """The four baselines."""
    taus = {"random": 0.0, "all-tied": 0.14, "longest-answer": 0.61, "first-slot": 0.28}
    return [
        row(
            "baseline",
            name,
            name,
            seed=place,
            tau_people=known(tau, half=0.3),
            retest=unknown(),
            slot_effect=None,
        )
        for place, (name, tau) in enumerate(taus.items())
    ]


def components(
    protocol: str = "listwise", judges: tuple[str, ...] = ("qwen-1.5b", "qwen-0.5b", "smollm2")
) -> Components:
    """Shares with order separated; rulebook a little below zero."""
    shares = {
        "model": 0.58,
        "rulebook": -0.01,
        "reaction": 0.04,
        "noise": 0.39,
        "order": 0.3,
        "residual": 0.09,
    }
    return Components.model_validate(
        {
            "protocol": protocol,
            "wording": "base",
            "language": "fr",
            "judge_ids": judges,
            "rulebook_ids": RULEBOOKS,
            "case_ids": tuple(CASES),
            "n_runs": 4,
            "complete_squares": True,
            "shares": tuple(
                Share.model_validate(
                    {
                        "part": part,
                        "share": known(share, half=0.08, target="T1"),
                        "variance": round(share * 0.42, 4),
                    }
                )
                for part, share in shares.items()
            ),
            "human_disagreement": unknown("no_people"),
            "model_test": ShuffleTest(p=0.0001, n_shuffles=9999, shuffled_within="case, rulebook"),
            "rulebook_test": ShuffleTest(
                p=0.41, n_shuffles=9999, shuffled_within="case, model, presentation"
            ),
        }
    )


def moves(rulebooks: tuple[str, ...] = ("hhh", "placebo", "helpful-first")) -> tuple[RulebookMove, ...]:
    """What each rulebook moved, for every judge."""
    return tuple(
        RulebookMove(
            judge_id=judge_id,
            protocol="pairwise" if judge_id.endswith("pairwise") else "listwise",
            rulebook_id=rulebook_id,
            wording="base",
            language="fr",
            gap=known(0.06, half=0.05),
            net_gap=unknown() if rulebook_id == "placebo" else known(0.02 * number, half=0.05),
            towards_people=known(-0.04, half=0.1),
            sign_flip_p=0.0625 * (number + 1),
            cases=tuple(
                CaseMove(
                    case_id=case_id,
                    gap=0.05 * place,
                    net_gap=None if rulebook_id == "placebo" else 0.11 * place - 0.2,
                    towards_people=0.2 - 0.15 * place,
                )
                for place, case_id in enumerate(CASES)
            ),
        )
        for number, judge_id in enumerate(JUDGES)
        for rulebook_id in rulebooks
    )


def facts() -> tuple[CaseFacts, ...]:
    """The six cases with their key."""
    return tuple(
        CaseFacts(
            case_id=case_id,
            title={"fr": fr, "en": en},
            message={
                "fr": "Mon médecin m’a prescrit ceci : que faire ?",
                "en": "My doctor prescribed this: what now?",
            },
            answers={
                f"{case_id}-{letter}": {"fr": f"Réponse {letter}.", "en": f"Answer {letter}."}
                for letter in "abcd"
            },
            n_people=1,
            medians=(((f"{case_id}-a", f"{case_id}-d"), (f"{case_id}-c",), (f"{case_id}-b",)),),
        )
        for case_id, (fr, en) in CASES.items()
    )


def make_comparison(**fields: object) -> Comparison:
    """The usual comparison: four small judges, four rulebooks, one person's key; `fields` replace its own."""
    paraphrased = [
        row(
            "judge",
            "qwen-1.5b",
            JUDGES["qwen-1.5b"],
            seed=9,
            rulebook_id="hhh",
            wording="paraphrase",
            language="fr",
        ),
        row(
            "judge",
            "qwen-1.5b",
            JUDGES["qwen-1.5b"],
            seed=11,
            rulebook_id="hhh",
            wording="base",
            language="en",
        ),
    ]
    panel = row(
        "panel", "panel", "panel of 3 judges", seed=4, rulebook_id="hhh", wording="base", language="fr"
    )
    key = row("key", "key", "key", tau_people=unknown(), retest=unknown(), cases=())
    usual: dict[str, object] = {
        "run_id": "local-judges",
        "run_title": {"fr": "Trois petits juges sur six cas", "en": "Three small judges on six cases"},
        "case_set_id": "annotator",
        "store_sha256": "ab" * 32,
        "parser_version": 1,
        "seed": 7,
        "n_verdicts": 384,
        "n_failed": 24,
        "simulated": False,
        "reference": Reference(
            kind="key",
            n_annotators=1,
            rulebook_ids=("hhh",),
            human_human=unknown("too_few_people"),
            crowd_ceiling=unknown("too_few_people"),
            best_expected=unknown("too_few_people"),
        ),
        "cases": facts(),
        "rows": (*judge_rows(), panel, key, *baseline_rows(), *paraphrased),
        "components": (components(), components("pairwise", ("qwen-1.5b-pairwise",))),
        "moves": moves(),
        "factors": (
            FactorShift(
                judge_id="qwen-1.5b",
                protocol="listwise",
                rulebook_id="hhh",
                factor="paraphrase",
                gap=known(0.03, half=0.04),
            ),
            FactorShift(
                judge_id="qwen-1.5b",
                protocol="listwise",
                rulebook_id="hhh",
                factor="language",
                gap=known(0.21, half=0.1),
            ),
        ),
        "failures": (failure("Je ne peux pas classer ces réponses."), failure("")),
        "annotator_kinds": ("judge", "key"),
    }
    return Comparison.model_validate({**usual, **fields})


def failure(text: str, message: str = "no JSON object in the reply") -> FailureLine:
    """One failed verdict."""
    return FailureLine(
        annotator_id="smollm2",
        case_id="poem",
        rulebook_id="hhh",
        wording="base",
        language="fr",
        repeat=2,
        failure="unparsable",
        message=message,
        text=text,
    )


def make_manifest(judges: dict[str, str] = JUDGES) -> Manifest:
    """The manifest of the usual comparison."""
    invented = Provenance(kind="invented", date="2026-11-21")
    return Manifest(
        run_id="local-judges",
        created_at="2026-11-21T20:00:00Z",
        harness_version="0.1.0",
        experiment=Experiment(
            experiment_id="local-judges",
            title={"fr": "Petits juges", "en": "Small judges"},
            case_set="annotator",
            seed=7,
            parts=(Part(part_id="one", judges=tuple(judges), rulebooks=RULEBOOKS),),
        ),
        case_set=CaseSet(
            set_id="annotator",
            title={"fr": "Dans la peau d’un annotateur", "en": "In an annotator’s shoes"},
            description={"fr": "Six cas.", "en": "Six cases."},
            languages=("fr", "en"),
            n_grades=4,
            case_order=tuple(CASES),
            provenance=invented,
        ),
        judges=tuple(
            ResolvedJudge(
                spec=JudgeSpec(
                    judge_id=judge_id, model_id=f"local/{judge_id}", title=title, sampling=Sampling(seed=1)
                ),
                runtime={"weights_sha256": "cd" * 32, "runtime": "xllamacpp 2026.10.11549", "threads": 2},
            )
            for judge_id, title in judges.items()
        ),
        files={"cases/annotator/poem.yaml": "12" * 32, "prompts/rulebooks/hhh.yaml": "34" * 32},
        versions={"python": "3.11.2", "litellm": "1.91.3"},
    )


def make_hundred_rows() -> Comparison:
    """The size of the recorded run: about a hundred rows, seven rulebooks, texts as long as real ones."""
    rulebooks = (
        "hhh",
        "none",
        "placebo",
        "helpful-first",
        "caution-first",
        "comfort-first",
        "autonomy-first",
    )
    listwise = {judge_id: title for judge_id, title in JUDGES.items() if not judge_id.endswith("pairwise")}
    moved = tuple(rulebook_id for rulebook_id in rulebooks if rulebook_id != "none")
    base = judge_rows(JUDGES, rulebooks)
    more = [
        line.model_copy(update={"wording": wording, "language": language})
        for wording, language in (("paraphrase", "fr"), ("base", "en"))
        for line in judge_rows(listwise, rulebooks)
    ]
    panels = [
        row(
            "panel",
            "panel",
            "panel of 3 judges",
            seed=place,
            rulebook_id=rulebook_id,
            wording="base",
            language="fr",
        )
        for place, rulebook_id in enumerate(rulebooks * 2)
    ]
    texts = {
        "fr": "Une phrase assez longue pour ressembler à une réponse. " * 8,
        "en": "A sentence of some length. " * 15,
    }
    long_cases = tuple(
        case.model_copy(update={"message": texts, "answers": dict.fromkeys(case.answers, texts)})
        for case in facts()
    )
    many_failures = tuple(failure("Voici mon classement : " * 30) for _ in range(200))
    return make_comparison(
        rows=(*base, *panels, *baseline_rows(), *more),
        moves=moves(moved) + tuple(one.model_copy(update={"wording": "paraphrase"}) for one in moves(moved)),
        cases=long_cases,
        failures=many_failures,
        components=(components(), components("pairwise", ("qwen-1.5b-pairwise",))),
    )


def make_undefined() -> Comparison:
    """Nothing could be computed: one judge, no people, no readable verdict."""
    names = [name for name, field in Row.model_fields.items() if field.annotation is Estimate]
    empty: dict[str, object] = {name: unknown("no_readable_verdict") for name in names}
    lone = row("judge", "smollm2", "SmolLM2", n_ranked=0, failures={"unparsable": 24}, cases=())
    nobody = Reference(
        kind="none",
        n_annotators=0,
        rulebook_ids=(),
        human_human=unknown("no_people"),
        crowd_ceiling=unknown("no_people"),
        best_expected=unknown("no_people"),
    )
    bare = tuple(case.model_copy(update={"medians": (), "n_people": 0}) for case in facts())
    return make_comparison(
        rows=(lone.model_copy(update=empty),),
        components=(),
        moves=(),
        factors=(),
        failures=(),
        reference=nobody,
        cases=bare,
        n_failed=384,
    )


Make = Callable[..., Comparison]
VOID = {"meta", "input", "br", "link", "img"}
MAY_STAY_OPEN = {"td", "th", "tr", "thead", "tbody"}


class Walk(HTMLParser):
    """Walks through a page and keeps what the tests ask about."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[str | None, int]] = []
        self.lang: str | None = None

    def handle_starttag(self, name: str, pairs: list[tuple[str, str | None]]) -> None:
        """Note the tag; opening a main tells the language."""
        attributes = dict(pairs)
        self.tags.append((name, attributes))
        self.ids += [one for one in [attributes.get("id")] if one]
        self.lang = attributes.get("lang", self.lang) if name == "main" else self.lang
        if re.fullmatch("h[1-6]", name):
            self.headings.append((self.lang, int(name[1])))
        if name not in VOID:
            self.open.append(name)

    def handle_startendtag(self, name: str, pairs: list[tuple[str, str | None]]) -> None:
        """Note a tag that closes itself."""
        self.tags.append((name, dict(pairs)))

    def handle_endtag(self, name: str) -> None:
        """Close the tag, and those inside it that may stay open."""
        while self.open and self.open[-1] != name and self.open[-1] in MAY_STAY_OPEN:
            self.open.pop()
        if self.open and self.open[-1] == name:
            self.open.pop()
        else:
            self.wrong.append(name)


def walk(page: str) -> Walk:
    """Walk through a page."""
    walker = Walk()
    walker.feed(page)
    walker.close()
    return walker


@pytest.fixture
def comparison() -> Comparison:
    """The usual comparison."""
    return make_comparison()


@pytest.fixture
def manifest() -> Manifest:
    """The usual manifest."""
    return make_manifest()


@pytest.fixture
def make() -> Make:
    """Make a comparison with fields replaced."""
    return make_comparison


@pytest.fixture
def undefined_comparison() -> Comparison:
    """A comparison in which nothing could be computed."""
    return make_undefined()


@pytest.fixture
def hundred_rows() -> Comparison:
    """A comparison with a hundred rows in front."""
    return make_hundred_rows()


@pytest.fixture(name="walk")
def walk_fixture() -> Callable[[str], Walk]:
    """Walk through a page and keep its tags, ids, headings, and what is not closed."""
    return walk
