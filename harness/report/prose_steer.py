"""What the page of steering says, in both languages."""

from __future__ import annotations

from harness.report.words import Both
from harness.schema.reward import RewardStanding

STEER: dict[str, Both] = {
    "steer_title": {"fr": "Qui a noté décide de ce qui est dit", "en": "Who graded decides what is said"},
    "steer_eyebrow": {
        "fr": "Pilotage : la meilleure de {n} réponses",
        "en": "Steering: the best of {n} replies",
    },
    "steer_headline": {
        "fr": "Les mêmes {n} réponses, d’autres notes : l’assistant dit autre chose pour {k} des {of} questions",
        "en": "The same {n} replies, other people’s grades: the assistant says something else for {k} of {of} questions",
    },
    "steer_headline_one": {
        "fr": "Sur {n} réponses, « {name} » ne prend pas la première venue : elle change {k} des {of} réponses dites",
        "en": "Out of {n} replies, “{name}” does not take the first that comes: it changes {k} of {of} replies said",
    },
    "steer_headline_few": {
        "fr": "{n} réponses, et qui a noté choisit laquelle est dite",
        "en": "{n} replies, and who graded chooses which of them is said",
    },
    "steer_basis": {
        "fr": "{model} a écrit {n} réponses à chaque question, sans connaître aucune règle. Chaque récompense est une petite IA qui a "
        "appris à prédire des notes ; elle n’écrit rien, elle choisit. Seules changent les notes dont elle a appris.",
        "en": "{model} wrote {n} replies to each question, without knowing any rules. Each reward is a small AI that learned to "
        "predict grades; it writes nothing, it chooses. Only the grades that it learned from differ.",
    },
    "steer_basis_chance": {
        "fr": "À lire avec prudence : deux réponses tirées au hasard diffèrent dans {chance} des cas. Que les choix diffèrent ne prouve donc "
        "rien à lui seul ; ce qui compte est dans quel sens ils diffèrent (plus bas).",
        "en": "Read with care: two replies drawn at random differ in {chance} of cases. So differing picks prove nothing on their own; "
        "what counts is in which direction they differ (below).",
    },
    "steer_caveat_simulated": {
        "fr": "Notes simulées : {names}. Personne n’a donné ces notes : elles ont été inventées pour montrer le mécanisme.",
        "en": "Simulated grades: {names}. Nobody gave these grades: they were made up to show the mechanism.",
    },
    "steer_caveat_few": {
        "fr": "Trop peu de cas notés pour s’y fier : {names}. Une telle récompense montre le mécanisme, elle ne mesure personne.",
        "en": "Too few graded cases to be relied on: {names}. Such a reward shows the mechanism; it measures nobody.",
    },
    "steer_caveat_demonstration": {
        "fr": "Apprise de quelques cas seulement : {names}. Assez pour montrer le mécanisme ; cela ne mesure personne.",
        "en": "Learned from a few cases only: {names}. Enough to show the mechanism; it measures nobody.",
    },
    "steer_caveat_seen": {
        "fr": "Questions déjà connues : ce sont des cas dont {names} a appris les notes.",
        "en": "Known questions: these are cases whose grades {names} learned from.",
    },
    "steer_caveat_model": {
        "fr": "Le modèle qui écrit est petit et se trompe souvent : aucune de ces réponses n’est un conseil.",
        "en": "The model that writes is small and often wrong: none of these replies is advice.",
    },
    "steer_caveat_language": {
        "fr": "Ces récompenses ont appris de textes dans une autre langue ({languages}) : {names}.",
        "en": "These rewards learned from texts in another language ({languages}): {names}.",
    },
    "steer_caveat_questions": {
        "fr": "{n} questions seulement : un intervalle dit ce que d’autres questions de ce genre pourraient donner.",
        "en": "{n} questions only: an interval says what other questions like these might give.",
    },
    "steer_caveat_failed": {
        "fr": "{n} réponses n’ont pas pu être obtenues ; personne ne pouvait les choisir.",
        "en": "{n} replies could not be had; nobody could choose them.",
    },
    "steer_cannot_best": {
        "fr": "Quelle réponse est la meilleure : personne n’a noté ces réponses.",
        "en": "Which reply is best: nobody graded these replies.",
    },
    "steer_cannot_training": {
        "fr": "Ce que donnerait un entraînement : ici, on choisit parmi des réponses ; le modèle lui-même reste le même.",
        "en": "What training would give: here one chooses among replies; the model itself stays the same.",
    },
    "steer_choosers": {"fr": "Qui choisit", "en": "Who chooses"},
    "steer_simulated": {"fr": "notes simulées", "en": "simulated grades"},
    "steer_from_key": {
        "fr": "A appris du corrigé de l’auteur : la lecture d’une seule personne ({n} situations).",
        "en": "Learned from the author’s key: one person’s reading ({n} situations).",
    },
    "steer_from_people": {
        "fr": "A appris des notes de {people} ({n} situations).",
        "en": "Learned from the grades of {people} ({n} situations).",
    },
    "steer_from_simulated": {
        "fr": "A appris de notes que personne n’a données ({people}, {n} situations).",
        "en": "Learned from grades that nobody gave ({people}, {n} situations).",
    },
    "steer_person": {"fr": "{n} annotateur", "en": "{n} annotator"},
    "steer_persons": {"fr": "{n} annotateurs", "en": "{n} annotators"},
    "steer_accuracy": {
        "fr": "Sur des situations dont elle n’a pas appris : accord τₓ {tau} (au hasard {floor} ; « la plus longue d’abord » {longest}).",
        "en": "On situations that it did not learn from: agreement τₓ {tau} (by chance {floor}; “longest first” {longest}).",
    },
    "steer_null": {
        "fr": "Avec des notes distribuées au sort, aussi bien ou mieux : {p}.",
        "en": "With grades dealt by lot, as well or better: {p}.",
    },
    "steer_accuracy_none": {
        "fr": "Nul ne sait si elle prédit bien : cela n’a pas été mesuré.",
        "en": "Nobody knows whether it predicts well: that was not measured.",
    },
    "steer_looks": {
        "fr": "Regarde surtout : {list} (ce que chaque pas de plus ajoute).",
        "en": "Looks mostly at: {list} (what one step more of each adds).",
    },
    "steer_accident": {
        "fr": "Ce qu’une récompense regarde peut être un accident : dans les quelques cas notés, les bonnes réponses avaient ce trait en commun. "
        "Elle s’y accroche ensuite partout, même là où il ne dit rien de la qualité.",
        "en": "What a reward looks at can be an accident: in the few graded cases, the good answers happened to share it. "
        "It then clings to it everywhere, even where it says nothing about quality.",
    },
    "steer_baselines": {
        "fr": "À côté, deux choix qui ne lisent rien : la réponse la plus longue, et la première, qui vaut un tirage au hasard.",
        "en": "Beside them, two picks that read nothing: the longest reply, and the first, which is a draw at random.",
    },
    "steer_longest": {"fr": "La plus longue", "en": "The longest"},
    "steer_first": {"fr": "La première (au hasard)", "en": "The first (at random)"},
    "steer_questions": {"fr": "Question par question", "en": "Question by question"},
    "steer_worth": {
        "fr": "valeur {worth}, moyenne des {n} réponses {mean}",
        "en": "worth {worth}, mean of the {n} replies {mean}",
    },
    "steer_moved": {"fr": "ce qui joue : {list}", "en": "what moves it: {list}"},
    "steer_firm": {
        "fr": "avec un cas noté de moins, même choix : {k} fois sur {n}",
        "en": "with one graded case fewer, the same pick: {k} times in {n}",
    },
    "steer_indifferent": {
        "fr": "toutes les réponses se valent pour elle : rien de ce qu’elle regarde ne les distingue",
        "en": "it finds all replies equally good: nothing that it looks at tells them apart",
    },
    "steer_tied": {
        "fr": "ex æquo avec d’autres réponses : {numbers}",
        "en": "tied with other replies: {numbers}",
    },
    "steer_cut": {
        "fr": "coupée : la limite de longueur est atteinte",
        "en": "cut off: the limit of length was reached",
    },
    "steer_empty": {"fr": "(réponse vide)", "en": "(empty reply)"},
    "steer_all": {"fr": "Les {n} réponses", "en": "All {n} replies"},
    "steer_distinct": {
        "fr": "Les {n} réponses ({k} textes différents)",
        "en": "All {n} replies ({k} different texts)",
    },
    "steer_reply": {"fr": "Réponse", "en": "Reply"},
    "steer_text": {"fr": "Texte", "en": "Text"},
    "steer_differ": {"fr": "À quelle fréquence les choix diffèrent", "en": "How often picks differ"},
    "steer_differ_title": {
        "fr": "Deux récompenses prennent des réponses différentes pour {low} à {high} des {of} questions",
        "en": "Two rewards take different replies for {low} to {high} of {of} questions",
    },
    "steer_differ_title_same": {
        "fr": "Deux récompenses prennent des réponses différentes pour {low} des {of} questions",
        "en": "Two rewards take different replies for {low} of {of} questions",
    },
    "steer_differ_title_few": {
        "fr": "Trop peu de questions pour dire à quelle fréquence les choix diffèrent",
        "en": "Too few questions to say how often picks differ",
    },
    "steer_differ_caption": {
        "fr": "Part des questions où aucune réponse n’est la meilleure pour les deux, avec son intervalle à 95 % (Wilson) ; {n} questions. "
        "Trait : deux tirages au hasard.",
        "en": "Share of questions where no reply is the best for both, with its 95% interval (Wilson); {n} questions. "
        "Line: two draws at random.",
    },
    "steer_differ_description": {
        "fr": "Un point par paire : part des questions où les choix diffèrent.",
        "en": "One dot per pair: share of questions where picks differ.",
    },
    "steer_chance": {"fr": "au hasard", "en": "by chance"},
    "steer_differ_title_one": {
        "fr": "Une seule récompense : à côté d’elle, seulement ce qui ne lit rien",
        "en": "One reward only: beside it, only what reads nothing",
    },
    "steer_pair_head": {"fr": "Qui, et qui d’autre", "en": "Who, and who else"},
    "steer_of": {"fr": "{k} sur {n}", "en": "{k} of {n}"},
    "steer_by_head": {"fr": "Aux yeux de", "en": "In the eyes of"},
    "steer_shift_few": {"fr": "Trop peu de questions pour une moyenne", "en": "Too few questions for a mean"},
    "steer_pair": {"fr": "{first} / {second}", "en": "{first} / {second}"},
    "steer_share": {"fr": "Choix différents", "en": "Picks that differ"},
    "steer_between": {"fr": "Intervalle", "en": "Interval"},
    "steer_place": {
        "fr": "Ce que chacune pense du choix des autres",
        "en": "What each thinks of the others’ picks",
    },
    "steer_place_title": {
        "fr": "Aux yeux d’une récompense, le choix d’une autre se place entre {low} et {high} (0 = la pire, 1 = la meilleure, au hasard {half})",
        "en": "In one reward’s eyes, another’s pick stands between {low} and {high} (0 = the worst, 1 = the best, at random {half})",
    },
    "steer_place_title_one": {
        "fr": "Où se place le choix de chacun dans l’ordre de la récompense (au hasard {half})",
        "en": "Where everybody’s pick stands in the reward’s order (at random {half})",
    },
    "steer_place_caption": {
        "fr": "0 = la pire des {n} réponses aux yeux de cette récompense, 1 = la meilleure ; moyenne sur {of} questions, intervalle de Student. "
        "Un choix à droite du hasard lui plaît ; à gauche, il lui déplaît. Au hasard, 95 tirages sur 100 tombent entre les bornes du tableau. "
        "Son propre choix y est tout en haut : cela ne prouve rien.",
        "en": "0 = the worst of the {n} replies in this reward’s eyes, 1 = the best; mean over {of} questions, t interval. "
        "It likes a pick to the right of chance, and dislikes one to the left. By chance, 95 draws in 100 fall between the bounds in the table. "
        "Its own pick stands at the very top: that proves nothing.",
    },
    "steer_place_description": {
        "fr": "Par récompense : où se placent les choix des autres dans son ordre, de 0 à 1.",
        "en": "By reward: where the picks of the others stand in its order, from 0 to 1.",
    },
    "steer_by": {"fr": "Aux yeux de « {name} »", "en": "In the eyes of “{name}”"},
    "steer_place_head": {"fr": "Place", "en": "Place"},
    "steer_shift": {"fr": "En quoi les choix diffèrent", "en": "What picks have more or less of"},
    "steer_shift_title": {
        "fr": "Nombre de mots : {names}",
        "en": "Number of words: {names}",
    },
    "steer_shift_part": {"fr": "« {name} » {words}", "en": "“{name}” {words}"},
    "steer_shift_caption": {
        "fr": "Mots du choix moins la moyenne des {n} réponses à la même question ({mean} mots) ; {of} questions, intervalle de Student.",
        "en": "Words of the pick minus the mean of the {n} replies to the same question ({mean} words); {of} questions, t interval.",
    },
    "steer_shift_description": {
        "fr": "Un point par choix : mots de plus ou de moins que la moyenne.",
        "en": "One dot per chooser: words more or fewer than the mean.",
    },
    "steer_shift_axis": {
        "fr": "mots de plus que la moyenne des réponses",
        "en": "words more than the mean of the replies",
    },
    "steer_shift_table": {"fr": "Tout ce qui se compte", "en": "Everything that can be counted"},
    "steer_shift_note": {
        "fr": "Choix moins moyenne des réponses à la même question. Mots : leur nombre ; refus : part de 0 à 1 ; les autres : pour 100 mots. "
        "Une étoile : hors de ce que donnent 95 tirages au hasard sur 100 ; avec {n} nombres, en attendre {expected} par hasard.",
        "en": "Pick minus the mean of the replies to the same question. Words: their number; refusal: a share from 0 to 1; the others: per 100 words. "
        "A star: outside of what 95 in 100 draws at random give; among {n} numbers, expect {expected} by chance.",
    },
    "steer_trait": {"fr": "Trait", "en": "Feature"},
    "steer_mean": {"fr": "Moyenne", "en": "Mean"},
    "steer_luck": {
        "fr": "La meilleure de {n} est aussi la plus chanceuse",
        "en": "The best of {n} is also the luckiest",
    },
    "steer_luck_noise": {
        "fr": "Prendre la meilleure de {n} fait toujours monter la valeur, même si elle n’était que du bruit : alors, de {expected} écarts-types en "
        "moyenne. Ici : {gains}. Ce gain mesure donc la chance autant que la qualité ; seules des notes humaines de ces réponses les sépareraient.",
        "en": "Taking the best of {n} always raises the worth, even if it were nothing but noise: then by {expected} standard deviations on "
        "average. Here: {gains}. So this gain measures luck as much as quality; only people’s grades of these replies would tell them apart.",
    },
    "steer_gain": {"fr": "« {name} » {gain}", "en": "“{name}” {gain}"},
    "steer_luck_firm": {
        "fr": "Une récompense bruitée choisit aussi du bruit. Chacune a été réapprise sans l’un des cas notés, puis sans un autre. Part des fois où "
        "le choix reste le même : {shares} (un tirage au hasard : {chance}). Le reste tient à un seul cas, noté ou non.",
        "en": "A noisy reward also picks noise. Each was learned again without one of the graded cases, then without another. How often the "
        "pick stays the same: {shares} (a draw at random: {chance}). The rest hangs on one single case, graded or not.",
    },
    "steer_luck_more": {
        "fr": "Plus il y a de réponses, plus le choix trouve ce que la récompense surestime. C’est la même faiblesse, en petit, que celle des grands "
        "modèles entraînés trop longtemps contre une récompense.",
        "en": "The more replies there are, the more choosing finds what the reward overrates. It is the same weakness, in small, as that of large "
        "models trained too long against a reward.",
    },
    "steer_kl": {
        "fr": "Choisir parmi {n} éloigne le modèle de lui-même d’au plus log {n} − {m}/{n} = {kl} nats : un pilotage doux, borné.",
        "en": "Choosing among {n} moves the model away from itself by at most log {n} − {m}/{n} = {kl} nats: gentle steering, with a bound.",
    },
    "steer_made": {"fr": "Comment c’est fait", "en": "How this was made"},
    "steer_made_model": {"fr": "Modèle", "en": "Model"},
    "steer_made_settings": {"fr": "Tirage", "en": "Drawing"},
    "steer_settings": {
        "fr": "{n} réponses par question, {settings}",
        "en": "{n} replies per question, {settings}",
    },
    "steer_made_instruction": {"fr": "Consigne donnée au modèle", "en": "What the model is told first"},
    "steer_made_none": {"fr": "aucune", "en": "nothing"},
    "steer_made_when": {"fr": "Commencé le", "en": "Begun"},
    "steer_made_versions": {"fr": "Versions", "en": "Versions"},
    "steer_made_weights": {"fr": "Empreinte des poids", "en": "Digest of the weights"},
    "steer_made_store": {"fr": "Empreinte de l’enregistrement", "en": "Digest of the recording"},
    "steer_made_reward": {"fr": "Empreinte de « {name} »", "en": "Digest of “{name}”"},
    "steer_made_questions": {"fr": "Questions", "en": "Questions"},
    "steer_made_rules": {
        "fr": "Empreintes : SHA-256. Tout se relit sans modèle ni réseau : harness steer --replay.",
        "en": "Digests: SHA-256. All of it can be read again without model or network: harness steer --replay.",
    },
}

FEATURE_WORDS: dict[str, Both] = {
    "words": {"fr": "mots", "en": "words"},
    "length": {"fr": "longueur", "en": "length"},
    "refusal": {"fr": "refus", "en": "refusal"},
    "referral": {"fr": "renvoi à un spécialiste", "en": "referral to an expert"},
    "hedging": {"fr": "réserves", "en": "hedging"},
    "certainty": {"fr": "assurance", "en": "certainty"},
    "imperative": {"fr": "consignes", "en": "instructions"},
    "warning": {"fr": "mises en garde", "en": "warnings"},
    "praise": {"fr": "compliments", "en": "praise"},
    "empathy": {"fr": "empathie", "en": "empathy"},
    "questions": {"fr": "questions posées", "en": "questions asked"},
    "exclamations": {"fr": "exclamations", "en": "exclamations"},
    "reasons": {"fr": "raisons données", "en": "reasons given"},
    "examples": {"fr": "exemples", "en": "examples"},
    "numbers": {"fr": "nombres", "en": "numbers"},
    "structure": {"fr": "listes", "en": "lists"},
    "address": {"fr": "s’adresse à la personne", "en": "speaks to the person"},
    "sentence-length": {"fr": "phrases longues", "en": "long sentences"},
    "echo": {"fr": "mots de la question", "en": "words of the question"},
    "copied": {"fr": "passages recopiés", "en": "copied passages"},
    "repetition": {"fr": "répétitions", "en": "repetition"},
    "unfinished": {"fr": "texte inachevé", "en": "unfinished text"},
    "nearness": {"fr": "proche de la question", "en": "near the question"},
    "meaning": {"fr": "sens", "en": "meaning"},
}
"""What a reward looks at."""

STANDINGS: dict[RewardStanding, Both] = {
    "too_few": {"fr": "trop peu de situations", "en": "too few situations"},
    "demonstration": {"fr": "assez pour une démonstration", "en": "enough for a demonstration"},
    "trial": {"fr": "assez pour un essai", "en": "enough for a trial"},
    "sound": {"fr": "assez de situations", "en": "enough situations"},
}
"""What the number of graded situations allows to be said."""
