"""What the page says of the whole: its limits, long sets, imports, methods, two runs, in both languages."""

from __future__ import annotations

from harness.report.words import Both

WHOLE: dict[str, Both] = {
    "can_say": {"fr": "Ce que ces données peuvent dire", "en": "What these data can say"},
    "can_shuffle": {
        "fr": "Si le modèle ou le règlement compte dans ces {n_cases}, par des tests de permutation.",
        "en": "Whether the model or the rulebook matters in these {n_cases}, by shuffle tests.",
    },
    "can_shuffle_model": {
        "fr": "Si le modèle compte dans ces {n_cases}, par un test de permutation.",
        "en": "Whether the model matters in these {n_cases}, by a shuffle test.",
    },
    "can_shuffle_rulebook": {
        "fr": "Si le règlement compte dans ces {n_cases}, par un test de permutation.",
        "en": "Whether the rulebook matters in these {n_cases}, by a shuffle test.",
    },
    "can_shares": {
        "fr": "Ce qui déplace un verdict dans ces {n_cases}, le bruit mesuré en redemandant.",
        "en": "What moves a verdict in these {n_cases}, noise measured by asking again.",
    },
    "can_shares_order": {
        "fr": "Ce qui déplace un verdict dans ces {n_cases}, le bruit mesuré en redemandant dans un autre ordre.",
        "en": "What moves a verdict in these {n_cases}, noise measured by asking again in another order.",
    },
    "can_people_votes": {
        "fr": "À quel point les votes anonymes s’accordent entre eux sur ces {n_cases}.",
        "en": "How far the anonymous votes agree with each other on these {n_cases}.",
    },
    "can_people": {
        "fr": "À quel point {n_people} sont d’accord sur ces {n_cases}.",
        "en": "How far {n_people} agree on these {n_cases}.",
    },
    "can_slots": {
        "fr": "Si la place d’une réponse compte pour un juge.",
        "en": "Whether an answer’s place matters to a judge.",
    },
    "can_ladder": {
        "fr": "Quelle part des verdicts change quand une seule chose change, dans ces {n_cases}.",
        "en": "What share of verdicts changes when one thing changes, in these {n_cases}.",
    },
    "can_counts": {
        "fr": "Combien de verdicts chaque juge refuse, rate ou met ex æquo.",
        "en": "How many verdicts each judge refuses, fails or ties.",
    },
    "limits_cases": {
        "fr": "Tout vaut pour {n_cases} seulement ; rien n’est dit des juges ou des personnes en général.",
        "en": "Everything here holds for {n_cases} only; nothing is said about judges or people in general.",
    },
    "limits_too_few_cases": {
        "fr": "Avec {n_cases}, rien ne se laisse étendre à d’autres cas : il en faut trois au moins pour un intervalle.",
        "en": "With {n_cases}, nothing extends to other cases: an interval takes at least three.",
    },
    "limits_general": {
        "fr": "« Les juges IA sont d’accord avec les gens » : sur d’autres cas que ces {n_cases}, cet accord n’est connu qu’à ±\u00a0{half} près.",
        "en": "“AI judges agree with people”: on cases other than these {n_cases}, that agreement is known only to ±\u00a0{half}.",
    },
    "limits_general_key": {
        "fr": "« Les juges IA retrouvent le corrigé » : sur d’autres cas que ces {n_cases}, cet accord n’est connu qu’à ±\u00a0{half} près.",
        "en": "“AI judges find the key’s answer”: on cases other than these {n_cases}, that agreement is known only to ±\u00a0{half}.",
    },
    "limits_rank": {
        "fr": "Deux lignes dont l’accord τₓ diffère de moins de {close} environ ne sont pas classées l’une devant l’autre.",
        "en": "Two rows whose agreement τₓ differs by less than about {close} are not ranked one before the other.",
    },
    "limits_grid": {
        "fr": "Les parts dépendent des modèles et des règlements réunis ici, et de la distance choisie.",
        "en": "The shares depend on which models and rulebooks are in the grid, and on the distance chosen.",
    },
    "limits_grid_few": {
        "fr": "Les parts dépendent des modèles et des règlements réunis ici, et de la distance choisie ; sur d’autres cas elles pourraient être de dix points plus hautes ou plus basses.",
        "en": "The shares depend on which models and rulebooks are in the grid, and on the distance chosen; on other cases they may be ten points higher or lower.",
    },
    "limits_replace": {
        "fr": "Qu’un juge puisse remplacer une personne : il faudrait {n} cas au moins pour que le test le dise.",
        "en": "That a judge can replace a person: the test would need at least {n} cases to say so.",
    },
    "limits_weights": {
        "fr": "Combien pèsent « utile », « honnête » et « inoffensive » : avec {n_cases}, une direction au plus, pas des nombres.",
        "en": "How much “helpful”, “honest” and “harmless” weigh: with {n_cases}, a direction at most, no numbers.",
    },
    "limits_no_people": {
        "fr": "L’accord avec des gens en général : la référence n’est pas un groupe de personnes.",
        "en": "Agreement with people in general: the reference is no group of people.",
    },
    "limits_few_people": {
        "fr": "Ce que des gens pensent : {n_people} ne font pas un groupe.",
        "en": "What people think: {n_people} are no group.",
    },
    "limits_anonymous": {
        "fr": "Qui a voté n’est pas connu : rien ne se dit d’une personne, et la même peut compter plusieurs fois.",
        "en": "Who voted is unknown: nothing is said about a person, and the same one may count several times.",
    },
    "limits_human_noise_votes": {
        "fr": "Si des personnes se contredisent ou hésitent seulement : on ne sait pas si quelqu’un a voté deux fois.",
        "en": "Whether people disagree or merely waver: whether anybody voted twice is unknown.",
    },
    "limits_human_noise": {
        "fr": "Si des personnes se contredisent ou hésitent seulement : personne n’a noté deux fois le même cas.",
        "en": "Whether people disagree or merely waver: nobody graded the same case twice.",
    },
    "limits_camps": {
        "fr": "Ni familles de juges, ni « bon » ou « mauvais » annotateur : ces données n’y suffisent pas.",
        "en": "No families of judges, no “good” or “bad” annotator: these data are not enough for that.",
    },
    "limits_camps_many": {
        "fr": "Un accord faible ne fait pas un mauvais annotateur : une minorité peut avoir ses raisons.",
        "en": "Low agreement makes no bad annotator: a minority may have its reasons.",
    },
    "limits_one_run": {
        "fr": "Le bruit : chaque demande n’a été faite qu’une fois, donc rien ne sépare un effet du hasard d’une réponse.",
        "en": "Noise: everything was asked only once, so nothing tells an effect from the chance of one reply.",
    },
    "limits_severity": {
        "fr": "La sévérité d’un juge : un classement ne dit pas si toutes les réponses sont bonnes ou mauvaises.",
        "en": "How severe a judge is: a ranking does not tell whether all answers are good or bad.",
    },
    "limits_length": {
        "fr": "Si préférer les longues réponses est un défaut : la longueur peut aussi être une qualité.",
        "en": "Whether preferring long answers is a fault: length may also be quality.",
    },
    "limits_language": {
        "fr": "L’effet de la langue seule : une réponse traduite est un autre texte.",
        "en": "The effect of language alone: a translated answer is another text.",
    },
    "limits_interaction": {
        "fr": "Qu’un modèle « obéit mieux » qu’un autre à un règlement : la part « réaction » décrit, elle ne se teste pas.",
        "en": "That one model “obeys” a rulebook better than another: the “reaction” share describes, no test stands behind it.",
    },
    "factor_parts": {
        "fr": "{varied} : la plus grande part est {part} ({share})",
        "en": "{varied}: the largest part is {part} ({share})",
    },
    "factor_parts_none": {"fr": "{varied} : pas de parts ({reason})", "en": "{varied}: no shares ({reason})"},
    "factor_basis": {
        "fr": "{protocol} : {n_cases}, {n_judges}, {n_rulebooks}, {runs} par cellule. « A × B » : A agit autrement selon B.",
        "en": "{protocol}: {n_cases}, {n_judges}, {n_rulebooks}, {runs} per cell. “A × B”: A acts differently depending on B.",
    },
    "factor_test": {
        "fr": "Si la formulation ou la langue ne comptait pas : {test}.",
        "en": "If the wording or the language did not matter: {test}.",
    },
    "factor_rule_test": {
        "fr": "Si le règlement ne changeait pas plus qu’une autre formulation : {test}.",
        "en": "If the rulebook changed no more than another wording does: {test}.",
    },
    "holm": {"fr": "{test}, corrigé (Holm) {p}", "en": "{test}, corrected (Holm) {p}"},
    "spread_title": {
        "fr": "Sur {n_cases}, {alike} des lectures vont dans le sens de la référence ({reference}) et {against} à l’opposé",
        "en": "Over {n_cases}, {alike} of the readings go with the reference ({reference}) and {against} against it",
    },
    "spread_title_none": {
        "fr": "{n_cases}, sans référence pour l’accord",
        "en": "{n_cases}, no reference to agree with",
    },
    "spread_description": {
        "fr": "Un petit histogramme par ligne : combien de cas ont quel accord, de −1 à 1.",
        "en": "One small histogram per row: how many cases have which agreement, from −1 to 1.",
    },
    "spread_caption": {
        "fr": "Accord τₓ de chaque ligne avec la référence ({reference}), cas par cas : part des {n_cases} dans chaque tranche ; à droite, la moyenne.",
        "en": "Agreement τₓ of each row with the reference ({reference}), case by case: share of the {n_cases} in each bin; on the right, the mean.",
    },
    "against_head": {"fr": "À l’opposé (τₓ < −0,25)", "en": "Against (τₓ < −0.25)"},
    "neither_head": {"fr": "Ni l’un ni l’autre", "en": "Neither"},
    "alike_head": {"fr": "Dans le sens (τₓ > 0,25)", "en": "With it (τₓ > 0.25)"},
    "long_set": {
        "fr": "Ce jeu compte {n_cases}. Cas par cas, la page montre les {shown} où juges et référence s’écartent le plus ; ce ne sont donc pas des cas ordinaires. Tous sont dans comparison.json.",
        "en": "This set has {n_cases}. Case by case the page shows the {shown} on which judges and reference differ most; so these are no ordinary cases. All of them are in comparison.json.",
    },
    "import_summary": {
        "fr": "Résultats repris d’autrui (format {format}, fichiers : {n}) : aucun juge n’a été interrogé ici.",
        "en": "Results taken over from others (format {format}, files: {n}): no judge was asked here.",
    },
    "import_look": {
        "fr": "Ce qui a été laissé de côté ou transposé se lit à la fin, sous « D’où viennent ces verdicts ».",
        "en": "What was left out or mapped on the way stands at the end, under “Where these verdicts come from”.",
    },
    "import_section": {"fr": "D’où viennent ces verdicts", "en": "Where these verdicts come from"},
    "import_format": {"fr": "Format", "en": "Format"},
    "import_date": {"fr": "Repris le (UTC)", "en": "Taken over (UTC)"},
    "import_options": {"fr": "Options", "en": "Options"},
    "import_people": {"fr": "Qui a voté", "en": "Who voted"},
    "import_known": {"fr": "connu", "en": "known"},
    "import_unknown": {"fr": "inconnu (votes anonymes)", "en": "unknown (anonymous votes)"},
    "import_sample": {"fr": "Cas tirés au hasard", "en": "Cases drawn at random"},
    "import_source": {"fr": "Origine", "en": "Origin"},
    "import_note": {"fr": "Licence et remarques", "en": "Licence and notes"},
    "import_notes": {
        "fr": "Ce qui s’est passé à la lecture ({n}, en anglais)",
        "en": "What happened while reading ({n})",
    },
    "import_files": {"fr": "Fichiers repris ({n})", "en": "Files taken over ({n})"},
    "bytes_head": {"fr": "Octets", "en": "Bytes"},
    "methods_section": {"fr": "Les méthodes", "en": "The methods"},
    "methods_fold": {
        "fr": "Les {n} statistiques utilisées dans ce rapport",
        "en": "The {n} statistics used in this report",
    },
    "methods_intro": {
        "fr": "Dans les mots du programme lui-même, en anglais ; seules celles qui ont servi ici.",
        "en": "In the words of the program itself; only those that were used here.",
    },
    "panels_head": {"fr": "Les autres volets", "en": "The other panels"},
    "contrast_page": {"fr": "Deux sessions côte à côte", "en": "Two runs side by side"},
    "contrast_section": {"fr": "{second} à côté de {first}", "en": "{second} beside {first}"},
    "contrast_title": {
        "fr": "Lignes dont l’accord a bougé de façon visible, sur {n_cases} en commun : {few}\u00a0sur\u00a0{all}",
        "en": "Rows whose agreement visibly moved, over {n_cases} in common: {few}\u00a0of\u00a0{all}",
    },
    "contrast_title_none": {
        "fr": "{n_cases} en commun : trop peu pour un intervalle",
        "en": "{n_cases} in common: too few for an interval",
    },
    "contrast_none": {"fr": "Les deux n’ont aucune ligne en commun.", "en": "The two have no row in common."},
    "contrast_description": {
        "fr": "Deux marques par ligne : l’accord dans chaque session.",
        "en": "Two marks per line: the agreement in each run.",
    },
    "contrast_axis": {"fr": "accord τₓ avec la référence", "en": "agreement τₓ with the reference"},
    "contrast_caption": {
        "fr": "Différence : seconde moins première, cas par cas sur {n_cases} en commun. {targets}",
        "en": "Difference: second minus first, case by case over {n_cases} in common. {targets}",
    },
    "contrast_warning": {
        "fr": "Attention, il n’y a pas que les juges qui changent : {list}.",
        "en": "Beware, the judges are not all that changes: {list}.",
    },
    "contrast_only": {
        "fr": "Seulement dans {run} : {names}.",
        "en": "Only in {run}: {names}.",
    },
    "difference_head": {"fr": "Différence", "en": "Difference"},
    "interval_head": {"fr": "Intervalle", "en": "Interval"},
}
