"""What the figures of the classroom say: titles that answer a question, captions, heads, in both languages."""

from __future__ import annotations

from harness.report.words import Both

CLASSROOM: dict[str, Both] = {
    "class_best": {"fr": "MEILLEURE", "en": "BEST"},
    "class_worst": {"fr": "PIRE", "en": "WORST"},
    "class_and": {"fr": "{first} et {last}", "en": "{first} and {last}"},
    "class_answer": {"fr": "Réponse {letter}", "en": "Answer {letter}"},
    "class_pupils": {"fr": "La classe", "en": "The class"},
    "class_two_pupils": {"fr": "Deux élèves", "en": "Two pupils"},
    "class_me": {"fr": "Moi", "en": "Me"},
    "class_out_of": {"fr": "{some}\u00a0sur\u00a0{all}", "en": "{some}\u00a0of\u00a0{all}"},
    "class_n": {"fr": "{n} élèves", "en": "{n} pupils"},
    "class_n_one": {"fr": "{n} élève", "en": "{n} pupil"},
    # how did we grade each answer
    "class_grades_title": {
        "fr": "La classe donne le plus de {k} à {best} ({best_n}) et le plus de 1 à {worst} ({worst_n})",
        "en": "The class gives most {k}s to {best} ({best_n}) and most 1s to {worst} ({worst_n})",
    },
    "class_grades_no_best": {
        "fr": "Personne ne donne la note {k} ; le plus de 1 pour {worst} ({worst_n})",
        "en": "Nobody gives a {k}; most 1s for {worst} ({worst_n})",
    },
    "class_grades_no_worst": {
        "fr": "La classe donne le plus de {k} à {best} ({best_n}), et personne ne met 1",
        "en": "The class gives most {k}s to {best} ({best_n}), and nobody gives a 1",
    },
    "class_grades_middle": {
        "fr": "Ni meilleure ni pire : personne ne donne la note {k} ni la note 1",
        "en": "Neither best nor worst: nobody gives a {k} or a 1",
    },
    "class_nobody": {"fr": "Personne n’a encore noté ce cas", "en": "Nobody has graded this case yet"},
    "class_grades_caption": {
        "fr": "De 1 (pire) à {k} (meilleure). {n} ont noté, {complete} les {answers} réponses.",
        "en": "From 1 (worst) to {k} (best). {n} graded, {complete} of them all {answers} answers.",
    },
    "class_bars_description": {
        "fr": "Une barre par réponse, divisée selon les notes. Les nombres sont dans le tableau.",
        "en": "One bar per answer, divided by grades. The numbers are in the table.",
    },
    # do we agree
    "class_agree_less": {
        "fr": "Nous sommes moins d’accord que des annotateurs de métier ({share})",
        "en": "We agree less than professional annotators do ({share})",
    },
    "class_agree_like": {
        "fr": "Nous sommes d’accord à peu près comme des annotateurs de métier ({share})",
        "en": "We agree about as much as professional annotators do ({share})",
    },
    "class_agree_more": {
        "fr": "Nous sommes plus d’accord que des annotateurs de métier ({share})",
        "en": "We agree more than professional annotators do ({share})",
    },
    "class_agree_few": {
        "fr": "Trop peu d’élèves pour dire si nous sommes d’accord : {n}, il en faut 3",
        "en": "Too few pupils to say whether we agree: {n}, and it takes 3",
    },
    "class_agree_tied": {
        "fr": "Nous mettons tout ex æquo : aucune paire de réponses à comparer",
        "en": "We tie everything: there is no pair of answers to compare",
    },
    "class_agree_caption": {
        "fr": "Paires que deux personnes mettent dans le même ordre (hasard : 50 %). {n}. Autre tâche : un ordre de grandeur.",
        "en": "Pairs that two people put in the same order (chance: 50%). {n}. Another task: an order of magnitude.",
    },
    "class_orders_one": {"fr": "Notre ordre : {order}", "en": "Our order: {order}"},
    "class_orders_several": {
        "fr": "{n} ordres nous vont aussi bien, dont {order}",
        "en": "{n} orders suit us equally well, among them {order}",
    },
    "class_orders_many": {
        "fr": "Plus de 12 ordres nous vont aussi bien : pas d’avis commun",
        "en": "More than 12 orders suit us equally well: no common view",
    },
    "class_chance": {"fr": "hasard", "en": "chance"},
    "class_measure": {"fr": "Mesure", "en": "Measure"},
    "class_value": {"fr": "Valeur", "en": "Value"},
    "class_interval": {"fr": "Intervalle à 95 %", "en": "95% interval"},
    "class_source": {"fr": "Source", "en": "Source"},
    "class_tau": {"fr": "Accord τₓ de deux élèves", "en": "Agreement τₓ of two pupils"},
    "class_pairs_alike": {"fr": "Paires dans le même ordre", "en": "Pairs in the same order"},
    "class_best_orders": {"fr": "Ordres qui nous vont le mieux", "en": "Orders that suit us best"},
    # who judges like us
    "class_judges_lead": {
        "fr": "{judge} juge le plus comme nous (accord {tau})",
        "en": "{judge} judges most like us (agreement {tau})",
    },
    "class_judges_open": {
        "fr": "{judge} est le plus près de nous (accord {tau}), mais {next} peut l’être autant",
        "en": "{judge} is nearest to us (agreement {tau}), but {next} may be as near",
    },
    "class_judges_one": {
        "fr": "Un seul juge lisible, {judge} : accord {tau} avec nous",
        "en": "One readable judge only, {judge}: agreement {tau} with us",
    },
    "class_judges_tied": {
        "fr": "Le juge le plus près de nous, {judge}, met tout ex æquo (accord {tau})",
        "en": "The judge nearest to us, {judge}, ties everything (agreement {tau})",
    },
    "class_judges_none": {
        "fr": "Aucun juge n’a rendu d’ordre lisible pour ce cas",
        "en": "No judge gave a readable order for this case",
    },
    "class_judges_few": {
        "fr": "Trop peu d’élèves pour dire qui juge comme nous",
        "en": "Too few pupils to say who judges like us",
    },
    "class_judges_caption": {
        "fr": "Règlement « {rulebook} ». Sous les noms : accord avec nous, de −1 (inverse) à 1 (pareil). {n}.{optima}{cut}",
        "en": "Rulebook “{rulebook}”. Below the names: agreement with us, from −1 (reverse) to 1 (same). {n}.{optima}{cut}",
    },
    "class_optima": {
        "fr": " Notre ordre : moyenne de {n} aussi bons.",
        "en": " Our order: mean of {n} equally good ones.",
    },
    "class_slopes_description": {
        "fr": "Une colonne par ordre, la meilleure réponse en haut ; des lettres dans un même rond sont ex æquo.",
        "en": "One column per order, the best answer on top; letters in one dot are tied.",
    },
    "class_order_head": {"fr": "Ordre (meilleure à gauche)", "en": "Order (best on the left)"},
    "class_agreement_head": {"fr": "Accord τₓ avec la classe", "en": "Agreement τₓ with the class"},
    "class_who": {"fr": "Qui", "en": "Who"},
    # where do models differ
    "class_heat_title": {
        "fr": "Les juges se séparent le plus sur « {case} » : accord avec nous de {low} à {high}",
        "en": "Judges part most on “{case}”: agreement with us from {low} to {high}",
    },
    "class_heat_one": {
        "fr": "{judge} : accord avec nous de {low} à {high} selon le cas",
        "en": "{judge}: agreement with us from {low} to {high} by case",
    },
    "class_heat_none": {"fr": "Rien à comparer pour l’instant", "en": "Nothing to compare yet"},
    "class_heat_caption": {
        "fr": "Accord avec la classe, de −1 (inverse) à 1 (pareil). En haut : deux élèves. Règlement « {rulebook} ».{cut}",
        "en": "Agreement with the class, from −1 (reverse) to 1 (same). On top: two pupils. Rulebook “{rulebook}”.{cut}",
    },
    "class_heat_description": {
        "fr": "Une ligne par juge, une colonne par cas ; le nombre est écrit dans chaque case.",
        "en": "One line per judge, one column per case; the number stands in every cell.",
    },
    "class_mean": {"fr": "Moyenne", "en": "Mean"},
    "class_case_head": {"fr": "{number}. {title}", "en": "{number}. {title}"},
    # families
    "class_map_title": {
        "fr": "Le plus près de nous : {judge} ; le plus loin : {last}",
        "en": "Nearest to us: {judge}; farthest: {last}",
    },
    "class_map_plain": {"fr": "Qui classe comme qui", "en": "Who orders like whom"},
    "class_map_few": {
        "fr": "Pas de carte : {n} élèves et juges placés, il en faut 8",
        "en": "No map: {n} pupils and judges placed, and it takes 8",
    },
    "class_map_noise": {
        "fr": "Pas de carte : elle ne montrerait rien de plus que le hasard",
        "en": "No map: it would show no more than chance does",
    },
    "class_map_undefined": {"fr": "Pas de carte : {why}", "en": "No map: {why}"},
    "class_map_caption": {
        "fr": "Près = mêmes ordres ; les axes n’ont pas de nom. Ronds : élèves ; losange : la classe. {lost}",
        "en": "Near = same orders; the axes have no name. Dots: pupils; diamond: the class. {lost}",
    },
    "class_map_stress": {
        "fr": "Perdu par le plan (stress) : {stress} ; pur hasard : {null}.",
        "en": "Lost by the plane (stress): {stress}; pure noise: {null}.",
    },
    "class_map_list_caption": {
        "fr": "Accord avec la classe, de −1 (inverse) à 1 (pareil). {lost}",
        "en": "Agreement with the class, from −1 (reverse) to 1 (same). {lost}",
    },
    "class_cut": {"fr": " Dessinés : {shown} sur {all}.", "en": " Drawn: {shown} of {all}."},
    "class_map_description": {
        "fr": "Carte des élèves et des juges, et la liste des juges du plus près au plus loin de la classe.",
        "en": "Map of pupils and judges, and the list of judges from nearest to farthest from the class.",
    },
    "class_nearest_first": {"fr": "Du plus près au plus loin", "en": "Nearest to farthest"},
    # another employer
    "class_employer_title": {
        "fr": "Autre employeur : {some} sur {all} juges changent d’ordre",
        "en": "Another employer: {some} of {all} judges change their order",
    },
    "class_employer_title_one": {
        "fr": "Autre employeur : un seul juge interrogé, {judge}, {what}",
        "en": "Another employer: one judge only was asked, {judge}, and it {what}",
    },
    "class_employer_changed": {"fr": "change d’ordre", "en": "changes its order"},
    "class_employer_kept": {"fr": "garde son ordre", "en": "keeps its order"},
    "class_employer_none": {
        "fr": "Aucun juge n’a d’ordre lisible sous les deux règlements",
        "en": "No judge has a readable order under both rulebooks",
    },
    "class_employer_caption": {
        "fr": "Gauche : {first} ; droite : {second}. Barre : ce qui sépare deux verdicts ({cases}, {rulebooks}).{cut}",
        "en": "Left: {first}; right: {second}. Bar: what sets two verdicts apart ({cases}, {rulebooks}).{cut}",
    },
    "class_employer_caption_alone": {
        "fr": "Gauche : {first} ; droite : {second}.{cut}",
        "en": "Left: {first}; right: {second}.{cut}",
    },
    "class_judges_bar": {"fr": "Juges", "en": "Judges"},
    "class_people_bar": {"fr": "Élèves", "en": "Pupils"},
    "class_piece": {"fr": "{part} {share}", "en": "{part} {share}"},
    "class_people_piece": {"fr": "désaccord entre élèves", "en": "disagreement of pupils"},
    "class_no_bar": {
        "fr": "Pas de partage modèle / règlement / bruit : {why}",
        "en": "No split into model / rulebook / noise: {why}",
    },
    "class_under": {"fr": "{name}, {rulebook}", "en": "{name}, {rulebook}"},
    # hidden split
    "class_split_title": {
        "fr": "D’autres règles, d’autres notes : {answer} change le plus ({p})",
        "en": "Other rules, other grades: {answer} changes most ({p})",
    },
    "class_split_open": {
        "fr": "Les deux moitiés notent presque pareil : l’écart peut venir du hasard ({p})",
        "en": "Both halves grade much the same: the difference may be chance ({p})",
    },
    "class_split_few": {
        "fr": "Trop peu d’élèves par moitié pour comparer : {first} et {second}",
        "en": "Too few pupils in each half to compare: {first} and {second}",
    },
    "class_split_caption": {
        "fr": "1 : {first} ; 2 : {second}. Accord dans une moitié {within}, entre les deux {between}.",
        "en": "1: {first}; 2: {second}. Agreement inside a half {within}, between the two {between}.",
    },
    "class_half": {"fr": "moitié {number} : {rulebook}", "en": "half {number}: {rulebook}"},
    # is a judge stable
    "class_stable_title": {
        "fr": "{best} se répète le plus ({best_tau}), {last} le moins ({last_tau})",
        "en": "{best} repeats itself most ({best_tau}), {last} least ({last_tau})",
    },
    "class_stable_one": {
        "fr": "{best} : accord {best_tau} avec soi-même quand on lui redemande",
        "en": "{best}: agreement {best_tau} with itself when asked again",
    },
    "class_stable_none": {
        "fr": "Aucun juge n’a été interrogé deux fois sur un même cas",
        "en": "No judge was asked twice about one case",
    },
    "class_stable_caption": {
        "fr": "Accord d’un juge avec lui-même, les réponses dans un autre ordre (1 = pareil). Petits ronds : un cas. À droite : verdicts lisibles.{cut}",
        "en": "Agreement of a judge with itself, the answers in another order (1 = same). Small dots: one case. Right: readable verdicts.{cut}",
    },
    "class_stable_description": {
        "fr": "Une ligne par juge : un petit rond par cas, un carré pour la moyenne.",
        "en": "One line per judge: a small dot per case, a square for the mean.",
    },
    "class_readable": {"fr": "Verdicts lisibles", "en": "Readable verdicts"},
    "class_same_order": {"fr": "Exactement le même ordre", "en": "Exactly the same order"},
    "class_itself": {"fr": "Accord avec soi-même", "en": "Agreement with itself"},
    # did talking change us
    "class_moved_title": {
        "fr": "{share} d’entre nous ont changé d’ordre après la discussion",
        "en": "{share} of us changed their order after talking",
    },
    "class_moved_few": {
        "fr": "Trop peu d’élèves ont voté deux fois : {n}",
        "en": "Too few pupils voted twice: {n}",
    },
    "class_moved_caption": {
        "fr": "Place moyenne de chaque réponse. Accord de deux élèves : {before} avant, {after} après. {n} ont voté deux fois.",
        "en": "Mean place of each answer. Agreement of two pupils: {before} before, {after} after. {n} voted twice.",
    },
    "class_before": {"fr": "Avant", "en": "Before"},
    "class_after": {"fr": "Après", "en": "After"},
    "class_place": {"fr": "Place moyenne (1 = pire)", "en": "Mean place (1 = worst)"},
    "class_share_moved": {"fr": "Ont changé d’ordre", "en": "Changed their order"},
    # my order
    "class_mine_nearest": {
        "fr": "Le juge le plus proche de vous : {judge} (accord {tau})",
        "en": "The judge closest to you: {judge} (agreement {tau})",
    },
    "class_mine_nearest_several": {
        "fr": "Les juges les plus proches de vous, à égalité : {judges} (accord {tau})",
        "en": "The judges closest to you, equally: {judges} (agreement {tau})",
    },
    "class_mine_class": {
        "fr": "Vous et la classe : accord {tau}",
        "en": "You and the class: agreement {tau}",
    },
    "class_mine_none": {
        "fr": "Vous n’avez pas noté ce cas",
        "en": "You have not graded this case",
    },
    "class_mine_with_me": {"fr": "Avec moi", "en": "With me"},
    "class_mine_caption": {
        "fr": "Accord : 1 = même ordre, 0 = rien en commun, −1 = ordre inverse.",
        "en": "Agreement: 1 = same order, 0 = nothing in common, −1 = reverse order.",
    },
}
