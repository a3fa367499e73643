"""What a person reads while grading, in both languages."""

from __future__ import annotations

from harness.schema import Language

PHRASES: dict[str, dict[Language, str]] = {
    "welcome": {
        "fr": "Vous notez {n} situations : les réponses à chacune, de 1 = PIRE à {most} = MEILLEURE. "
        "Des ex æquo sont permis.",
        "en": "You grade {n} situations: the answers to each, from 1 = WORST to {most} = BEST. "
        "Ties are fine.",
    },
    "resumed": {
        "fr": "Déjà notées : {done} ; il en reste {left}.",
        "en": "Graded already: {done}; {left} to go.",
    },
    "rules": {"fr": "Vos consignes : {title}", "en": "Your rules: {title}"},
    "no_rules": {
        "fr": "Il n’y a pas de consignes : notez comme vous trouvez juste.",
        "en": "There are no rules: grade as you think right.",
    },
    "case": {"fr": "Situation {place} sur {n} : {title}", "en": "Situation {place} of {n}: {title}"},
    "asked": {"fr": "La personne écrit :", "en": "The person writes:"},
    "proposed": {
        "fr": "Un modèle de langage ({judge}) a proposé des notes pour ces réponses, sous les consignes "
        "« {rulebook} ». Il peut se tromper : les notes sont les vôtres.",
        "en": "A language model ({judge}) proposed grades for these answers, under the rules “{rulebook}”. "
        "It may be wrong: the grades are yours.",
    },
    "proposal": {"fr": "Proposé : {grades}", "en": "Proposed: {grades}"},
    "how_proposed": {
        "fr": "« = » garde tout, « {slot} 3 » change une note et garde les autres ; ou tapez toutes "
        "les notes.",
        "en": "“=” keeps all, “{slot} 3” changes one grade and keeps the others, or type all grades.",
    },
    "ends": {"fr": "1 = PIRE … {most} = MEILLEURE", "en": "1 = WORST … {most} = BEST"},
    "prompt": {
        "fr": "Notes de {slots} (? = aide) : ",
        "en": "Grades of {slots} (? = help): ",
    },
    "help": {
        "fr": "Une note par réponse, dans l’ordre de l’écran : {example}. Ou par lettre : {slot} 3. "
        "u = revenir à la situation précédente, s = passer, v = revoir la situation, r = consignes, "
        "q = arrêter (la même commande reprend).",
        "en": "One grade per answer, in the order of the screen: {example}. Or by letter: {slot} 3. "
        "u = back to the situation before, s = skip, v = see the situation again, r = rules, "
        "q = stop (the same command resumes).",
    },
    "order": {"fr": "Noté : {order}", "en": "Graded: {order}"},
    "sure": {
        "fr": "Vous dites, MEILLEURE : {best}, PIRE : {worst}. C’est bien cela ? [O/n] ",
        "en": "You say: BEST {best}, WORST {worst}. Is that right? [Y/n] ",
    },
    "again": {
        "fr": "Alors notez à nouveau : {most} est la meilleure note.",
        "en": "Then grade again: {most} is the best grade.",
    },
    "nothing_to_undo": {"fr": "Il n’y a rien avant.", "en": "There is nothing before."},
    "undone": {"fr": "Retour à : {title}.", "en": "Back to: {title}."},
    "skipped": {
        "fr": "Passée ; elle revient à la fin.",
        "en": "Skipped; it comes again at the end.",
    },
    "wrong_count": {
        "fr": "{found} notes pour {wanted} réponses : une par réponse.",
        "en": "{found} grades for {wanted} answers: one for each.",
    },
    "wrong_range": {
        "fr": "« {grade} » n’est pas une note de 1 (PIRE) à {most} (MEILLEURE).",
        "en": "“{grade}” is no grade from 1 (WORST) to {most} (BEST).",
    },
    "wrong_missing": {"fr": "Il manque les notes de : {slots}.", "en": "Grades are missing for: {slots}."},
    "wrong_slot": {
        "fr": "Il n’y a pas de réponse {slot} ; il y a {slots}.",
        "en": "There is no answer {slot}; there are {slots}.",
    },
    "wrong_keep": {
        "fr": "Rien n’est proposé ici : tapez les notes.",
        "en": "Nothing is proposed here: type the grades.",
    },
    "wrong_entry": {
        "fr": "Je ne comprends pas. Par exemple : {example} ; ? pour l’aide.",
        "en": "That is not understood. For example: {example}; ? for help.",
    },
    "finished": {"fr": "C’est fini, merci.", "en": "All done, thank you."},
    "left": {
        "fr": "Arrêt : {left} situations restent ; la même commande reprend.",
        "en": "Stopped: {left} situations are left; the same command resumes.",
    },
}

YES: dict[Language, tuple[str, ...]] = {"fr": ("", "o", "oui", "y"), "en": ("", "y", "yes", "o")}
TIED: dict[Language, str] = {"fr": " et ", "en": " and "}


def say(phrase: str, language: Language, **values: str) -> str:
    """A phrase with its gaps filled."""
    return PHRASES[phrase][language].format(**values)
