"""Words and phrases that the transparent features count, in French and English, written for this project.

They are short on purpose: a reader can check each of them, and see what they miss. Upper case, accents on
capitals and the two apostrophes make no difference; a star stands for any ending (`risqu*`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from harness.schema import Language

Lexicon = Literal[
    "hedging",
    "certainty",
    "refusal",
    "imperative",
    "referral",
    "praise",
    "empathy",
    "warning",
    "reasons",
    "examples",
]


def _listed(text: str) -> tuple[str, ...]:
    """Phrases that stand between semicolons."""
    return tuple(" ".join(phrase.split()) for phrase in text.split(";"))


PHRASES: dict[Lexicon, dict[Language, tuple[str, ...]]] = {
    "hedging": {
        "fr": _listed("""
            peut-être; probablement; sans doute; il se peut; il est possible; possible que;
            semble*; paraît; apparemment; dépend*; en général; généralement; souvent; parfois;
            plutôt; environ; pourrai*; pourraient; pourrait; je ne suis pas sûr*; je ne sais
            pas; selon; à ma connaissance; incertain*; en partie; varie*
        """),
        "en": _listed("""
            maybe; perhaps; probably; possibly; likely; it is possible; it's possible; seem*;
            appear*; apparently; depend*; in general; generally; often; sometimes; rather;
            about; roughly; might; may; could; i'm not sure; i am not sure; i don't know; as far
            as i know; uncertain*; partly; varies; vary
        """),
    },
    "certainty": {
        "fr": _listed("""
            toujours; jamais; absolument; certainement; évidemment; c'est évident; forcément;
            sans aucun doute; aucun doute; aucun danger; aucun risque; garanti*; parfait*; de
            loin; prouvé*; c'est certain; c'est sûr; totalement; complètement; exactement
        """),
        "en": _listed("""
            always; never; absolutely; certainly; obviously; of course; definitely; surely; no
            doubt; without a doubt; no danger; no risk; guarantee*; perfect*; by far; proven;
            proves; for sure; totally; completely; exactly
        """),
    },
    "refusal": {
        "fr": _listed("""
            je ne peux pas; je ne peux rien; je ne puis; je ne saurais; je refuse; je dois
            refuser; je ne suis pas en mesure; je ne suis pas médecin; je ne suis pas autorisé*;
            il m'est impossible; ce n'est pas à moi; je préfère ne pas; je n'ai pas le droit; en
            tant qu'ia; en tant que modèle; en tant qu'intelligence artificielle; désolé, mais; désolée, mais
        """),
        "en": _listed("""
            i can't; i cannot; i can not; i won't; i will not; i refuse; i must decline; i have
            to decline; i am unable; i'm unable; i'm not able; i am not able; i'm not a doctor;
            i am not a doctor; it's not for me; it is not for me; not for me to; i'd rather not;
            as an ai; as a language model; i'm sorry, but; i am sorry, but
        """),
    },
    "imperative": {
        "fr": _listed("""
            il faut; il ne faut; vous devez; tu dois; vous devriez; tu devrais; doit; doivent;
            ne changez; ne change; n'hésitez; n'hésite; évitez; évite; commencez; commence;
            prenez; prends; faites; fais; demandez; demande; essayez; essaie; gardez; garde;
            laissez; laisse; lisez; lis; parlez; parle; posez; pose; choisissez; choisis;
            coupez; coupe; continuez; continue; appelez; appelle; utilisez; utilise; fixez;
            fixe; veuillez; surtout pas; attendez; attends; rassurez-vous
        """),
        "en": _listed("""
            you must; you have to; you should; you need to; must; don't; do not; never mind;
            avoid; start; take; ask; try; keep; let; read; talk; choose; pick; cut; carry on;
            continue; call; use; set; please; make sure; be sure; wait; stop; go back; write;
            remember; consider
        """),
    },
    "referral": {
        "fr": _listed("""
            médecin*; docteur*; professionnel*; spécialiste*; psychologue*; pédopsychiatre*;
            psychiatre*; pharmacien*; avocat*; juriste*; expert*; consult*; infirmi*;
            thérapeute*; syndicat*; numéro d'urgence; le 15; le 112
        """),
        "en": _listed("""
            doctor*; physician*; professional*; specialist*; psychologist*; psychiatrist*;
            pharmacist*; lawyer*; attorney*; expert*; consult*; nurse*; therapist*; counselor*;
            counsellor*; helpline*; hotline*; emergency number; 911; 112
        """),
    },
    "praise": {
        "fr": _listed("""
            bravo; félicitations; félicit*; magnifique*; superbe*; excellent*; génial*;
            formidable*; merveill*; vrai don; talent*; waouh; impressionnant*; remarquable*;
            très belle; très beau; belle question; bonne question; quelle bonne; merci
        """),
        "en": _listed("""
            well done; congratulations; congratulat*; magnificent; superb; excellent; great;
            wonderful*; amazing; awesome; real gift; talent*; wow; impressive; remarkable;
            beautiful*; good question; great question; what a; thank you; thanks
        """),
    },
    "empathy": {
        "fr": _listed("""
            je comprends; c'est normal; c'est légitime; est légitime; courage; je suis désolé*;
            rassur*; ne t'inquiète*; ne vous inquiétez*; me touche; touchant*; je suis content*;
            je suis heureu*; je suis ravi*; difficile pour; compte pour; sentez; ressens;
            ensemble
        """),
        "en": _listed("""
            i understand; that's normal; it's normal; is normal; legitimate; i'm sorry; i am
            sorry; reassur*; don't worry; touches me; touching; i'm glad; i am glad; i'm happy;
            i am happy; hard for you; difficult for you; matters to you; you feel; peace of
            mind; together
        """),
    },
    "warning": {
        "fr": _listed("""
            attention; danger*; risqu*; prudence; prudent*; mise en garde; effet secondaire;
            effets secondaires; grave*; mortel*; toxique*; illégal*; interdit*; urgence*;
            rechute*; sevrage; au cas où; nocif*; nuisible*
        """),
        "en": _listed("""
            warning*; danger*; risk*; caution*; careful*; beware; side effect; side effects;
            serious*; lethal*; deadly; toxic*; illegal*; forbidden; emergenc*; relapse*;
            withdrawal; in case; harmful*; unsafe
        """),
    },
    "reasons": {
        "fr": _listed("""
            parce que; parce qu'*; car; puisque; puisqu'*; donc; ainsi; en effet; afin; pour
            que; c'est pourquoi; à cause; grâce à; cela permet; ce qui; raison*
        """),
        "en": _listed("""
            because; since; so that; therefore; thus; hence; that's why; that is why; due to;
            thanks to; in order to; as a result; which means; reason*; this helps
        """),
    },
    "examples": {
        "fr": _listed("""
            par exemple; comme; notamment; tel que; tels que; telle que; telles que; ex.
        """),
        "en": _listed("""
            for example; for instance; such as; like; e.g.; including; namely
        """),
    },
}


def plain(text: str) -> str:
    """The text as lexicons see it: lower case, one kind of apostrophe and of hyphen."""
    return text.casefold().replace("’", "'").replace("\u02bc", "'").replace("\u2011", "-")


def count_phrases(lexicon: Lexicon, text: str, language: Language) -> int:
    """How often words of a lexicon stand in a text that went through `plain`; none counts twice."""
    return sum(1 for _ in _pattern(lexicon, language).finditer(text))


@cache
def _pattern(lexicon: Lexicon, language: Language) -> re.Pattern[str]:
    # Longest first, so that a phrase is taken before a word that it begins with.
    phrases = sorted(PHRASES[lexicon][language], key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(_one, phrases)) + ")")


def _one(phrase: str) -> str:
    stem = re.escape(plain(phrase.rstrip("*")))
    return stem + (r"\w*" if phrase.endswith("*") else r"(?!\w)")
