"""What the report says of judges' proposals that people had in sight, in both languages."""

from __future__ import annotations

from harness.report.words import Both

ANCHORING: dict[str, Both] = {
    "anchoring_section": {
        "fr": "Avec une proposition sous les yeux",
        "en": "With a proposal in sight",
    },
    "anchoring_title": {
        "fr": "Dans ces cas, qui a vu les propositions de {judge} s’en est rapproché : accord {control} sans, {shown} avec",
        "en": "In these cases, who saw the proposals of {judge} moved towards them: agreement {control} without, {shown} with",
    },
    "anchoring_title_away": {
        "fr": "Dans ces cas, qui a vu les propositions de {judge} s’en est éloigné : accord {control} sans, {shown} avec",
        "en": "In these cases, who saw the proposals of {judge} moved away from them: agreement {control} without, {shown} with",
    },
    "anchoring_title_open": {
        "fr": "Accord avec les propositions de {judge} : {control} sans les voir, {shown} en les voyant ; "
        "l’écart n’est pas sûr",
        "en": "Agreement with the proposals of {judge}: {control} without seeing them, {shown} seeing them; "
        "the difference is not certain",
    },
    "anchoring_title_few": {
        "fr": "Propositions de {judge} : {why} pour dire ce qu’elles changent",
        "en": "Proposals of {judge}: {why} to say what they change",
    },
    "anchoring_design_people": {
        "fr": "Le sort a montré les propositions à {n_shown} et à {n_control} non.",
        "en": "By lot {n_shown} saw the proposals and {n_control} did not.",
    },
    "anchoring_design_cases": {
        "fr": "Le sort a montré à chacune de {n_shown} les propositions d’une moitié des cas.",
        "en": "By lot each of {n_shown} saw the proposals of half of the cases.",
    },
    "anchoring_aside": {
        "fr": "{n} verdicts avec d’autres propositions que la plupart sont laissés de côté.",
        "en": "{n} verdicts with other proposals than most saw are left aside.",
    },
    "anchoring_simulated": {"fr": "Ces personnes sont simulées.", "en": "These people are simulated."},
    "anchoring_elsewhere": {
        "fr": "Partout ailleurs sur cette page ne comptent que les notes données sans proposition : celles-ci "
        "mesurent ce que pensent les personnes, et l’erreur du juge.",
        "en": "Everywhere else on this page only grades given without a proposal count: they measure what people "
        "think, and the judge’s error.",
    },
    "anchoring_caption": {
        "fr": "τₓ : accord avec les notes proposées. {design} Tirage refait dans chaque lot : {test}. {targets}",
        "en": "τₓ: agreement with the proposed grades. {design} Arms dealt anew inside each lot: {test}. {targets}",
    },
    "anchoring_description": {
        "fr": "Deux points par ligne : sans la proposition, puis avec elle.",
        "en": "Two dots per line: without the proposal, then with it.",
    },
    "anchoring_axis": {
        "fr": "accord τₓ avec les notes proposées",
        "en": "agreement τₓ with the proposed grades",
    },
    "anchoring_all_cases": {"fr": "tous les cas", "en": "all cases"},
    "anchoring_without": {"fr": "sans proposition", "en": "without a proposal"},
    "anchoring_with": {"fr": "proposition sous les yeux", "en": "proposal in sight"},
    "anchoring_difference": {"fr": "écart", "en": "difference"},
    "anchoring_people": {"fr": "personnes", "en": "people"},
    "anchoring_what": {"fr": "Ce qui est mesuré", "en": "What is measured"},
    "anchoring_table_title": {
        "fr": "Ce que la proposition change, et ce qu’elle épargne",
        "en": "What the proposal changes, and what it saves",
    },
    "anchoring_table_caption": {
        "fr": "« Entre elles » : voir la même proposition peut rendre les personnes plus semblables qu’elles ne sont ; "
        "cet accord en plus n’est pas un meilleur accord. « Suivie à tort » : paires de réponses ({n_pairs}) que la "
        "proposition ordonne contre la plupart des personnes qui ne l’ont pas vue. {targets}",
        "en": "“Among themselves”: seeing the same proposal can make people more alike than they are; that extra "
        "agreement is no better agreement. “Followed where wrong”: pairs of answers ({n_pairs}) that the proposal "
        "orders against most of the people who did not see it. {targets}",
    },
    "anchoring_row_tau": {"fr": "accord avec la proposition (τₓ)", "en": "agreement with the proposal (τₓ)"},
    "anchoring_row_human": {
        "fr": "accord des personnes entre elles (τₓ)",
        "en": "agreement of people among themselves (τₓ)",
    },
    "anchoring_row_unchanged": {
        "fr": "exactement les notes proposées",
        "en": "exactly the proposed grades",
    },
    "anchoring_row_followed": {"fr": "suivie à tort", "en": "followed where wrong"},
    "anchoring_row_seconds": {"fr": "secondes par cas", "en": "seconds per case"},
    "anchoring_times": {"fr": "× {ratio}", "en": "× {ratio}"},
}
