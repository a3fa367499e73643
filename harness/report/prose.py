"""Titles, captions and explanations of the page, in both languages."""

from __future__ import annotations

from harness.report.prose_anchoring import ANCHORING
from harness.report.prose_calibration import CALIBRATION
from harness.report.prose_canaries import CANARIES
from harness.report.prose_classroom import CLASSROOM
from harness.report.prose_findings import FINDINGS
from harness.report.prose_leave_out import LEAVE_OUT
from harness.report.prose_panels import PANELS
from harness.report.prose_people import PEOPLE
from harness.report.prose_reward import REWARD
from harness.report.prose_steer import STEER
from harness.report.prose_whole import WHOLE
from harness.report.words import Both

PAGE: dict[str, Both] = {
    "page_title": {"fr": "Juges et personnes : {title}", "en": "Judges and people: {title}"},
    "eyebrow": {
        "fr": "Comparaison de juges IA avec {reference}",
        "en": "AI judges compared with {reference}",
    },
    "eyebrow_votes": {
        "fr": "Comparaison de juges IA avec des votes anonymes",
        "en": "AI judges compared with anonymous votes",
    },
    "to_know": {"fr": "À savoir avant de lire la suite", "en": "Know this before you read on"},
    "cannot_say": {"fr": "Ce que ces données ne peuvent pas dire", "en": "What these data cannot say"},
    "data_table": {"fr": "Les nombres de cette figure", "en": "The numbers of this figure"},
    "table_title": {"fr": "Le tableau", "en": "The table"},
    "table_intro": {
        "fr": "Une ligne par juge et par règlement ; les personnes et les points de comparaison sont des lignes comme les autres. "
        "Sous un nombre : son intervalle à 95 % et la question à laquelle il répond (T1 : {T1} ; T2 : {T2} ; T3 : {T3}), "
        "puis le nombre de cas. « – » : sans objet. Référence : {reference}.",
        "en": "One row per judge and rulebook; people and baselines are rows like the others. Below a number: its 95% interval "
        "and the question that it answers (T1: {T1}; T2: {T2}; T3: {T3}), then the number of cases. “–”: does not apply. Reference: {reference}.",
    },
    "table_intro_votes": {
        "fr": "Une ligne par juge et par règlement ; les points de comparaison sont des lignes comme les autres. "
        "Sous un nombre : son intervalle à 95 % et la question à laquelle il répond (T1 : {T1} ; T2 : {T2} ; T3 : {T3}), "
        "puis le nombre de cas. « – » : sans objet. Référence : {reference}.",
        "en": "One row per judge and rulebook; baselines are rows like the others. Below a number: its 95% interval "
        "and the question that it answers (T1: {T1}; T2: {T2}; T3: {T3}), then the number of cases. “–”: does not apply. Reference: {reference}.",
    },
    "table_caption": {"fr": "Texte de base, {language}", "en": "Base wording, {language}"},
    "other_rows": {
        "fr": "Paraphrases et autres langues ({n} lignes)",
        "en": "Paraphrases and other languages ({n} rows)",
    },
    "person_rows": {"fr": "Chaque personne ({n} lignes)", "en": "Each person ({n} rows)"},
    "column_help": {"fr": "Que veut dire chaque colonne ?", "en": "What does each column mean?"},
    "n_words": {"fr": "n = {counted}", "en": "n = {counted}"},
    "ceiling": {
        "fr": "Repères sur le même axe : deux personnes entre elles {human} ; une personne et la médiane des autres {crowd} ; "
        "au mieux, pour un classement unique {best}.",
        "en": "Marks on the same axis: two people with each other {human}; a person and the median of the others {crowd}; the "
        "best that one single ranking can expect {best}.",
    },
    "ceiling_votes": {
        "fr": "Repères sur le même axe : deux votes entre eux {human} ; un vote et la médiane des autres {crowd} ; au mieux, pour un "
        "classement unique {best}.",
        "en": "Marks on the same axis: two votes with each other {human}; a vote and the median of the others {crowd}; the best that "
        "one single ranking can expect {best}.",
    },
    "heat_section": {"fr": "Juge par juge, cas par cas", "en": "Judge by judge, case by case"},
    "heat_title": {
        "fr": "Dans ces {n_cases}, l’accord avec {reference} va de {low} ({low_where}) à {high} ({high_where})",
        "en": "In these {n_cases}, agreement with {reference} runs from {low} ({low_where}) to {high} ({high_where})",
    },
    "heat_title_long": {
        "fr": "Les {n_cases} où juges et référence s’écartent le plus, ligne par ligne",
        "en": "The {n_cases} on which judges and reference differ most, row by row",
    },
    "heat_title_none": {"fr": "Aucun accord à montrer : {reason}", "en": "No agreement to show: {reason}"},
    "heat_caption": {
        "fr": "Accord moyen τₓ par cas (−1 ordre inverse, 0 rien en commun, 1 même ordre). Par case : {n_rows} lignes × {n_cases}, sans "
        "intervalle ; les intervalles sont dans le tableau. Un seul cas ne prouve rien.",
        "en": "Mean agreement τₓ per case (−1 reverse order, 0 nothing in common, 1 same order). {n_rows} rows × {n_cases}, no "
        "interval per cell; the intervals are in the table. One case proves nothing.",
    },
    "cut_rows": {
        "fr": "La figure montre les {shown} premières lignes sur {all} ; toutes sont dans la table dessous.",
        "en": "The figure shows the first {shown} of {all} rows; all of them are in the table beneath.",
    },
    "cut_drawn": {
        "fr": "Montrés ici : {shown} sur {all} ; les autres sont dans comparison.json.",
        "en": "Shown here: {shown} of {all}; the others are in comparison.json.",
    },
    "heat_description": {
        "fr": "Grille : une ligne par juge et règlement, une colonne par cas, l’accord écrit dans chaque case.",
        "en": "Grid: one row per judge and rulebook, one column per case, the agreement written in each cell.",
    },
    "legend_scale": {"fr": "Échelle", "en": "Scale"},
    "row_head": {"fr": "Ligne", "en": "Row"},
    "all_cases": {"fr": "Tous les cas", "en": "All cases"},
    "answer_head": {"fr": "Réponse", "en": "Answer"},
    "slope_section": {"fr": "Les ordres, cas par cas", "en": "The orders, case by case"},
    "slope_title": {
        "fr": "« {case} » : juges qui mettent en tête la même réponse que {reference} : {few}\u00a0sur\u00a0{all}",
        "en": "“{case}”: judges that put the same answer on top as {reference}: {few}\u00a0of\u00a0{all}",
    },
    "slope_title_alone": {
        "fr": "« {case} » : les ordres des juges, sans personne",
        "en": "“{case}”: the judges’ orders, no people",
    },
    "slope_caption": {
        "fr": "Rang moyen de chaque réponse sur les verdicts du juge ({rulebook}, {n_verdicts}), la MEILLEURE en haut. À gauche : {reference}{n_people}. "
        "Deux réponses ex æquo partagent un point. Rangs moyens, sans intervalle.",
        "en": "Mean rank of each answer over the judge’s verdicts ({rulebook}, {n_verdicts}), the BEST on top. On the left: {reference}{n_people}. "
        "Tied answers share one dot. Mean ranks, no interval.",
    },
    "slope_description": {
        "fr": "Une colonne par juge, un point par réponse, des lignes relient la même réponse d’une colonne à l’autre.",
        "en": "One column per judge, one dot per answer, lines join the same answer from column to column.",
    },
    "several_medians": {
        "fr": "Plusieurs ordres résument aussi bien la référence ({n}) ; le premier est dessiné.",
        "en": "Several orders sum the reference up equally well ({n}); the first is drawn.",
    },
    "best": {"fr": "MEILLEURE", "en": "BEST"},
    "worst": {"fr": "PIRE", "en": "WORST"},
    "case_text": {"fr": "Le message et les réponses", "en": "The message and the answers"},
    "case_people": {
        "fr": "Personnes : {n_people} ; accord entre elles {human} ; paires partagées {split}.",
        "en": "People: {n_people}; agreement among them {human}; split pairs {split}.",
    },
    "case_people_votes": {
        "fr": "Votes : {n_people} ; accord entre eux {human} ; paires partagées {split}.",
        "en": "Votes: {n_people}; agreement among them {human}; split pairs {split}.",
    },
    "shares_section": {"fr": "Modèle, règlement, réaction, bruit", "en": "Model, rulebook, reaction, noise"},
    "shares_title": {
        "fr": "La plus grande part est : {part} ({share} ; {protocol})",
        "en": "The largest part is: {part} ({share}; {protocol})",
    },
    "shares_title_none": {
        "fr": "Pas de parts à montrer ({protocol}) : {reason}",
        "en": "No shares to show ({protocol}): {reason}",
    },
    "shares_caption": {
        "fr": "Écart quadratique moyen entre verdicts du même cas, en unités de (1 − τₓ)/2 : 0 = toujours le même ordre, 0,5 = rien en "
        "commun. {n_cases}, {n_judges}, {n_rulebooks}, {n_runs} par case. {tests} {targets} {left_out}",
        "en": "Mean squared distance between verdicts on the same case, in units of (1 − τₓ)/2: 0 = always the same order, 0.5 = "
        "nothing in common. {n_cases}, {n_judges}, {n_rulebooks}, {n_runs} per cell. {tests} {targets} {left_out}",
    },
    "shares_description": {
        "fr": "Une barre empilée pour les juges et, sur le même axe, une barre pour deux personnes.",
        "en": "One stacked bar for the judges and, on the same axis, one bar for two people.",
    },
    "shares_tests": {
        "fr": "Si le modèle ne comptait pas : {model}. Si le règlement ne comptait pas : {rulebook}.",
        "en": "If the model did not matter: {model}. If the rulebook did not matter: {rulebook}.",
    },
    "test": {"fr": "{p} ({n} tirages)", "en": "{p} ({n} shuffles)"},
    "no_test": {"fr": "pas de test", "en": "no test"},
    "left_out_one": {
        "fr": "{where} (verdicts incomplets dans {n} cellule(s) sur {all} : {why})",
        "en": "{where} (verdicts incomplete in {n} of {all} cells: {why})",
    },
    "left_out_more": {"fr": "et {n} autres", "en": "and {n} more"},
    "left_out": {"fr": "Mis à part : {names}.", "en": "Left out: {names}."},
    "bar_judges": {"fr": "Juges IA", "en": "AI judges"},
    "bar_people": {"fr": "Deux personnes", "en": "Two people"},
    "pair_people": {"fr": "deux personnes entre elles", "en": "two people with each other"},
    "pair_people_votes": {"fr": "deux votes entre eux", "en": "two votes with each other"},
    "shares_description_votes": {
        "fr": "Une barre empilée pour les juges et, sur le même axe, une barre pour deux votes.",
        "en": "One stacked bar for the judges and, on the same axis, one bar for two votes.",
    },
    "bar_people_votes": {"fr": "Deux votes", "en": "Two votes"},
    "part_head": {"fr": "Part", "en": "Part"},
    "share_head": {"fr": "Part du total", "en": "Share of the sum"},
    "variance_head": {"fr": "Sur l’axe", "en": "On the axis"},
    "moves_section": {"fr": "Ce que chaque règlement a déplacé", "en": "What each rulebook moved"},
    "moves_title": {
        "fr": "Couples « juge × règlement » qui bougent de façon visible, placebo déduit, dans ces cas : {few}\u00a0sur\u00a0{all}",
        "en": "“Judge × rulebook” pairs that visibly move, net of the placebo, in these cases: {few}\u00a0of\u00a0{all}",
    },
    "moves_title_none": {
        "fr": "Ce que chaque règlement déplace, placebo déduit : trop peu pour un intervalle",
        "en": "What each rulebook moves, net of the placebo: too few for an interval",
    },
    "moves_caption": {
        "fr": "Écart de valeurs entre les verdicts avec ce règlement et sans règlement, moins celui du placebo (règles sans rapport avec "
        "les réponses). 0 = pas plus que le placebo. Intervalle et n dans la table.",
        "en": "Value gap between the verdicts under this rulebook and under none, minus the placebo’s (rules that have nothing to do "
        "with the answers). 0 = no more than the placebo. Interval and n in the table.",
    },
    "towards_title": {
        "fr": "Couples « juge × règlement » qui vont nettement vers {reference} ou à l’opposé (test des signes, p ≤ 0,05) : {few}\u00a0sur\u00a0{all}",
        "en": "“Judge × rulebook” pairs that clearly move towards {reference} or away (sign-flip test, p ≤ 0.05): {few}\u00a0of\u00a0{all}",
    },
    "towards_title_none": {
        "fr": "Vers {reference} ou à l’opposé : trop peu pour un test",
        "en": "Towards {reference} or away: too few for a test",
    },
    "towards_caption": {
        "fr": "Accord τₓ avec ce règlement moins accord sans règlement, par cas ; à droite, la moyenne et p exact du test des signes "
        "(avec six cas, p ne peut pas descendre sous 0,031 ; « – » : moins de six cas ; {all} tests : attention aux hasards).",
        "en": "Agreement τₓ under this rulebook minus agreement under none, per case; on the right the mean and the exact p of the "
        "sign-flip test (with six cases p cannot go below 0.031; “–”: fewer than six cases; {all} tests: beware of chance hits).",
    },
    "slots_section": {"fr": "La place compte-t-elle ?", "en": "Does the place matter?"},
    "slots_title": {
        "fr": "Lignes où la place d’une réponse déplace son rang de façon visible (p ≤ 0,05) : {few}\u00a0sur\u00a0{all}",
        "en": "Rows in which the place of an answer visibly moves its rank (p ≤ 0.05): {few}\u00a0of\u00a0{all}",
    },
    "slots_title_none": {
        "fr": "L’effet de la place n’a pas été mesuré",
        "en": "The effect of the place was not measured",
    },
    "slots_caption": {
        "fr": "Rang moyen de la réponse montrée à chaque emplacement, moins le milieu ; au-dessus de la ligne = favorisée. Un juge "
        "qui lit donne des barres plates ; un escalier est un motif d’emplacement. Dessous : accord avec soi-même (soi) et, deux à deux, "
        "inversions (inv.). p : les places battues au hasard. Sans intervalle.",
        "en": "Mean rank of the answer shown in each slot, minus the middle; above the line = favoured. A judge that reads gives flat "
        "bars; stairs are a slot pattern. Below: agreement with itself (self) and, pairwise, flips. p: places shuffled. No interval.",
    },
    "slots_description": {
        "fr": "Un petit diagramme en barres par juge et règlement, une barre par emplacement.",
        "en": "One small bar chart per judge and rulebook, one bar per slot.",
    },
    "self_short": {"fr": "soi {number}", "en": "self {number}"},
    "flips_short": {"fr": "inv. {number}", "en": "flips {number}"},
    "factors_section": {"fr": "Autres mots, autre langue", "en": "Other words, other language"},
    "factors_title": {
        "fr": "Reformuler ou traduire les mêmes règles déplace les verdicts de {low} à {high} (écart de valeurs)",
        "en": "Rewording or translating the same rules moves the verdicts by {low} to {high} (value gap)",
    },
    "factors_caption": {
        "fr": "Écart de valeurs entre les deux versions, même juge et même règlement ; 0 = aucune différence au-delà du bruit. Une "
        "traduction change aussi le texte des réponses.",
        "en": "Value gap between the two versions, same judge and rulebook; 0 = no difference beyond noise. A translation also "
        "changes the text of the answers.",
    },
    "failures_section": {"fr": "Échecs", "en": "Failures"},
    "failures_list": {
        "fr": "Début de ce qui est revenu ({n} échecs)",
        "en": "Beginning of what came back ({n} failures)",
    },
    "flags_line": {
        "fr": "Verdicts lus, mais signalés : {flags}.",
        "en": "Verdicts read, but flagged: {flags}.",
    },
    "empty_text": {"fr": "(rien n’est revenu)", "en": "(nothing came back)"},
    "made_section": {"fr": "Comment ce rapport a été fait", "en": "How this report was made"},
    "made_run": {"fr": "Session de calcul", "en": "Run"},
    "made_date": {"fr": "Commencée le (UTC)", "en": "Started (UTC)"},
    "made_version": {"fr": "Version du harnais", "en": "Harness version"},
    "made_experiment": {"fr": "Expérience", "en": "Experiment"},
    "made_cases": {"fr": "Jeu de cas", "en": "Case set"},
    "made_rulebooks": {"fr": "Règlements", "en": "Rulebooks"},
    "made_intervals": {"fr": "Intervalles de l’accord τₓ", "en": "Intervals of the agreement τₓ"},
    "made_seed": {"fr": "Graine", "en": "Seed"},
    "made_store": {"fr": "Empreinte des textes renvoyés", "en": "Digest of the completions"},
    "made_parser": {"fr": "Version du lecteur", "en": "Parser version"},
    "made_verdicts": {"fr": "Verdicts (dont échecs)", "en": "Verdicts (of which failed)"},
    "made_versions": {"fr": "Versions", "en": "Versions"},
    "made_judges": {"fr": "Les juges", "en": "The judges"},
    "made_files": {
        "fr": "Fichiers lus et leurs empreintes ({n})",
        "en": "Files read and their digests ({n})",
    },
    "judge_head": {"fr": "Juge", "en": "Judge"},
    "model_head": {"fr": "Modèle", "en": "Model"},
    "maker_head": {"fr": "Entreprise", "en": "Company"},
    "asked_head": {"fr": "Interrogé", "en": "Asked"},
    "settings_head": {"fr": "Réglages", "en": "Settings"},
    "weights_head": {"fr": "Poids (SHA-256)", "en": "Weights (SHA-256)"},
    "file_head": {"fr": "Fichier", "en": "File"},
    "digest_head": {"fr": "SHA-256", "en": "SHA-256"},
    "habit_head": {"fr": "Suite de notes la plus fréquente", "en": "Commonest row of grades"},
    "slot_head": {"fr": "Effets par emplacement", "en": "Effects by slot"},
    "factor_head": {"fr": "Ce qui change", "en": "What changes"},
    "n_judges": {"fr": "{n} juges", "en": "{n} judges"},
    "n_judges_one": {"fr": "{n} juge", "en": "{n} judge"},
    "n_rulebooks": {"fr": "{n} règlements", "en": "{n} rulebooks"},
    "n_rulebooks_one": {"fr": "{n} règlement", "en": "{n} rulebook"},
    "reference_head": {"fr": "Référence", "en": "Reference"},
    "net_head": {"fr": "Placebo déduit, tous les cas", "en": "Net of placebo, all cases"},
    "sign_head": {"fr": "Test des signes", "en": "Sign-flip test"},
    "failures_short": {
        "fr": "{failed} verdicts sur {all} manquent ; ils ne sont ni remplacés ni devinés.",
        "en": "{failed} of {all} verdicts are missing; they are neither replaced nor guessed.",
    },
    "switch_fr": {"fr": "Français", "en": "Français"},
    "switch_en": {"fr": "English", "en": "English"},
    "mean_short": {"fr": "moyenne", "en": "mean"},
    "empty_columns": {
        "fr": "Colonnes sans aucun nombre ici : {columns}.",
        "en": "Columns without any number here: {columns}.",
    },
    "target_means": {"fr": "{name} : {meaning} ({method}).", "en": "{name}: {meaning} ({method})."},
    "unknown": {"fr": "inconnu", "en": "unknown"},
}

COLLECTIONS: tuple[dict[str, Both], ...] = (
    ANCHORING,
    CALIBRATION,
    CANARIES,
    CLASSROOM,
    PAGE,
    FINDINGS,
    PANELS,
    PEOPLE,
    WHOLE,
    LEAVE_OUT,
    REWARD,
    STEER,
)
PHRASES: dict[str, Both] = {name: both for one in COLLECTIONS for name, both in one.items()}
