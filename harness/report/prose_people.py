"""What the panels about people say, in both languages: reliability, replacement, mixed grading, costs."""

from __future__ import annotations

from harness.report.words import Both

PEOPLE: dict[str, Both] = {
    "people_section": {"fr": "Les personnes qui ont noté", "en": "The people who graded"},
    "people_section_votes": {"fr": "Les votes des personnes", "en": "The people’s votes"},
    "people_intro": {
        "fr": "Un désaccord n’est pas une faute : il dit souvent que le cas divise. Personne n’est retiré ; deux signaux au moins veulent dire « à regarder ensemble ».",
        "en": "Disagreement is no mistake: often it says that the case divides. Nobody is removed; two signals or more mean “look at it together”.",
    },
    "people_none": {
        "fr": "Rien n’est dit personne par personne : {why}.",
        "en": "Nothing is said person by person: {why}.",
    },
    "people_title": {
        "fr": "{n_people} : l’accord avec les autres va de {low} à {high} ; à regarder : {flagged}",
        "en": "{n_people}: agreement with the others runs from {low} to {high}; to look at: {flagged}",
    },
    "people_title_unflagged": {
        "fr": "{n_people} : l’accord avec les autres va de {low} à {high} ; rien ne saute aux yeux",
        "en": "{n_people}: agreement with the others runs from {low} to {high}; nothing stands out",
    },
    "people_title_none": {
        "fr": "{n_people} : trop peu de cas communs pour un accord avec les autres",
        "en": "{n_people}: too few shared cases for an agreement with the others",
    },
    "people_description": {
        "fr": "Une ligne par personne, un point pour son accord avec les autres.",
        "en": "One line per person, a dot for the agreement with the others.",
    },
    "people_axis": {
        "fr": "accord τₓ avec les autres personnes, mêmes cas",
        "en": "agreement τₓ with the other people, same cases",
    },
    "people_caption": {
        "fr": "À droite : le même accord, centré par cas et ramené vers zéro quand les cas sont peu nombreux (0 = comme les autres). Avec six cas, une bonne personne sur trois ne se distingue pas "
        "du hasard : un point bas n’est pas une preuve. {targets}",
        "en": "On the right: the same agreement, centred per case and drawn towards zero when cases are few (0 = like the others). With six cases one good person in three "
        "cannot be told from chance: a low dot is no proof. {targets}",
    },
    "shrunk_head": {"fr": "écart aux autres", "en": "beside the others"},
    "signals_head": {"fr": "signaux", "en": "signals"},
    "look_at": {"fr": "à regarder : {signals}", "en": "look at: {signals}"},
    "person_head": {"fr": "Personne", "en": "Person"},
    "person_cases_head": {"fr": "Cas", "en": "Cases"},
    "loo_head": {"fr": "Accord avec les autres", "en": "Agreement with the others"},
    "reliability_head": {"fr": "Écart aux autres", "en": "Beside the others"},
    "ties_head": {"fr": "Ex æquo", "en": "Ties"},
    "all_tied_head": {"fr": "Cas tout ex æquo", "en": "Cases all tied"},
    "retest_head": {"fr": "Avec soi-même", "en": "With itself"},
    "time_head": {"fr": "s par cas (médiane)", "en": "s per case (median)"},
    "case_head": {"fr": "Cas", "en": "Case"},
    "person_count_head": {"fr": "Personnes", "en": "People"},
    "person_count_head_votes": {"fr": "Votes", "en": "Votes"},
    "all_cases_count": {"fr": "Cas", "en": "Cases"},
    "split_head": {"fr": "Paires partagées", "en": "Split pairs"},
    "human_head": {"fr": "Accord entre elles", "en": "Agreement among them"},
    "human_head_votes": {"fr": "Accord entre eux", "en": "Agreement among them"},
    "w_head": {"fr": "W de Kendall", "en": "Kendall’s W"},
    "alpha_head": {"fr": "α de Krippendorff", "en": "Krippendorff’s α"},
    "split_title": {
        "fr": "Cas qui partagent les personnes : {few} sur {all}",
        "en": "Cases that split the people: {few} of {all}",
    },
    "split_title_votes": {
        "fr": "Cas qui partagent les votes : {few} sur {all}",
        "en": "Cases that split the votes: {few} of {all}",
    },
    "split_caption_votes": {
        "fr": "Paire partagée : au moins un tiers des votes de chaque côté. Le désaccord est une information sur le cas.",
        "en": "Split pair: at least a third of the votes on each side. Disagreement is information about the case.",
    },
    "split_caption": {
        "fr": "Paire partagée : au moins un tiers des personnes de chaque côté. Le désaccord est une information sur le cas.",
        "en": "Split pair: at least a third of the people on each side. Disagreement is information about the case.",
    },
    "next_title": {
        "fr": "Le prochain cas à faire noter : « {case} »",
        "en": "The next case to have graded: “{case}”",
    },
    "next_caption": {
        "fr": "D’abord les cas qui ont le moins de classements, puis ceux où l’on se contredit le plus.",
        "en": "First the cases with the fewest rankings, then those with most disagreement.",
    },
    "drawn_title": {
        "fr": "L’accord une fois le tirage des cas compensé",
        "en": "Agreement with the drawing of cases undone",
    },
    "drawn_caption": {
        "fr": "{n_drawn} classements dont le cas a été tiré au sort avec une probabilité connue ({n_others} autres n’entrent pas ici). Pondérés par l’inverse de cette probabilité, ils valent {worth} classements tirés également. Un écart entre les deux colonnes vient du choix des cas.",
        "en": "{n_drawn} rankings whose case was drawn with a known probability ({n_others} others do not count here). Weighted by the inverse of that probability they are worth {worth} evenly drawn ones. A difference between the columns comes from the choice of cases.",
    },
    "drawn_people": {"fr": "Deux personnes", "en": "Two people"},
    "drawn_who_head": {"fr": "Avec qui", "en": "With whom"},
    "drawn_plain_head": {"fr": "Tels quels", "en": "As they are"},
    "drawn_weighted_head": {"fr": "Pondérés", "en": "Weighted"},
    "disagreement_head": {"fr": "Désaccord (0 à 1)", "en": "Disagreement (0 to 1)"},
    "plan_title": {
        "fr": "Pour ±\u00a00,10 sur d’autres cas, il faudrait {n_cases} × {n_people} × {n_runs}",
        "en": "±\u00a00.10 on other cases would take {n_cases} × {n_people} × {n_runs}",
    },
    "plan_title_none": {
        "fr": "Aucun de ces plans n’atteint ±\u00a00,10 sur d’autres cas",
        "en": "None of these plans reaches ±\u00a00.10 on other cases",
    },
    "plan_caption": {
        "fr": "Demi-largeur de l’intervalle à 95 % de l’accord juge–personnes, sur d’autres cas semblables. {source}",
        "en": "Half-width of the 95% interval of judge–people agreement, on other cases like these. {source}",
    },
    "plan_this_run": {"fr": "Variances de ces données.", "en": "Variances of these data."},
    "plan_published_world": {
        "fr": "Variances d’un monde simulé plausible, pas de ces données : à refaire après un essai.",
        "en": "Variances of one plausible simulated world, not of these data: redo after a pilot.",
    },
    "plan_cases_head": {"fr": "Cas", "en": "Cases"},
    "replace_section": {"fr": "Un juge à la place d’une personne ?", "en": "A judge in place of a person?"},
    "replace_title": {
        "fr": "Juges qui pourraient remplacer une personne selon le test : {few}\u00a0sur\u00a0{all}",
        "en": "Judges that could stand in for a person by the test: {few}\u00a0of\u00a0{all}",
    },
    "replace_title_open": {
        "fr": "Un juge est aussi proche des autres personnes qu’une personne dans {low} à {high} des cas ; trop peu de cas pour trancher",
        "en": "A judge is as near to the other people as a person is in {low} to {high} of the cases; too few cases to decide",
    },
    "replace_description": {
        "fr": "Une ligne par juge et règlement, un point pour la part ρ et un trait pour son intervalle.",
        "en": "One line per judge and rulebook, a dot for the share ρ and a stroke for its interval.",
    },
    "replace_axis": {
        "fr": "ρ : part des cas où le juge est au moins aussi proche des autres qu’une personne",
        "en": "ρ: share of cases in which the judge is at least as near to the others as a person",
    },
    "replace_caption": {
        "fr": "Test de l’annotateur de remplacement (ε = {epsilon}, {n_people}, {n_cases}). ω : part des personnes pour qui le juge passe ; il faut la moitié. Des ex æquo comptent pour les deux, "
        "donc une personne de plus dépasse déjà 50 %. {targets}",
        "en": "Alternative annotator test (ε = {epsilon}, {n_people}, {n_cases}). ω: share of people for whom the judge passes; half is needed. Ties count for both, so one "
        "more person is already above 50%. {targets}",
    },
    "verdict_head": {"fr": "test", "en": "test"},
    "passes_yes": {"fr": "passe", "en": "passes"},
    "passes_no": {"fr": "ne passe pas", "en": "does not pass"},
    "passes_too_few": {
        "fr": "moins de {n} cas : on ne tranche pas",
        "en": "fewer than {n} cases: not decided",
    },
    "semi_section": {
        "fr": "Quelques personnes et beaucoup de juges",
        "en": "A few people and many judge verdicts",
    },
    "semi_title": {
        "fr": "Ajouter les cas notés par le juge seul vaut {low} à {high} fois les cas notés par des personnes",
        "en": "Adding the cases that only the judge graded is worth {low} to {high} times the people’s cases",
    },
    "semi_title_none": {
        "fr": "Ce que donnent les personnes seules, et avec les cas du juge",
        "en": "What people alone give, and with the judge’s cases",
    },
    "semi_description": {
        "fr": "Deux points par ligne : les personnes seules, puis avec les cas du juge.",
        "en": "Two dots per line: people alone, then with the judge’s cases.",
    },
    "semi_caption": {
        "fr": "Inférence assistée par prédiction (PPI++) : le juge sert à réduire l’incertitude, l’erreur du juge est mesurée sur les cas communs et retirée. {sample}",
        "en": "Prediction-powered inference (PPI++): the judge narrows the uncertainty, its error is measured on the shared cases and taken out. {sample}",
    },
    "sample_random": {
        "fr": "Les cas des personnes ont été tirés au hasard, ce que la méthode demande.",
        "en": "The people’s cases were drawn at random, as the method requires.",
    },
    "sample_unknown": {
        "fr": "La méthode demande que les cas des personnes soient tirés au hasard ; ce n’est pas établi ici : une illustration, pas une mesure.",
        "en": "The method requires the people’s cases to be drawn at random; that is not established here: an illustration, not a measurement.",
    },
    "sample_yes": {"fr": "oui", "en": "yes"},
    "sample_no": {"fr": "non", "en": "no"},
    "sample_head": {"fr": "Tirés au hasard", "en": "Drawn at random"},
    "semi_people": {"fr": "Personnes seules", "en": "People alone"},
    "semi_both": {"fr": "Personnes et juge", "en": "People and judge"},
    "both_head": {"fr": "communs + juge seul", "en": "shared + judge only"},
    "worth_head": {"fr": "vaut (cas)", "en": "worth (cases)"},
    "saved_head": {"fr": "notes de personnes épargnées", "en": "people’s verdicts saved"},
    "quantity_head": {"fr": "Quantité", "en": "Quantity"},
    "costs_section": {"fr": "Ce que coûtent mille cas", "en": "What a thousand cases cost"},
    "costs_title": {"fr": "Mille cas notés : {list}", "en": "A thousand graded cases: {list}"},
    "costs_title_none": {
        "fr": "Mille cas notés : le temps seulement",
        "en": "A thousand graded cases: time only",
    },
    "costs_caption": {
        "fr": "Personnes : temps mesuré × salaire indiqué, avec sa source. Juge local : du temps de machine, pas d’argent. Un coût ne dit rien de la qualité.",
        "en": "People: measured time × stated wage, with its source. A local judge: machine time, no money. A cost says nothing about quality.",
    },
    "costs_more": {
        "fr": "Les mêmes juges sous d’autres règlements ({n} lignes)",
        "en": "The same judges under other rulebooks ({n} rows)",
    },
    "per_case_head": {"fr": "Verdicts par cas", "en": "Verdicts per case"},
    "who_head": {"fr": "Qui", "en": "Who"},
    "cost_head": {"fr": "$ pour 1000 cas", "en": "$ per 1,000 cases"},
    "hours_head": {"fr": "Heures pour 1000 cas", "en": "Hours per 1,000 cases"},
    "by_people_head": {"fr": "Part notée aussi par des personnes", "en": "Share graded by people too"},
    "wage_head": {"fr": "Salaire et source", "en": "Wage and source"},
    "per_hour": {"fr": "{wage} / h", "en": "{wage} / h"},
    "group_line": {"fr": "Autres mesures du groupe : {list}.", "en": "Other measures of the group: {list}."},
    "group_alpha": {
        "fr": "α de Krippendorff (ordinal) {number}",
        "en": "Krippendorff’s α (ordinal) {number}",
    },
    "group_w": {"fr": "W de Kendall {number}", "en": "Kendall’s W {number}"},
    "ceiling_rows": {
        "fr": "L’accord de deux personnes entre elles est le plafond de lecture du tableau : un juge au-dessus s’accorde avec une personne mieux qu’une autre personne.",
        "en": "Agreement between two people is the ceiling to read the table by: a judge above it agrees with a person better than another person does.",
    },
    "ceiling_rows_votes": {
        "fr": "L’accord de deux votes entre eux est le plafond de lecture du tableau : un juge au-dessus s’accorde avec un vote mieux qu’un autre vote.",
        "en": "Agreement between two votes is the ceiling to read the table by: a judge above it agrees with a vote better than another vote does.",
    },
    "people_weighted": {
        "fr": "Pour vérifier : le consensus où tout le monde compte autant et celui où l’on compte selon son accord avec les autres se ressemblent à τₓ = {number}.",
        "en": "A check: the consensus in which everybody counts the same and the one weighted by agreement with the others are alike at τₓ = {number}.",
    },
    "chance_head": {"fr": "Mieux que le hasard", "en": "Better than chance"},
    "chance_note": {
        "fr": "« Mieux que le hasard » : p petit = ces notes s’accordent avec les autres mieux que les mêmes notes redistribuées dans chaque cas ; p grand ne prouve rien.",
        "en": "“Better than chance”: small p = these grades agree with the others better than the same grades dealt anew inside each case; a large p proves nothing.",
    },
    "secondary_title": {
        "fr": "Autres coefficients (S1, S2, même première)",
        "en": "Other coefficients (S1, S2, same top)",
    },
    "secondary_caption": {
        "fr": "Pour comparer avec d’autres publications ; l’accord τₓ reste le chiffre principal.",
        "en": "For comparison with other publications; agreement τₓ stays the main figure.",
    },
}
