"""What the panels about judges say, in both languages: ladder, rules, weights, biases, map, leaderboards."""

from __future__ import annotations

from harness.report.words import Both

PANELS: dict[str, Both] = {
    "not_measured_here": {"fr": "Non mesuré ici : {list}.", "en": "Not measured here: {list}."},
    "ladder_section": {"fr": "Qu’est-ce qui change un verdict ?", "en": "What changes a verdict?"},
    "ladder_title_one": {
        "fr": "L’accord entre deux verdicts qui ne diffèrent que d’une chose",
        "en": "Agreement between two verdicts that differ in one thing only",
    },
    "ladder_title": {
        "fr": "{act}, ce qui ne devrait rien changer, change déjà {share} des paires de réponses ; le reste se lit au-dessus",
        "en": "{act}, which should change nothing, already changes {share} of the answer pairs; read the rest above that",
    },
    "ladder_title_two": {
        "fr": "{act}, ce qui ne devrait rien changer, change déjà {share} des verdicts ; le reste se lit au-dessus",
        "en": "{act}, which should change nothing, already changes {share} of the verdicts; read the rest above that",
    },
    "ladder_sentence": {
        "fr": "{act} change l’ordre de {share} des paires de réponses, {rest}.",
        "en": "{act} changes the order of {share} of the pairs of answers, {rest}.",
    },
    "ladder_sentence_two": {
        "fr": "{act} change {share} des verdicts, {rest}.",
        "en": "{act} changes {share} of the verdicts, {rest}.",
    },
    "ladder_act": {"fr": "{act} {share}", "en": "{act} {share}"},
    "ladder_basis": {
        "fr": "Dans ces {n_cases} : part qui change quand deux verdicts sur le même cas ne diffèrent que d’une chose.",
        "en": "In these {n_cases}: share that changes when two verdicts on the same case differ in one thing only.",
    },
    "ladder_description": {
        "fr": "Une ligne par chose qui diffère, un point pour l’accord moyen et un trait pour son intervalle.",
        "en": "One line per thing that differs, a dot for the mean agreement and a stroke for its interval.",
    },
    "ladder_axis": {
        "fr": "accord τₓ entre les deux verdicts (1 = même ordre, 0 = rien en commun)",
        "en": "agreement τₓ between the two verdicts (1 = same order, 0 = nothing in common)",
    },
    "ladder_caption": {
        "fr": "Deux verdicts sur le même cas, tout le reste égal ; à droite, la part des paires de réponses lues autrement (« changé ») et le nombre "
        "de couples de verdicts. Un règlement ou un juge ne compte que s’il change plus que la même demande, une seconde fois. {targets}",
        "en": "Two verdicts on the same case, all else equal; on the right the share of answer pairs read differently (“changed”) and the number "
        "of verdict pairs. A rulebook or a judge counts only if it changes more than the same prompt again. {targets}",
    },
    "ladder_short_caption": {
        "fr": "Comme la figure du dessus, un juge après l’autre.",
        "en": "Like the figure above, one judge after the other.",
    },
    "ladder_between": {
        "fr": "d’une façon de demander à l’autre, d’une personne à l’autre",
        "en": "from one way of asking to another, from person to person",
    },
    "ladder_between_ways": {
        "fr": "d’une façon de demander à l’autre",
        "en": "from one way of asking to another",
    },
    "ladder_between_people": {"fr": "d’une personne à l’autre", "en": "from person to person"},
    "ladder_between_people_votes": {"fr": "d’un vote à l’autre", "en": "from vote to vote"},
    "ladder_between_votes": {
        "fr": "d’une façon de demander à l’autre, d’un vote à l’autre",
        "en": "from one way of asking to another, from vote to vote",
    },
    "ladder_judges": {
        "fr": "La même échelle, juge par juge ({n})",
        "en": "The same ladder, judge by judge ({n})",
    },
    "changed_head": {"fr": "changé", "en": "changed"},
    "pairs_head": {"fr": "couples", "en": "verdict pairs"},
    "differs_head": {"fr": "Ce qui diffère", "en": "What differs"},
    "agreement_head": {"fr": "Accord τₓ", "en": "Agreement τₓ"},
    "rule_section": {"fr": "Quelle règle déplace quoi ?", "en": "Which rule moves what?"},
    "rule_none": {"fr": "aucune règle n’a été retirée", "en": "no rule was left out"},
    "rule_title": {
        "fr": "Règles dont le retrait se voit (permutation, p ≤ 0,05, corrigé par règlement) : {few}\u00a0sur\u00a0{all}",
        "en": "Rules whose absence shows (permutation, p ≤ 0.05, corrected per rulebook): {few}\u00a0of\u00a0{all}",
    },
    "rule_title_none": {
        "fr": "Ce que déplace chaque règle : trop peu pour un test",
        "en": "What each rule moves: too few for a test",
    },
    "rule_description": {
        "fr": "Une ligne par règle, sous son juge et son règlement ; un point pour l’écart que fait la règle.",
        "en": "One line per rule, below its judge and rulebook; a dot for the gap that the rule makes.",
    },
    "rule_axis": {
        "fr": "écart de valeurs entre les verdicts avec et sans la règle (0 = rien)",
        "en": "value gap between the verdicts with and without the rule (0 = nothing)",
    },
    "rule_caption": {
        "fr": "Le règlement entier à côté du même règlement sans cette règle ; bruit retiré des deux côtés. À droite : accord avec la référence, avec la règle moins sans "
        "elle (> 0 : la règle rapproche). Retirer une règle change aussi la longueur du texte. {targets}",
        "en": "The whole rulebook beside the same one without that rule; noise taken out on both sides. On the right: agreement with the reference, with the rule "
        "minus without (> 0: the rule brings closer). Leaving a rule out also changes the length of the text. {targets}",
    },
    "rule_number": {"fr": "règle {n}", "en": "rule {n}"},
    "rule_head": {"fr": "Texte de la règle", "en": "Text of the rule"},
    "without_head": {"fr": "Écart avec / sans", "en": "Gap with / without"},
    "rule_towards_head": {"fr": "Vers la référence", "en": "Towards the reference"},
    "towards_head": {"fr": "vers {reference}", "en": "towards {reference}"},
    "holm_head": {"fr": "p corrigé (Holm) ; test seul", "en": "corrected p (Holm); test alone"},
    "weights_section": {
        "fr": "Utile, honnête, inoffensive : lequel l’emporte ?",
        "en": "Helpful, honest, harmless: which one wins?",
    },
    "weights_intro": {
        "fr": "Seules les paires où deux critères se contredisent apprennent quelque chose ; leur nombre passe avant tout pourcentage.",
        "en": "Only pairs in which two criteria contradict each other teach anything; their number comes before any percentage.",
    },
    "weights_title": {
        "fr": "De {low} à {high} conflits par couple de critères ; assez pour une part : {told}\u00a0sur\u00a0{all}",
        "en": "{low} to {high} conflicts per pair of criteria; enough for a share: {told}\u00a0of\u00a0{all}",
    },
    "weights_description": {
        "fr": "Une ligne par couple de critères, un point pour la part des conflits que gagne le premier.",
        "en": "One line per pair of criteria, a dot for the share of conflicts that the first one wins.",
    },
    "weights_axis": {
        "fr": "part des conflits gagnés par le premier critère",
        "en": "share of conflicts won by the first criterion",
    },
    "weights_caption": {
        "fr": "Paires de réponses où les notes des deux critères s’opposent : quelle réponse le classement général suit-il ? Ex æquo : une moitié chacun ; intervalle de "
        "Jeffreys. Moins de dix conflits : des mots au lieu d’un nombre.",
        "en": "Answer pairs in which the grades on two criteria oppose each other: which answer does the overall ranking follow? Ties: one half each; Jeffreys "
        "interval. Below ten conflicts: words instead of a number.",
    },
    "weights_shares_fold": {"fr": "Des parts, en second lieu", "en": "Shares, in second place"},
    "weights_direction": {
        "fr": "Direction seulement : avec {n_cases}, les parts sont incertaines de 25 points ou plus",
        "en": "Direction only: with {n_cases}, the shares are uncertain by 25 points or more",
    },
    "weights_shares": {
        "fr": "Parts des trois critères ({n_cases})",
        "en": "Shares of the three criteria ({n_cases})",
    },
    "weights_shares_caption": {
        "fr": "Logit ordonné avec pénalité, par cas. Répéter les verdicts ne remplace pas les cas. Halo : de combien les critères se recouvrent (1 = pas du tout). "
        "Un règlement qui ne donne pas de nombres n’a pas de poids auquel se comparer.",
        "en": "Ridge rank-ordered logit, by case. Repeats do not replace cases. Halo: how much the criteria overlap (1 = not at all). A rulebook that "
        "states no numbers has no weights to be compared with.",
    },
    "weights_agreement_fold": {"fr": "Accord avec chaque critère", "en": "Agreement with each criterion"},
    "weights_agreement": {
        "fr": "Accord τₓ entre le classement et chaque critère : ce n’est pas un poids",
        "en": "Agreement τₓ between the ranking and each criterion: not a weight",
    },
    "weights_agreement_caption": {
        "fr": "Des critères qui se ressemblent s’accordent tous avec le classement.",
        "en": "Criteria that resemble each other all agree with the ranking.",
    },
    "people_together": {"fr": "Les personnes ensemble", "en": "The people together"},
    "versus": {"fr": "{first} contre {second}", "en": "{first} against {second}"},
    "versus_head": {"fr": "Critères", "en": "Criteria"},
    "conflicts_head": {"fr": "conflits", "en": "conflicts"},
    "conflict_cases_head": {"fr": "cas", "en": "cases"},
    "readings_head": {"fr": "lectures", "en": "readings"},
    "first_wins_head": {"fr": "Gagnés par le premier", "en": "Won by the first"},
    "direction_head": {"fr": "Direction", "en": "Direction"},
    "stated_head": {"fr": "Poids annoncés (écart)", "en": "Stated weights (difference)"},
    "halo_head": {"fr": "Halo", "en": "Halo"},
    "bias_section": {"fr": "Ce qui pèse à côté du contenu", "en": "What weighs beside the content"},
    "bias_caption": {
        "fr": "Une ligne par juge et règlement, une colonne par habitude ; intervalle et n dessous.",
        "en": "One row per judge and rulebook, one column per habit; interval and n below.",
    },
    "bias_all_read": {"fr": "rien ne manque", "en": "nothing is missing"},
    "bias_bounds": {"fr": "τₓ de {low} à {high}", "en": "τₓ from {low} to {high}"},
    "bias_length_slope": {
        "fr": "Lignes qui préfèrent les réponses longues plus que les personnes (intervalle au-dessus de zéro) : {few}\u00a0sur\u00a0{all}.",
        "en": "Rows that prefer long answers more than people do (interval above zero): {few}\u00a0of\u00a0{all}.",
    },
    "bias_length_slope_key": {
        "fr": "Lignes qui préfèrent les réponses longues plus que ne le fait le corrigé (intervalle au-dessus de zéro) : {few}\u00a0sur\u00a0{all}.",
        "en": "Rows that prefer long answers more than the key does (interval above zero): {few}\u00a0of\u00a0{all}.",
    },
    "bias_self_preference": {
        "fr": "Lignes qui remontent leurs propres réponses (intervalle au-dessus de zéro) : {few}\u00a0sur\u00a0{all}.",
        "en": "Rows that lift their own answers (interval above zero): {few}\u00a0of\u00a0{all}.",
    },
    "bias_canary_lift": {
        "fr": "Lignes qui obéissent à un ordre glissé dans une réponse (intervalle au-dessus de zéro) : {few}\u00a0sur\u00a0{all}.",
        "en": "Rows that obey an order slipped into an answer (interval above zero): {few}\u00a0of\u00a0{all}.",
    },
    "map_section": {"fr": "La carte", "en": "The map"},
    "map_title": {
        "fr": "Les deux axes portent {inertia} des différences ; le pur hasard en porterait {null}",
        "en": "The two axes hold {inertia} of the differences; pure chance would hold {null}",
    },
    "map_title_plain": {
        "fr": "Qui classe ces {n_cases} de façon proche se trouve côte à côte",
        "en": "Those who order these {n_cases} alike stand side by side",
    },
    "map_caption": {
        "fr": "Une image, pas une preuve. Distance : racine de la distance de Kemeny. Une flèche va du juge sans règles au même juge avec un règlement. Ellipse : une "
        "erreur type d’un cas à l’autre (cartes sans un cas, superposées).",
        "en": "A picture, not evidence. Distance: root of the Kemeny distance. An arrow leads from the judge without rules to the same judge under a rulebook. "
        "Ellipse: one standard error over cases (maps without one case, aligned).",
    },
    "map_stability": {
        "fr": "Stabilité sans un cas (R² de Procruste) : {stability} ; hasard : {null}.",
        "en": "Stability without one case (Procrustes R²): {stability}; chance: {null}.",
    },
    "map_description": {
        "fr": "Nuage de points : une marque par personne et par juge sous un règlement.",
        "en": "Scatter of points: one mark per person and per judge under a rulebook.",
    },
    "map_consensus": {"fr": "Consensus des personnes", "en": "Consensus of the people"},
    "map_person": {"fr": "{people}, une à une", "en": "{people}, one by one"},
    "map_x": {"fr": "Axe 1", "en": "Axis 1"},
    "map_y": {"fr": "Axe 2", "en": "Axis 2"},
    "boards_section": {"fr": "Qui a écrit les meilleures réponses ?", "en": "Who wrote the best answers?"},
    "boards_title": {
        "fr": "{n} systèmes : l’ordre des juges et celui des personnes se ressemblent de {low} à {high} (corrélation de rang)",
        "en": "{n} systems: the judges’ order resembles the people’s by {low} to {high} (rank correlation)",
    },
    "boards_title_same": {
        "fr": "{n} systèmes : l’ordre des juges et celui des personnes se ressemblent à {low} (corrélation de rang)",
        "en": "{n} systems: the judges’ order resembles the people’s by {low} (rank correlation)",
    },
    "boards_title_alone": {
        "fr": "{n} systèmes ; le plus haut est {first}, personne pour comparer",
        "en": "{n} systems; the highest is {first}, no people to compare with",
    },
    "boards_description": {
        "fr": "Une ligne par système, une marque par juge et une pour les personnes.",
        "en": "One line per system, one mark per judge and one for the people.",
    },
    "boards_axis": {
        "fr": "part des comparaisons gagnées, ex æquo pour moitié",
        "en": "share of comparisons won, ties count a half",
    },
    "boards_caption": {
        "fr": "Systèmes dans l’ordre des personnes (du premier tableau sinon). Des intervalles qui se recouvrent ne se classent pas. {connected}",
        "en": "Systems in the people’s order (else the first board’s). Intervals that overlap are not ranked. {connected}",
    },
    "boards_apart": {
        "fr": "Comparaisons sans lien entre tous les systèmes, valeurs tenues finies par un adversaire fictif : {names}.",
        "en": "Comparisons that do not connect all systems, worths kept finite by a ghost opponent: {names}.",
    },
    "board_head": {"fr": "Selon", "en": "According to"},
    "system_head": {"fr": "Système", "en": "System"},
    "answers_count_head": {"fr": "Réponses", "en": "Answers"},
    "win_head": {"fr": "Gagnées", "en": "Won"},
    "worth_log_head": {"fr": "Valeur (log) ± erreur", "en": "Worth (log) ± error"},
    "mean_rank_head": {"fr": "Rang moyen (k = meilleur)", "en": "Mean rank (k = best)"},
    "spearman_head": {"fr": "Corrélation avec les personnes", "en": "Correlation with people"},
}
