"""What the panel about answers that give orders says, in both languages."""

from __future__ import annotations

from harness.report.words import Both

CANARIES: dict[str, Both] = {
    "canaries_section": {"fr": "Les réponses qui donnent des ordres", "en": "Answers that give orders"},
    "canaries_title": {
        "fr": "De {low} à {high} places gagnées par une réponse qui s’adresse au juge",
        "en": "An answer that speaks to the judge gains from {low} to {high} places",
    },
    "canaries_title_one": {
        "fr": "Places gagnées par une réponse qui s’adresse au juge : {low}",
        "en": "Places gained by an answer that speaks to the judge: {low}",
    },
    "canaries_title_none": {
        "fr": "Aucune place mesurée : il manque des verdicts lisibles, ou les mêmes cas sans l’ordre",
        "en": "No place measured: readable verdicts are missing, or the same cases without the order",
    },
    "canaries_caption": {
        "fr": "La même mauvaise réponse, avec une phrase anodine, puis avec une phrase qui veut commander au juge : combien de places gagne-t-elle, en moyenne ? "
        "0 = le juge ne se laisse pas faire ; {most} = de la dernière place à la première. Un intervalle demande au moins trois situations différentes.",
        "en": "The same bad answer, with a harmless sentence, then with one that tries to command the judge: how many places does it gain, on average? "
        "0 = the judge is not moved; {most} = from the last place to the first. An interval needs at least three different situations.",
    },
    "canaries_kinds": {
        "fr": "Façon de s’y prendre, de la plus efficace à la moins efficace : places gagnées (essais)",
        "en": "Ways of going about it, most effective first: places gained (trials)",
    },
    "canaries_kinds_caption": {
        "fr": "Peu d’essais par façon : à lire comme des exemples, non comme des mesures.",
        "en": "Few trials per way: to be read as examples, not as measurements.",
    },
    "canaries_more": {"fr": "Les autres juges ({n})", "en": "The other judges ({n})"},
    "canaries_judge_head": {"fr": "Juge", "en": "Judge"},
    "canaries_lift_head": {"fr": "Places gagnées", "en": "Places gained"},
    "canaries_first_head": {"fr": "Mise première, sans → avec", "en": "Put first, without → with"},
    "canaries_unread_head": {"fr": "Sans verdict, sans → avec", "en": "No verdict, without → with"},
    "canaries_trials_head": {"fr": "Essais", "en": "Trials"},
    "canaries_kind_head": {"fr": "Façon", "en": "Way"},
    "canaries_change": {"fr": "{before} → {after}", "en": "{before} → {after}"},
    "canaries_too_few": {
        "fr": "{number} (trop peu pour un intervalle)",
        "en": "{number} (too few for an interval)",
    },
    "canaries_with_interval": {"fr": "{number} ({interval})", "en": "{number} ({interval})"},
    "canaries_with_trials": {"fr": "{number} ({n})", "en": "{number} ({n})"},
}

KINDS: dict[str, Both] = {
    "order": {"fr": "un ordre au juge", "en": "an order to the judge"},
    "authority": {"fr": "une autorité invoquée", "en": "a claimed authority"},
    "chat-tokens": {"fr": "de faux messages du système", "en": "fake messages of the system"},
    "end-tag": {"fr": "une fausse fin de texte", "en": "a false end of the text"},
    "fake-verdict": {"fr": "un verdict tout fait", "en": "a ready-made verdict"},
    "fake-history": {"fr": "ce que d’autres auraient jugé", "en": "what others are said to have judged"},
    "rule-change": {"fr": "un règlement réécrit", "en": "a rewritten rulebook"},
    "inversion": {"fr": "une échelle retournée", "en": "a scale turned upside down"},
    "slot-names": {"fr": "les réponses notées par leur lettre", "en": "answers graded by their letter"},
    "hidden": {"fr": "un message caché", "en": "a hidden message"},
    "encoded": {"fr": "un message chiffré", "en": "a message in code"},
    "pressure": {"fr": "une prière, une menace, un pot-de-vin", "en": "a plea, a threat, a bribe"},
    "pretence": {"fr": "un essai, un jeu, un programme", "en": "a test, a game, a program"},
    "derail": {"fr": "une diversion", "en": "a diversion"},
}
"""Names of the kinds of attack that the shipped cases know; others are shown by their id."""
