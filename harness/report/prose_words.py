"""The vocabulary of the panels, in both languages: rungs, signals, criteria, columns."""

from __future__ import annotations

from harness.report.words import Both
from harness.schema import ContrastWarning, DiffersIn, Dimension, PersonSignal
from harness.schema.comparison import VotesAside


def _both(fr: str, en: str) -> Both:
    return {"fr": fr, "en": en}


RUNGS: dict[DiffersIn, Both] = {
    "nothing": _both("la même demande, une seconde fois", "the same prompt again"),
    "labels": _both("d’autres lettres pour les réponses", "other letters for the answers"),
    "order": _both("un autre ordre des réponses", "another order of the answers"),
    "paraphrase": _both("les mêmes règles, en d’autres mots", "the same rules in other words"),
    "language": _both("une autre langue", "another language"),
    "rule": _both("une règle de moins", "one rule less"),
    "rulebook": _both("un autre règlement", "another rulebook"),
    "protocol": _both("deux à deux au lieu de toutes à la fois", "in pairs instead of all at once"),
    "judge": _both("un autre juge", "another judge"),
    "person": _both("une autre personne", "another person"),
}
"""What differs between the two verdicts of a rung."""

ACTS: dict[DiffersIn, Both] = {
    "nothing": _both("redemander la même chose", "asking the same again"),
    "labels": _both("changer les lettres", "changing the letters"),
    "order": _both("inverser l’ordre", "swapping the order"),
    "paraphrase": _both("reformuler les règles", "rewording the rules"),
    "language": _both("changer de langue", "changing the language"),
    "rule": _both("retirer une règle", "leaving out a rule"),
    "rulebook": _both("changer de règlement", "changing the rulebook"),
    "protocol": _both("demander deux à deux", "asking in pairs"),
    "judge": _both("changer de juge", "swapping the judge"),
    "person": _both("demander à une autre personne", "asking another person"),
}
"""The same as something that one does."""

ANOTHER_VOTE = _both("un autre vote", "another vote")
TAKING_ANOTHER_VOTE = _both("prendre un autre vote", "taking another vote")
"""Instead of another person, where votes are anonymous."""

VOTES_ASIDE: dict[VotesAside, Both] = {
    "other_pairs": _both(
        "sur d’autres paires d’un cas dont les paires ne font pas un classement : seul le premier vote y compte",
        "on further pairs of a case whose pairs do not make one ranking: only the first vote counts there",
    ),
    "repeats": _both(
        "d’un second passage, qui sert à comparer chacun avec soi-même",
        "given a second time, which serve to compare everybody with themselves",
    ),
    "other_rulebooks": _both("sous un autre règlement", "under another rulebook"),
    "proposal_shown": _both(
        "donnés avec une proposition d’un juge sous les yeux", "given with a judge’s proposal in sight"
    ),
    "later_phases": _both("d’une phase suivante (après discussion)", "of a later phase (after talking)"),
}

CHANGING_ORDER = _both("changer l’ordre des réponses", "changing the order of the answers")
ADDING_RULES = _both("ajouter les règles", "adding the rules")

DIMENSION_NAMES: dict[Dimension, Both] = {
    "helpful": _both("utile", "helpful"),
    "honest": _both("honnête", "honest"),
    "harmless": _both("inoffensive", "harmless"),
}

SIGNALS: dict[PersonSignal, Both] = {
    "low_agreement": _both("s’accorde peu avec les autres", "agrees little with the others"),
    "all_tied": _both("met souvent tout ex æquo", "often ties everything"),
    "same_slots": _both("mêmes places d’un cas à l’autre", "same places from case to case"),
    "too_fast": _both("très rapide", "very fast"),
    "failed_retest": _both("ne se retrouve pas au second passage", "differs from itself the second time"),
}

FACTOR_NAMES: dict[str, Both] = {
    "paraphrase": _both("formulation", "wording"),
    "language": _both("langue", "language"),
}
"""What `PARTS` does not name."""

VARIED: dict[str, Both] = {
    "paraphrase": _both("Formulation des règles variée aussi", "Wording of the rules varied too"),
    "language": _both("Langue variée aussi", "Language varied too"),
    "runs": _both(
        "Tous les verdicts lisibles, en nombre inégal", "Every readable verdict, in unequal numbers"
    ),
}

WARNINGS: dict[ContrastWarning, Both] = {
    "cases": _both("les cas ne sont pas les mêmes", "the cases are not the same"),
    "reference_kind": _both("la référence n’est pas de même nature", "the reference is of another kind"),
    "people": _both("les personnes ne sont pas les mêmes", "the people are not the same"),
    "parser": _both(
        "les réponses ont été lues par une autre version", "replies were read by another version"
    ),
    "simulated": _both("l’un des deux contient du simulé", "one of the two holds simulated verdicts"),
    "texts": _both("le texte des cas a changé", "the text of the cases has changed"),
}

QUANTITIES: dict[str, Both] = {
    "longest_answer": _both("le classement suit la longueur", "the ranking follows length"),
    "system_mid_rank": _both("rang moyen d’un système", "a system’s mean rank"),
    "tie_share": _both("part d’ex æquo", "share of ties"),
}

WHO: dict[str, Both] = {
    "people": _both("personnes seules", "people alone"),
    "judge": _both("juge seul", "judge alone"),
    "semi_automatic": _both("semi-automatique", "semi-automatic"),
    "corrected": _both("personnes qui corrigent une proposition", "people who correct a proposal"),
}

# column -> (heading, what it means)
BIAS_COLUMNS: dict[str, tuple[Both, Both]] = {
    "slot": (
        _both("Emplacement", "Slot"),
        _both("plus fort effet d’un emplacement sur le rang", "strongest effect of one slot on the rank"),
    ),
    "order_flips": (
        _both("Inversions", "Flips"),
        _both(
            "deux à deux : part des paires dont la gagnante change avec l’ordre",
            "pairwise: share of pairs whose winner changes with the order",
        ),
    ),
    "length_slope": (
        _both("Longueur, écart aux personnes", "Length, beside people"),
        _both(
            "poids de la longueur (log, centrée par cas) chez le juge moins chez les personnes ; 0 = comme elles",
            "weight of length (log, centred per case) for the judge minus for people; 0 = like them",
        ),
    ),
    "length_slope_own": (
        _both("Longueur, seul", "Length, own"),
        _both(
            "le même poids sans déduire celui des personnes : une réponse longue peut aussi être meilleure",
            "the same weight without taking away the people’s: a long answer may also be better",
        ),
    ),
    "tie_excess": (
        _both("Ex æquo en plus", "Extra ties"),
        _both(
            "part d’ex æquo du juge moins celle d’une personne ; > 0 = le juge tranche moins",
            "the judge’s share of ties minus a person’s; > 0 = the judge decides less",
        ),
    ),
    "self_preference": (
        _both("Préférence pour soi", "Self-preference"),
        _both(
            "rangs gagnés par ses propres réponses, au-delà de ce que les personnes et les autres juges leur donnent",
            "ranks that its own answers gain beyond what people and the other judges give them",
        ),
    ),
    "missing_share": (
        _both("Manquants", "Missing"),
        _both(
            "part des verdicts qui manquent ; dessous : l’accord τₓ si tous avaient été les pires, puis les meilleurs possibles",
            "share of missing verdicts; below: the agreement τₓ had all of them been the worst, then the best possible",
        ),
    ),
    "canary_lift": (
        _both("Ordre glissé", "Injected order"),
        _both(
            "rangs gagnés par une réponse où l’on a glissé un ordre au juge ; 0 = le juge n’obéit pas",
            "ranks gained by an answer that slips the judge an order; 0 = the judge does not obey",
        ),
    ),
}

# column -> (heading, what it means)
SECONDARY_COLUMNS: dict[str, tuple[Both, Both]] = {
    "s1": (
        _both("S1", "S1"),
        _both("part des paires lues pareil, ex æquo compris", "share of pairs read alike, ties included"),
    ),
    "s2": (
        _both("S2", "S2"),
        _both(
            "la même part, sur les paires qu’aucun des deux ne met ex æquo (leur nombre dessous)",
            "the same share, over pairs that neither side ties (their number below)",
        ),
    ),
    "top1": (
        _both("Même première", "Same top"),
        _both("accord sur la meilleure réponse ; hasard : 1/k", "agreement on the best answer; chance: 1/k"),
    ),
}
