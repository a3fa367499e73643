"""The report's vocabulary in both languages: reasons, kinds, units, columns. Texts in sentences are in `prose`."""

from __future__ import annotations

from harness.schema import (
    Baseline,
    FailureReason,
    Flag,
    Gap,
    Language,
    Protocol,
    RowKind,
    Target,
    Undefined,
    Unit,
    Wording,
)

Both = dict[Language, str]


def _both(fr: str, en: str) -> Both:
    return {"fr": fr, "en": en}


UNDEFINED: dict[Undefined, Both] = {
    "too_few_cases": _both("trop peu de cas", "too few cases"),
    "too_few_runs": _both("trop peu de répétitions", "too few repeats"),
    "too_few_people": _both("trop peu de personnes", "too few people"),
    "no_people": _both("pas de personnes", "no people"),
    "one_judge": _both("un seul juge", "one judge only"),
    "one_rulebook": _both("un seul règlement", "one rulebook only"),
    "incomplete_grid": _both("grille incomplète", "incomplete grid"),
    "not_measured": _both("non mesuré", "not measured"),
    "no_readable_verdict": _both("aucun verdict lisible", "no readable verdict"),
    "everything_tied": _both("tout est ex æquo", "everything tied"),
    "no_variation": _both("aucune variation", "no variation"),
    "price_unknown": _both("prix inconnu", "price unknown"),
    "time_unknown": _both("durée inconnue", "time unknown"),
    "wage_unknown": _both("salaire inconnu", "wage unknown"),
    "too_few_conflicts": _both("trop peu de conflits", "too few conflicts"),
    "dimensions_not_asked": _both("critères non demandés", "criteria not asked for"),
    "not_random_sample": _both("pas tirés au hasard", "not drawn at random"),
    "authors_unknown": _both("auteurs des réponses inconnus", "authors of the answers unknown"),
    "not_connected": _both("comparaisons sans lien entre elles", "comparisons not connected"),
    "not_better_than_noise": _both("pas mieux que le hasard", "no better than noise"),
    "people_unknown": _both("votants inconnus", "voters unknown"),
    "too_many_answers": _both("trop de réponses", "too many answers"),
    "incomplete_rankings": _both("classements incomplets", "incomplete rankings"),
    "does_not_apply": _both("sans objet", "does not apply"),
}

FAILURES: dict[FailureReason, Both] = {
    "refused": _both("refusé par le juge", "refused by the judge"),
    "filtered": _both("filtré par le fournisseur", "filtered by the provider"),
    "truncated": _both("coupé avant la fin", "cut off before the end"),
    "unparsable": _both("illisible", "unreadable"),
    "inverted": _both("inversé", "inverted"),
    "exhausted": _both("tentatives épuisées", "attempts used up"),
    "rejected": _both("demande rejetée", "request rejected"),
}

GAPS: dict[Gap, Both] = {
    "never_asked": _both("jamais demandés", "never asked"),
    "still_open": _both("encore ouverts", "still open"),
    "answers_ungraded": _both("réponses sans note", "answers without a grade"),
}

METHODS: dict[str, Both] = {
    "t over cases": _both("intervalle de Student sur les cas", "t interval over cases"),
    "jackknife-t": _both("jackknife, loi de Student", "jackknife-t"),
    "jackknife-t on arcsin-sqrt": _both(
        "jackknife, loi de Student, sur l’arc sinus de la racine", "jackknife-t on arcsin-sqrt"
    ),
    "jackknife-t over people": _both(
        "jackknife sur les personnes, loi de Student", "jackknife-t over people"
    ),
}
"""Interval methods as `compare` names them."""

FLAGS: dict[Flag, Both] = {
    "best_not_top": _both("la meilleure nommée n’est pas en tête", "named best is not on top"),
    "worst_not_bottom": _both("la pire nommée n’est pas en bas", "named worst is not at the bottom"),
    "rules_unknown": _both("règle citée inexistante", "cites a rule that does not exist"),
    "repaired": _both("texte réparé avant lecture", "text repaired before reading"),
}

BASELINES: dict[Baseline, Both] = {
    "random": _both("au hasard", "random"),
    "all-tied": _both("tout ex æquo", "all tied"),
    "longest-answer": _both("la plus longue d’abord", "longest answer first"),
    "first-slot": _both("dans l’ordre du fichier", "first slot first"),
}

ROW_KINDS: dict[RowKind, Both] = {
    "judge": _both("Juges", "Judges"),
    "panel": _both("Panel des juges", "Panel of judges"),
    "person": _both("Personnes", "People"),
    "key": _both("Corrigé de l’auteur (une personne)", "Author’s key (one person)"),
    "learned": _both("IA apprises des notes (récompenses)", "AIs that learned from grades (rewards)"),
    "baseline": _both("Points de comparaison, qui ne lisent rien", "Baselines, which read nothing"),
}

PUBLISHED_KEY: Both = _both("Corrigé publié", "Published key")
"""What a row of kind `key` is where the key came with the data."""

VOTES: tuple[Both, Both] = (_both("vote", "vote"), _both("votes", "votes"))
"""What anonymous votes are counted in, instead of people."""

UNSTATED: dict[str, Both] = {
    "unstated": _both("une consigne absente des fichiers", "an instruction that is not in the files")
}
"""Rulebooks that stand for something unknown."""

PROTOCOLS: dict[Protocol, Both] = {
    "listwise": _both("toutes les réponses à la fois", "all answers at once"),
    "pairwise": _both("deux réponses à la fois", "two answers at a time"),
    "pointwise": _both("chaque réponse seule", "each answer alone"),
}

WORDINGS: dict[Wording, Both] = {
    "base": _both("texte de base", "base wording"),
    "paraphrase": _both("paraphrase", "paraphrase"),
}

LANGUAGE_NAMES: dict[Language, Both] = {
    "fr": _both("français", "French"),
    "en": _both("anglais", "English"),
}

TARGETS: dict[Target, Both] = {
    "T1": _both("ces cas, interrogés à nouveau", "these cases, asked again"),
    "T2": _both("ces cas, d’autres personnes", "these cases, other people"),
    "T3": _both("d’autres cas semblables", "other cases like these"),
}

UNITS: dict[Unit, tuple[Both, Both]] = {
    "cases": (_both("cas", "case"), _both("cas", "cases")),
    "people": (_both("personne", "person"), _both("personnes", "people")),
    "runs": (_both("répétition", "repeat"), _both("répétitions", "repeats")),
    "pairs": (_both("paire", "pair"), _both("paires", "pairs")),
    "verdicts": (_both("verdict", "verdict"), _both("verdicts", "verdicts")),
}

PARTS: dict[str, Both] = {
    "model": _both("modèle", "model"),
    "rulebook": _both("règlement", "rulebook"),
    "reaction": _both("réaction au règlement", "reaction to the rulebook"),
    "noise": _both("bruit", "noise"),
    "order": _both("bruit dû à l’ordre des réponses", "noise from the order of the answers"),
    "residual": _both("autre bruit", "other noise"),
}

FACTORS: dict[str, Both] = {
    "paraphrase": _both("mêmes règles, autres mots", "same rules, other words"),
    "language": _both("autre langue", "other language"),
}

REFERENCES: dict[str, Both] = {
    "people": _both("les personnes", "the people"),
    "votes": _both("les votes anonymes", "the anonymous votes"),
    "key": _both("le corrigé d’une seule personne", "one person’s key"),
    "published": _both("le corrigé publié", "the published key"),
    "none": _both("personne", "nobody"),
}

SHORT_REFERENCES: dict[str, Both] = {
    "people": _both("Personnes", "People"),
    "votes": _both("Votes", "Votes"),
    "key": _both("Corrigé", "Key"),
    "published": _both("Corrigé", "Key"),
    "none": _both("–", "–"),
}

IN_PAIRS: Both = _both("2 à 2", "pairwise")

SIMULATED: Both = _both("simulé", "simulated")

# column -> (heading, what it means)
COLUMNS: dict[str, tuple[Both, Both]] = {
    "annotator": (
        _both("Qui", "Who"),
        _both(
            "le juge (modèle et façon de l’interroger), la personne ou le point de comparaison",
            "the judge (model and way of asking), the person or the baseline",
        ),
    ),
    "rulebook": (
        _both("Règlement", "Rulebook"),
        _both("les règles données ; « none » = aucune règle", "the rules given; “none” = no rules"),
    ),
    "coverage": (
        _both("Lus", "Read"),
        _both(
            "verdicts lisibles sur verdicts prévus ; les autres sont des échecs, comptés et jamais remplacés",
            "readable verdicts out of those planned; the others are failures, counted and never replaced",
        ),
    ),
    "tau_people": (
        _both("Accord τₓ", "Agreement τₓ"),
        _both(
            "accord moyen avec la référence, de −1 (ordre inverse) à 1 (même ordre) ; 0 = rien en commun",
            "mean agreement with the reference, from −1 (reverse order) to 1 (same order); 0 = nothing in common",
        ),
    ),
    "delta_people": (
        _both("Écart aux humains", "Beside humans"),
        _both(
            "accord avec les personnes moins accord des personnes entre elles ; 0 = comme une personne de plus (ou un vote de plus)",
            "agreement with people minus agreement among people; 0 = like one more person (or vote)",
        ),
    ),
    "floor": (
        _both("Plancher", "Floor"),
        _both(
            "accord attendu au hasard, avec les mêmes ex æquo",
            "agreement expected by chance, with the same ties",
        ),
    ),
    "alpha_k": (
        _both("α", "α"),
        _both(
            "accord corrigé du hasard : 0 = hasard, 1 = parfait",
            "agreement corrected for chance: 0 = chance, 1 = perfect",
        ),
    ),
    "conflict": (
        _both("Conflit", "Conflict"),
        _both("part des paires classées dans l’ordre opposé", "share of pairs put in opposite orders"),
    ),
    "hesitation": (
        _both("Hésitation", "Hesitation"),
        _both(
            "part des paires où un seul des deux met ex æquo", "share of pairs that only one of the two ties"
        ),
    ),
    "gap": (
        _both("Écart de valeurs", "Value gap"),
        _both(
            "désaccord avec la référence qui reste quand on retire le bruit des deux côtés",
            "disagreement with the reference that is left when both sides’ noise is taken away",
        ),
    ),
    "retest": (
        _both("Avec soi-même", "With itself"),
        _both(
            "accord τₓ entre ses propres verdicts sur un cas, les réponses montrées dans un autre ordre",
            "agreement τₓ between its own verdicts on a case, the answers shown in another order",
        ),
    ),
    "tie_share": (
        _both("Ex æquo", "Ties"),
        _both("part des paires mises ex æquo", "share of pairs that are tied"),
    ),
    "slot": (
        _both("Emplacement", "Slot"),
        _both(
            "plus fort effet d’un emplacement sur le rang (0 = l’emplacement ne compte pas)",
            "strongest effect of one slot on the rank (0 = the slot does not matter)",
        ),
    ),
    "order_flips": (
        _both("Inversions", "Flips"),
        _both(
            "deux à deux : part des paires dont la gagnante change quand on échange les places",
            "pairwise: share of pairs whose winner changes when the two swap places",
        ),
    ),
    "intransitive_triples": (
        _both("Cycles", "Cycles"),
        _both(
            "deux à deux : part des trios où A bat B, B bat C et C bat A",
            "pairwise: share of triples where A beats B, B beats C and C beats A",
        ),
    ),
    "tau_longest": (
        _both("τₓ longueur", "τₓ length"),
        _both(
            "accord avec l’ordre « la plus longue d’abord »",
            "agreement with the order “longest answer first”",
        ),
    ),
    "seconds_per_1000": (
        _both("s pour 1000", "s per 1,000"),
        _both("durée de mille verdicts", "time for a thousand verdicts"),
    ),
    "usd_per_1000": (
        _both("$ pour 1000", "$ per 1,000"),
        _both(
            "coût de mille verdicts ; un juge local coûte du temps",
            "cost of a thousand verdicts; a local judge costs time",
        ),
    ),
}
