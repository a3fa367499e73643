"""What the page of a reward model says, in both languages."""

from __future__ import annotations

from harness.report.words import Both

REWARD: dict[str, Both] = {
    "reward_page": {"fr": "Une IA qui prédit les notes", "en": "An AI that predicts grades"},
    "reward_row": {"fr": "récompense {name}", "en": "reward {name}"},
    "reward_section": {"fr": "Ce qu’elle a appris de qui", "en": "What it learned, and from whom"},
    "reward_whose_people": {
        "fr": "Elle a appris de {n_rankings} classements que {people} ont donnés dans {n_situations} situations ({rules}). Chaque situation compte autant, "
        "et chacun y compte autant que les autres : qui n’est pas d’accord n’est pas écarté.",
        "en": "It learned from {n_rankings} rankings that {people} gave in {n_situations} situations ({rules}). Every situation counts the same, "
        "and everybody in it the same: who disagrees is not left out.",
    },
    "reward_whose_votes": {
        "fr": "Elle a appris de {n_rankings} votes anonymes dans {n_situations} situations ({rules}). Chaque situation compte autant.",
        "en": "It learned from {n_rankings} anonymous votes in {n_situations} situations ({rules}). Every situation counts the same.",
    },
    "reward_whose_key": {
        "fr": "Elle a appris d’un corrigé pour {n_situations} situations ({rules}) : la lecture d’une seule personne.",
        "en": "It learned from a key for {n_situations} situations ({rules}): one person’s reading.",
    },
    "reward_simulated": {
        "fr": "Notes simulées : personne n’a donné ces notes ; elles ont été inventées pour montrer le mécanisme.",
        "en": "Simulated grades: nobody gave these grades; they were made up to show the mechanism.",
    },
    "reward_looks": {
        "fr": "Elle ne comprend rien : elle compte {n} traits dans les textes et pèse chacun d’eux.",
        "en": "It understands nothing: it counts {n} features of the texts and weighs each of them.",
    },
    "reward_meaning": {
        "fr": "S’y ajoutent {n} axes de sens d’un petit réseau ({package} {version}, {licence}), que personne ne peut lire.",
        "en": "Added to them are {n} axes of meaning from a small network ({package} {version}, {licence}), which nobody can read.",
    },
    "reward_no_meaning": {
        "fr": "Elle ne lit pas le sens des textes.",
        "en": "It does not read the meaning of the texts.",
    },
    "reward_scheme_one": {
        "fr": "Chaque situation est prédite par une version qui ne l’a jamais vue ; les cas qui partagent un texte sont écartés ensemble.",
        "en": "Every situation is predicted by a version that never saw it; cases that share a text are left out together.",
    },
    "reward_scheme_folds": {
        "fr": "Les situations sont prédites par dixièmes, par une version qui ne les a jamais vues ; les cas qui partagent un texte sont écartés ensemble.",
        "en": "Situations are predicted a tenth at a time, by a version that never saw them; cases that share a text are left out together.",
    },
    "reward_few": {
        "fr": "Démonstration : {n} situations ne suffisent pas pour chiffrer une précision. Avec d’autres situations, ce tableau pourrait dire le "
        "contraire ; il montre le mécanisme, il ne mesure personne.",
        "en": "Demonstration: {n} situations are too few to put a number on accuracy. With other situations this table could say the opposite; "
        "it shows the mechanism, it measures nobody.",
    },
    "reward_trial": {
        "fr": "Essai : {n} situations. Les intervalles sont larges, et les traits choisis changeraient avec d’autres situations.",
        "en": "Trial: {n} situations. Intervals are wide, and the features chosen would change with other situations.",
    },
    "reward_beats_longest": {
        "fr": "Elle prédit mieux que la règle « la plus longue d’abord »",
        "en": "It predicts better than “longest answer first”",
    },
    "reward_like_longest": {
        "fr": "Rien ne montre qu’elle prédise mieux que la règle « la plus longue d’abord »",
        "en": "Nothing shows that it predicts better than “longest answer first”",
    },
    "reward_below_longest": {
        "fr": "Elle prédit moins bien que la règle « la plus longue d’abord »",
        "en": "It predicts worse than “longest answer first”",
    },
    "reward_accuracy_description": {
        "fr": "Accord moyen avec les personnes (τx) : hasard, règle de longueur, récompense, personnes entre elles.",
        "en": "Mean agreement with people (τx): chance, the rule of length, the reward model, people among themselves.",
    },
    "reward_accuracy_axis": {"fr": "τx avec les personnes", "en": "τx with people"},
    "reward_accuracy_caption": {
        "fr": "Sur les mêmes cas, jamais vus : récompense moins règle de longueur {beyond} ; paires strictes dans l’ordre des personnes {pairs} (règle de "
        "longueur {longest_pairs}, une pièce de monnaie 50 %). {targets}",
        "en": "On the same cases, never seen: reward model minus rule of length {beyond}; strict pairs in people’s order {pairs} (rule of length "
        "{longest_pairs}, a coin 50%). {targets}",
    },
    "reward_line_floor": {
        "fr": "étiquettes tirées au sort (attendu)",
        "en": "labels drawn by lot (expected)",
    },
    "reward_line_null": {
        "fr": "apprise de notes distribuées au hasard",
        "en": "learned from grades dealt by lot",
    },
    "reward_line_longest": {"fr": "la plus longue d’abord", "en": "longest answer first"},
    "reward_line_own": {"fr": "la récompense, cas jamais vus", "en": "the reward model, cases never seen"},
    "reward_line_in_sample": {
        "fr": "la récompense, cas appris (trop beau)",
        "en": "the reward model, cases it learned (too good)",
    },
    "reward_line_human": {"fr": "une personne avec une autre", "en": "one person with another"},
    "reward_line_ceiling": {
        "fr": "une personne avec la médiane des autres",
        "en": "a person with the others’ median",
    },
    "reward_null": {
        "fr": "Avec des notes distribuées au hasard, la même procédure trouve en moyenne {mean}, au plus {highest} en {n} fois ; avec les vraies notes {observed} "
        "({folds} groupes, p = {p}).",
        "en": "With grades dealt by lot the same procedure finds {mean} on average, {highest} at most in {n} times; with the true grades {observed} "
        "({folds} groups, p = {p}).",
    },
    "reward_words_title": {
        "fr": "Dans {better} situations sur {of}, elle est du côté des notes ; la règle de longueur dans {longest}",
        "en": "In {better} of {of} situations it sides with the grades; the rule of length in {longest}",
    },
    "reward_words_caption": {
        "fr": "« Du côté des notes » : plus de paires de réponses dans l’ordre des notes que dans l’ordre contraire, situation jamais vue.",
        "en": "“Sides with the grades”: more pairs of answers in the order of the grades than in the opposite one, situation never seen.",
    },
    "reward_with": {"fr": "du côté des notes", "en": "sides with the grades"},
    "reward_against": {"fr": "contre les notes", "en": "against the grades"},
    "reward_between": {"fr": "ni l’un ni l’autre", "en": "neither"},
    "reward_words_null": {
        "fr": "Apprise de notes distribuées au hasard, elle fait au moins aussi bien {times} fois sur {n}.",
        "en": "Learned from grades dealt by lot, it does at least as well {times} times in {n}.",
    },
    "reward_weights_title": {
        "fr": "Ce qui la fait pencher : surtout {strongest}",
        "en": "What moves it: above all {strongest}",
    },
    "reward_weights_description": {
        "fr": "Poids de chaque trait : à droite, il fait préférer une réponse ; à gauche, il la fait écarter.",
        "en": "Weight of each feature: to the right it makes an answer preferred, to the left rejected.",
    },
    "reward_weights_axis": {
        "fr": "cote (log) d’être préférée, par écart-type du trait dans un cas",
        "en": "log odds of being preferred, per standard deviation of the feature within a case",
    },
    "reward_weights_caption": {
        "fr": "Toutes autres choses égales ; intervalles en écartant les situations l’une après l’autre. Les valeurs de qui a noté se lisent ici, ses "
        "habitudes aussi. Pénalité {ridge}, choisie sans les cas prédits.",
        "en": "All else equal; intervals by leaving out situations in turn. The values of those who graded can be read here, and so can their habits. "
        "Ridge {ridge}, chosen without the cases predicted.",
    },
    "reward_pulls_caption": {
        "fr": "Toutes autres choses égales. « L’intervalle exclut 0 » : le sens resterait probablement le même avec d’autres situations de ce genre, si ces "
        "traits avaient été choisis d’avance ; ils ont été choisis parmi une vingtaine, sur ces situations mêmes.",
        "en": "All else equal. “Interval excludes 0”: the direction would probably stay with other situations like these, had these features been "
        "chosen beforehand; they were chosen among some twenty, on these very situations.",
    },
    "reward_raises": {"fr": "fait préférer", "en": "makes preferred"},
    "reward_lowers": {"fr": "fait écarter", "en": "makes rejected"},
    "reward_steady": {"fr": "oui", "en": "yes"},
    "reward_unsteady": {"fr": "non", "en": "no"},
    "reward_feature_head": {"fr": "Trait", "en": "Feature"},
    "reward_effect_head": {"fr": "Ce qu’il fait", "en": "What it does"},
    "reward_steady_head": {"fr": "L’intervalle exclut 0", "en": "Interval excludes 0"},
    "reward_weight_head": {"fr": "Poids", "en": "Weight"},
    "reward_cases_title": {
        "fr": "Cas par cas : ce qu’elle aurait préféré, et ce que disent les notes",
        "en": "Case by case: what it would have preferred, and what the grades say",
    },
    "reward_cases_caption": {
        "fr": "Prédit : rang, 1 = la meilleure. Notes : part des comparaisons que la réponse y gagne. À droite, ce qui la pousse vers le haut (+) ou vers le bas "
        "(−) dans le modèle entier. Au-delà de douze cas, les mieux et les moins bien prédits.",
        "en": "Predicted: place, 1 = best. Grades: share of its comparisons that the answer wins there. To the right, what pushes it up (+) or down (−) in the "
        "whole model. Beyond twelve cases, the best and the worst predicted.",
    },
    "reward_case_head": {"fr": "Cas", "en": "Case"},
    "reward_answer_head": {"fr": "Réponse", "en": "Answer"},
    "reward_predicted_head": {"fr": "Prédit", "en": "Predicted"},
    "reward_people_head": {"fr": "Notes", "en": "Grades"},
    "reward_why_head": {"fr": "Ce qui pousse", "en": "What pushes"},
    "reward_about": {
        "fr": "Méthode : {method}. Fichier {id}, run {run}, appris le {date}, textes en {language}. Un accord élevé ne dirait pas que ces notes sont justes : "
        "il dirait qu’elles se prédisent.",
        "en": "Method: {method}. File {id}, run {run}, fitted {date}, texts in {language}. High agreement would not say that these grades are right: "
        "it would say that they can be predicted.",
    },
}

REWARD_METHODS: dict[str, Both] = {
    "rank-ordered-logit": {"fr": "logit de rangs avec pénalité", "en": "rank-ordered logit with a ridge"},
    "davidson-luce": {
        "fr": "Davidson-Luce (ex æquo compris) avec pénalité",
        "en": "Davidson-Luce (ties included) with a ridge",
    },
}
