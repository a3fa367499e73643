"""What the page about choosing a judge says, in both languages."""

from __future__ import annotations

from harness.report.words import Both

CALIBRATION: dict[str, Both] = {
    "calibration_page": {"fr": "Quel juge choisir ?", "en": "Which judge to choose?"},
    "calibration_section": {
        "fr": "Choisi d’après {reference} : ce que le choix promet, ce qu’il vaut",
        "en": "Chosen by {reference}: what the choice promises, what it is worth",
    },
    "calibration_title": {
        "fr": "{name} promet {naive} ; choisir ainsi vaut {honest} sur des cas qui n’ont pas servi au choix",
        "en": "{name} promises {naive}; choosing so is worth {honest} on cases that had no say",
    },
    "calibration_optimism": {
        "fr": "Ce que le choix promet est trop beau de {optimism} : le meilleur de {n} réglages doit une part de son avance à la chance sur ces {n_cases}.",
        "en": "What the choice promises is too good by {optimism}: the best of {n} settings owes part of its lead to luck on these {n_cases}.",
    },
    "calibration_no_optimism": {
        "fr": "Choisir parmi {n} réglages n’a rien embelli ici : laissés de côté, les cas se passent aussi bien.",
        "en": "Choosing among {n} settings has embellished nothing here: cases left out go as well.",
    },
    "calibration_luck": {
        "fr": "Le meilleur juge seul devance la moyenne des {n} de {lead} ; si tous se valaient, le meilleur la devancerait déjà de {lucky}, par chance ({test}).",
        "en": "The best single judge leads the mean of the {n} by {lead}; were all equally good, the best would lead by {lucky} through luck alone ({test}).",
    },
    "calibration_few": {
        "fr": "{n_cases}, c’est trop peu pour fonder un choix : à prendre comme une démonstration. Il en faut une vingtaine au moins.",
        "en": "{n_cases} are too few to rest a choice on: take this as a demonstration. It needs some twenty at least.",
    },
    "calibration_one": {
        "fr": "Il n’y a qu’un réglage : rien à choisir.",
        "en": "There is one setting only: nothing to choose.",
    },
    "calibration_simulated": {
        "fr": "Des juges ou des personnes sont simulés.",
        "en": "Some judges or people are simulated.",
    },
    "calibration_left_out": {
        "fr": "Hors concours, faute de verdicts lisibles sur {least} des cas : {names}.",
        "en": "Not in the running, for want of readable verdicts on {least} of the cases: {names}.",
    },
    "calibration_left_one": {"fr": "{name} ({n} sur {all})", "en": "{name} ({n} of {all})"},
    "calibration_description": {
        "fr": "Pour les juges seuls puis pour des panels de plus en plus grands : l’accord du réglage choisi sur les cas du choix, et l’accord obtenu sur les cas laissés de côté.",
        "en": "For judges alone, then for ever larger panels: agreement of the chosen setting on the cases of the choice, and what was reached on cases left out.",
    },
    "calibration_axis": {
        "fr": "accord τₓ avec {reference} (1 = même ordre, 0 = hasard)",
        "en": "agreement τₓ with {reference} (1 = same order, 0 = chance)",
    },
    "calibration_naive": {"fr": "ce que le choix promet", "en": "what the choice promises"},
    "calibration_honest": {"fr": "ce qu’il vaut ailleurs", "en": "what it is worth elsewhere"},
    "calibration_singles": {
        "fr": "un juge parmi {n}",
        "en": "one judge among {n}",
    },
    "calibration_panels": {
        "fr": "panels d’au plus {size} : {n} réglages",
        "en": "panels of at most {size}: {n} settings",
    },
    "calibration_drawn": {"fr": "un juge tiré au sort", "en": "a judge drawn at random"},
    "calibration_longest": {"fr": "la réponse la plus longue", "en": "the longest answer"},
    "calibration_human": {"fr": "deux personnes entre elles", "en": "two people with each other"},
    "calibration_caption": {
        "fr": "Le choix est refait sans chaque groupe de cas (un cas et ceux qui partagent un texte avec lui ; {n_blocks} blocs), puis jugé sur ce groupe. Un réglage vaut "
        "par l’accord moyen de son ordre avec {reference} ; à égalité, le plus simple est pris. Rien n’est dit d’autres personnes. {targets}",
        "en": "The choice is made again without each group of cases (a case and those that share a text with it; {n_blocks} blocks), and judged on that group. A setting counts "
        "by the mean agreement of its order with {reference}; of equals, the simplest is taken. Nothing is said about other people. {targets}",
    },
    "calibration_candidates": {
        "fr": "Les réglages en tête, et combien de fois chacun est choisi",
        "en": "The settings in front, and how often each is chosen",
    },
    "calibration_candidates_caption": {
        "fr": "« Choisi » : sur {n_blocks} blocs de cas laissés de côté. Un choix qui change souvent de main ne se distingue pas du hasard.",
        "en": "“Chosen”: of {n_blocks} blocks of cases left out. A choice that changes hands often cannot be told from luck.",
    },
    "calibration_setting_head": {"fr": "réglage", "en": "setting"},
    "calibration_tau_head": {"fr": "accord sur tous les cas", "en": "agreement on all cases"},
    "calibration_chosen_head": {"fr": "choisi", "en": "chosen"},
    "calibration_calls_head": {"fr": "verdicts par cas", "en": "verdicts per case"},
    "calibration_optimism_head": {"fr": "trop beau de", "en": "too good by"},
    "calibration_shots": {"fr": "{n} exemples", "en": "{n} examples"},
    "calibration_template": {"fr": "gabarit {name}", "en": "template {name}"},
    "calibration_shots_note": {
        "fr": "Les exemples montrés aux juges viennent des notes des mêmes personnes sur d’autres cas : un réglage avec exemples ne se juge que sur ces personnes-là.",
        "en": "Examples shown to judges come from the same people’s grades of other cases: a setting with examples is judged against these people only.",
    },
}
