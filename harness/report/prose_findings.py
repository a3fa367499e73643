"""Sentences that findings are made of, in both languages. Rules that choose among them are in `findings`."""

from __future__ import annotations

from harness.report.words import Both

FINDINGS: dict[str, Both] = {
    "headline": {
        "fr": "De la différence entre deux jugements d’IA du même cas, {model} tient au modèle, {rulebook} au {rule}, "
        "{reaction} à la façon dont chaque modèle réagit au règlement, et {noise} au bruit : le même modèle, "
        "avec le même règlement, interrogé à nouveau.",
        "en": "Of the difference between two AI judgements of the same case, {model} is which model, {rulebook} which {rule}, "
        "{reaction} models reacting differently to the rule, and {noise} is noise: the same model and rule, "
        "asked again.",
    },
    "headline_order": {
        "fr": "De la différence entre deux jugements d’IA du même cas, {model} tient au modèle, {rulebook} au {rule}, "
        "{reaction} à la façon dont chaque modèle réagit au règlement, et {noise} au bruit, surtout à l’ordre "
        "dans lequel les réponses sont montrées ({order}) : le même modèle, avec le même règlement, interrogé dans un autre ordre.",
        "en": "Of the difference between two AI judgements of the same case, {model} is which model, {rulebook} which {rule}, "
        "{reaction} models reacting differently to the rule, and {noise} is noise, most of it the order in "
        "which the answers are shown ({order}): the same model and rule, asked in another order.",
    },
    "headline_one_judge": {
        "fr": "Un seul juge : on ne peut rien dire de la part du modèle. Entre deux verdicts de ce juge sur le même cas, "
        "{rulebook} de la différence tient au règlement et {noise} au bruit : le même règlement, interrogé à nouveau.",
        "en": "One judge only: nothing can be said about the part of the model. Between two verdicts of this judge on the "
        "same case, {rulebook} of the difference is which rule, and {noise} is noise: the same rule, asked again.",
    },
    "headline_none": {
        "fr": "Ces données ne permettent pas de dire ce qui déplace un jugement d’IA : {reason}.",
        "en": "These data cannot tell what moves an AI judgement: {reason}.",
    },
    "human": {
        "fr": "Sur la même échelle, deux personnes diffèrent de {human} (0 = toujours le même ordre, 0,5 = rien en commun).",
        "en": "On the same scale, two people differ by {human} (0 = always the same order, 0.5 = nothing in common).",
    },
    "human_votes": {
        "fr": "Sur la même échelle, deux votes diffèrent de {human} (0 = toujours le même ordre, 0,5 = rien en commun).",
        "en": "On the same scale, two votes differ by {human} (0 = always the same order, 0.5 = nothing in common).",
    },
    "basis": {
        "fr": "Dans ces {n_cases} : {n_judges} × {n_rulebooks} × {n_runs} par cas ; {protocol}, texte de base, {language}. "
        "Parts de la distance de Kemeny, bruit retiré des trois premières. {intervals}",
        "en": "In these {n_cases}: {n_judges} × {n_rulebooks} × {n_runs} per case; {protocol}, base wording, {language}. "
        "Shares of the Kemeny distance, noise taken out of the first three. {intervals}",
    },
    "interval_target": {
        "fr": "Intervalles à {level} pour « {target} » : {each}.",
        "en": "{level} intervals for “{target}”: {each}.",
    },
    "no_interval": {
        "fr": "Sans intervalle : trop peu de données.",
        "en": "No interval: too few data.",
    },
    "negative_share": {
        "fr": "Une part un peu négative veut dire : rien de mesurable.",
        "en": "A slightly negative share means: nothing measurable.",
    },
    "simulated": {
        "fr": "Attention : une partie de ces verdicts est simulée. Ce n’est pas une mesure.",
        "en": "Beware: some of these verdicts are simulated. This is not a measurement.",
    },
    "small_judges": {
        "fr": "Tous les juges sont de petits modèles, exécutés sur un ordinateur ordinaire ({names}). Rien ici ne vaut pour les "
        "grands modèles.",
        "en": "All judges are small models that run on an ordinary computer ({names}). Nothing here holds for large models.",
    },
    "scripted_judges": {
        "fr": "Juges scriptés ({names}) : aucun modèle de langue n’a été interrogé pour eux.",
        "en": "Scripted judges ({names}): no language model was asked for them.",
    },
    "reference_key": {
        "fr": "La référence est le corrigé d’une seule personne, pas la vérité ; aucune classe n’a encore noté ces cas.",
        "en": "The reference is one person’s key, not the truth; no class has graded these cases yet.",
    },
    "reference_their_key": {
        "fr": "La référence est le corrigé de ceux qui ont publié ces cas : leur réponse, pas un vote de plusieurs personnes.",
        "en": "The reference is the key of those who published these cases: their answer, not a vote of several people.",
    },
    "reference_none": {
        "fr": "Personne n’a noté ces cas : seule la moitié du rapport qui compare les juges entre eux est remplie.",
        "en": "No people graded these cases: only the half of the report that compares judges with each other is filled in.",
    },
    "reference_people": {
        "fr": "La référence : {count}. Accord moyen entre deux personnes : {human}.",
        "en": "The reference: {count}. Mean agreement between two people: {human}.",
    },
    "reference_people_votes": {
        "fr": "La référence : {count} ; qui a voté n’est pas connu. Accord moyen entre deux votes : {human}.",
        "en": "The reference: {count}; who voted is unknown. Mean agreement between two votes: {human}.",
    },
    "told_otherwise": {
        "fr": "Personnes et juges n’avaient pas la même consigne (personnes : {people} ; juges : {judges}) : un écart entre eux peut "
        "venir de là.",
        "en": "People and judges did not have the same instruction (people: {people}; judges: {judges}): a gap between them may "
        "come from there.",
    },
    "told_unknown": {
        "fr": "Ce qu’on a dit aux personnes n’est pas dans les fichiers : un écart entre elles et les juges peut aussi venir de là.",
        "en": "What people were told is not in the files: a gap between them and the judges may come from there too.",
    },
    "from_to": {"fr": "{low} à {high}", "en": "{low} to {high}"},
    "fact": {"fr": "{name} : {text}", "en": "{name}: {text}"},
    "company_rule": {"fr": "règlement de l’entreprise", "en": "company rule"},
    "any_rule": {"fr": "règlement", "en": "rulebook"},
    "about_published": {
        "fr": "le corrigé publié : pour chaque cas, l’ordre que ses auteurs donnent pour juste",
        "en": "the published key: for each case, the order that its publishers call right",
    },
    "count_votes": {
        "fr": "{n} votes anonymes ({each} par cas)",
        "en": "{n} anonymous votes ({each} per case)",
    },
    "count_people": {"fr": "{n_people} ({each} par cas)", "en": "{n_people} ({each} per case)"},
    "votes_aside": {
        "fr": "Votes des fichiers qui ne sont pas comparés : {n} ({list}).",
        "en": "Votes in the files that are not compared: {n} ({list}).",
    },
    "people_hardly_agree": {
        "fr": "Les personnes ne s’accordent guère entre elles : {human}, et le hasard seul donnerait {floor}. S’accorder avec "
        "elles veut donc dire peu, et les dépasser aussi.",
        "en": "The people hardly agree with each other: {human}, and chance alone would give {floor}. So agreement with them "
        "means little, and so does being above them.",
    },
    "people_hardly_agree_votes": {
        "fr": "Les votes ne s’accordent guère entre eux : {human}, et le hasard seul donnerait {floor}. S’accorder avec "
        "eux veut donc dire peu, et les dépasser aussi.",
        "en": "The votes hardly agree with each other: {human}, and chance alone would give {floor}. So agreement with them "
        "means little, and so does being above them.",
    },
    "people_near_chance": {
        "fr": "L’accord des personnes entre elles ({human}) ne se distingue pas du hasard ({floor}) : avec si peu de cas, "
        "s’accorder avec elles veut dire peu.",
        "en": "The people’s agreement with each other ({human}) cannot be told from chance ({floor}): with so few cases, "
        "agreement with them means little.",
    },
    "people_near_chance_votes": {
        "fr": "L’accord des votes entre eux ({human}) ne se distingue pas du hasard ({floor}) : avec si peu de cas, "
        "s’accorder avec eux veut dire peu.",
        "en": "The votes’ agreement with each other ({human}) cannot be told from chance ({floor}): with so few cases, "
        "agreement with them means little.",
    },
    "about_set": {"fr": "Le jeu", "en": "The set"},
    "about_size": {"fr": "{n_cases}, {each} réponses par cas.", "en": "{n_cases}, {each} answers per case."},
    "about_source": {"fr": "Source : {source}.", "en": "Source: {source}."},
    "about_judges": {"fr": "Qui juge", "en": "Who judges"},
    "about_judged": {
        "fr": "{n_judges} ({names}), {n_rulebooks} ({rulebooks})",
        "en": "{n_judges} ({names}), {n_rulebooks} ({rulebooks})",
    },
    "about_reference": {"fr": "Avec qui on compare", "en": "Compared with"},
    "about_reference_key": {"fr": "Avec quoi on compare", "en": "Compared with"},
    "about_told": {
        "fr": "{count} ; leur règlement : {rulebooks}",
        "en": "{count}; their rulebook: {rulebooks}",
    },
    "near_chance": {
        "fr": "Proche du hasard : pour {few} des {all} lignes « juge × règlement », l’intervalle de l’accord avec {reference} "
        "contient le plancher du hasard.",
        "en": "Near chance: for {few} of the {all} “judge × rulebook” rows, the interval of the agreement with {reference} "
        "holds the chance floor.",
    },
    "above_chance": {
        "fr": "Pour aucune ligne « juge × règlement » (sur {all}), l’intervalle de l’accord avec {reference} ne contient le "
        "plancher du hasard, dans ces {n_cases}.",
        "en": "For no “judge × rulebook” row (of {all}) does the interval of the agreement with {reference} hold the "
        "chance floor, in these {n_cases}.",
    },
    "longest_as_well": {
        "fr": "« La plus longue d’abord » fait aussi bien : sans rien lire, ce point de comparaison atteint {longest}, et la ligne "
        "de juge la plus haute {best} ({who}).",
        "en": "“Longest answer first” does as well: without reading anything this baseline reaches {longest}, and the highest "
        "judge row {best} ({who}).",
    },
    "longest_close": {
        "fr": "« La plus longue d’abord » n’est pas loin : {longest}, et la ligne de juge la plus haute {best} ({who}) ; un écart "
        "de moins de {close} ne se distingue pas avec si peu de cas.",
        "en": "“Longest answer first” is not far: {longest}, and the highest judge row {best} ({who}); a distance below {close} "
        "cannot be told apart with so few cases.",
    },
    "rules_nothing": {
        "fr": "Aucun effet du règlement ne se laisse montrer ({protocol}) : règlements battus comme des cartes, le hasard fait "
        "aussi bien assez souvent ({p}, {n_shuffles} tirages, {n_cases}). Ce n’est pas la preuve qu’il n’y en a aucun.",
        "en": "No effect of the rules can be shown ({protocol}): with the rulebooks shuffled like cards, chance does as well often "
        "enough ({p}, {n_shuffles} shuffles, {n_cases}). That is no proof that there is none.",
    },
    "rules_something": {
        "fr": "Le règlement déplace les verdicts dans ces {n_cases} ({protocol}) : en battant les règlements comme des "
        "cartes, le hasard fait rarement aussi bien ({p}, {n_shuffles} tirages) ; {share}. Un autre texte peut suffire à "
        "déplacer : voir l’écart au placebo.",
        "en": "The rules move the verdicts in these {n_cases} ({protocol}): if the rulebooks are shuffled like cards, chance "
        "rarely does as well ({p}, {n_shuffles} shuffles); {share}. Another text may be enough to move them: see the "
        "distance to the placebo.",
    },
    "rules_something_bare": {
        "fr": "Le règlement déplace les verdicts dans ces {n_cases} ({protocol}) : en battant les règlements comme des "
        "cartes, le hasard fait rarement aussi bien ({p}, {n_shuffles} tirages) ; {share}. Un autre texte, sans rapport, aurait peut-être "
        "suffi : aucun placebo n’a été essayé.",
        "en": "The rules move the verdicts in these {n_cases} ({protocol}): if the rulebooks are shuffled like cards, chance "
        "rarely does as well ({p}, {n_shuffles} shuffles); {share}. Another, unrelated text may have been enough: no placebo was "
        "tried.",
    },
    "rules_part": {
        "fr": "leur part est de {share} de la différence",
        "en": "their part is {share} of the difference",
    },
    "rules_part_unknown": {
        "fr": "quelle part de la différence cela fait n’est pas mesurable ({reason})",
        "en": "how large a part of the difference that is cannot be measured ({reason})",
    },
    "slot_pattern": {
        "fr": "Effet de la place : dans {few} des {all} lignes mesurées, un emplacement déplace le rang d’au moins la moitié du "
        "possible ({names}).",
        "en": "Slot effect: in {few} of the {all} rows measured, one slot moves the rank by at least half of what is possible "
        "({names}).",
    },
    "habits": {
        "fr": "Habitudes d’emplacement : {list}. La même suite de notes quelles que soient les réponses n’est pas une lecture.",
        "en": "Slot habits: {list}. The same row of grades whatever the answers is no reading of them.",
    },
    "habit_of": {
        "fr": "{name} écrit {grades} dans l’ordre des emplacements dans {n} réponses sur {all}",
        "en": "{name} writes {grades} in slot order in {n} of {all} replies",
    },
    "habit_cell": {"fr": "{grades} : {n} sur {all}", "en": "{grades}: {n} of {all}"},
    "order_flips": {
        "fr": "Deux à deux, la gagnante change quand on échange les places : de {low} à {high} des paires selon la ligne ({n}).",
        "en": "Pairwise, the winner changes when the two answers swap places: {low} to {high} of the pairs, depending on the "
        "row ({n}).",
    },
    "failures": {
        "fr": "{failed} verdicts sur {all} manquent ({kinds}). Ils ne sont ni remplacés ni devinés.",
        "en": "{failed} of {all} verdicts are missing ({kinds}). They are neither replaced nor guessed.",
    },
    "no_failures": {
        "fr": "Les {all} verdicts ont tous pu être lus.",
        "en": "All {all} verdicts could be read.",
    },
    "verdicts_absent": {
        "fr": "Absents, pas même comme échecs (encore sans réponse, ou enregistrement abîmé) : {n} des {all} verdicts prévus.",
        "en": "Not here at all, not even as failures (never answered so far, or the recording is damaged): {n} of the {all} planned verdicts.",
    },
    "failures_many": {
        "fr": "Plus d’un verdict sur vingt manque : ceux qui manquent ne le font sans doute pas au hasard.",
        "en": "More than one verdict in twenty is missing: those that are missing probably do not miss at random.",
    },
}
