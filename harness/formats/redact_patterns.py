r"""What personal data looks like in French and English text, where Presidio has no recogniser of its own.

The patterns are for the package `regex`, which Presidio uses: `\p{Lu}`, and looking back over any length, so
that what announces a name ("Mme", "my name is") stays in the text. Every repetition has a bound.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["EMAIL", "PHONE", "IBAN", "CARD", "IP", "NIR", "PROFILE", "NAME", "ADDRESS", "BIRTH"]
"""What stands in the text in place of what was found, in square brackets."""

KINDS: dict[str, Kind] = {
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "IBAN_CODE": "IBAN",
    "CREDIT_CARD": "CARD",
    "IP_ADDRESS": "IP",
    "EMAIL": "EMAIL",
    "PHONE": "PHONE",
    "NIR": "NIR",
    "PROFILE": "PROFILE",
    "NAME": "NAME",
    "ADDRESS": "ADDRESS",
    "BIRTH": "BIRTH",
}
"""Presidio's names and ours -> ours."""

REGIONS = ("FR", "BE", "CH", "GB", "US", "CA")
"""Where a telephone number without a country's prefix may be from; with one it may be from anywhere. Not from
Germany or Luxembourg: their plan takes so many lengths that a year beside a number is one."""


class Pattern(NamedTuple):
    """One form; the certainty decides only whether it is taken at all."""

    name: str
    regex: str
    score: float = 0.6


_SPACE = r"[ \t\u00a0\u202f]"
_WORD = r"\p{Lu}[\p{L}'’-]{1,30}"
_PARTICLE = r"(?:de la|de|du|des|le|la|van der|van|von|ben|bin|el|al|da|dos|di)"
_FULL = rf"{_WORD}(?:{_SPACE}(?:{_PARTICLE}{_SPACE})?(?:\p{{Lu}}\.{_SPACE})?{_WORD}){{0,3}}"

_TITLES = (
    r"(?:M\.|MM\.|Mr\.?|Mrs\.?|Ms\.?|Miss|Mme|Mmes|Mlle|Dr\.?|Pr\.?|Prof\.?|Monsieur|Madame|Mademoiselle|"
    r"Docteur|Professeure?|Maître|Doctor|Professor|Sir|madame|monsieur|docteur|maître)"
)
_ANNOUNCED = (
    r"(?i:m['’]appelle|s['’]appelle|t['’]appelles|mon nom est|son nom est|mon prénom est|prénommée?|nommée?|"
    r"name is|names are|name['’]s|named|call me|appelez-moi|appelle-moi|signée?\s?:?|signed[,:]?|"
    r"cordialement,?|bien à vous,?|amicalement,?|regards,?|sincerely,?|faithfully,?)"
)
_KIN = (
    r"(?i:mon|ma|notre|son|sa|ton|ta|votre|leur|my|our|his|her|their|your)"
    r"(?: (?:meilleure?|ancienne?|petite?|grande?|best|old|little|big|younger|older|ex))? "
    r"(?i:frère|sœur|soeur|père|mère|fils|fille|mari|femme|compagnon|compagne|copain|copine|ami|amie|oncle|tante|"
    r"cousine?|neveu|nièce|grand-père|grand-mère|voisine?|collègue|cheffe?|patronne?|prof|professeure?|élève|"
    r"patiente?|conjointe?|fiancée?|médecin|psy|bébé|brother|sister|father|mother|dad|mum|mom|son|daughter|"
    r"husband|wife|partner|boyfriend|girlfriend|friend|uncle|aunt|nephew|niece|grandfather|grandmother|neighbou?r|"
    r"colleague|coworker|boss|manager|teacher|student|patient|doctor|therapist|roommate),?"
)
_MONTHS = (
    r"(?i:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|january|february|"
    r"march|april|may|june|july|august|september|october|november|december)"
)
_DATE = (
    rf"(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}}|"
    rf"\d{{1,2}}(?:er|st|nd|rd|th)? {_MONTHS},? \d{{4}}|{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
)
_BORN = r"(?i:née?|born|naissance|birth|dob|anniversaire|birthday)(?i: est| is)?(?i: le| on|\s?:)? "

_SITES = (
    r"(?:facebook\.com|instagram\.com|linkedin\.com/(?:in|pub)|twitter\.com|x\.com|tiktok\.com|threads\.net|"
    r"snapchat\.com/add|github\.com|gitlab\.com|reddit\.com/(?:u|user)|youtube\.com|bsky\.app/profile|t\.me|"
    r"medium\.com|twitch\.tv|mastodon\.\w{2,10}|pinterest\.\w{2,3})"
)
_STREET = (
    r"(?i:rue|avenue|av\.|boulevard|bd|allée|allées|chemin|place|impasse|quai|cours|route|square|passage|villa|"
    r"faubourg)"
)
_LINK = r"(?i:de la|de l['’]|des|du|de|d['’]|la|le|les)"
_ROAD = r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Court|Close|Square|Boulevard|Blvd|Terrace|Way)"

PATTERNS: dict[Kind, tuple[Pattern, ...]] = {
    "EMAIL": (
        Pattern(
            "spelt out",
            r"(?i)\b[\w.+-]{2,40} ?(?:[\[({] ?(?:at|arobase|chez) ?[\])}]|\barobase?\b) ?[\w-]{2,40}"
            r"(?:(?: ?[\[({] ?(?:dot|point) ?[\])}] ?| (?:dot|point) |\.)[\w-]{2,20}){1,3}\b",
        ),
        # Without a bracket only "dot": "at this point in my life" is no address.
        Pattern(
            "spelt out, English",
            r"(?i)\b(?:[\w-]{2,30} dot )?[\w.+-]{2,40} at [\w-]{2,40}(?: dot [\w-]{2,20}){1,3}\b",
        ),
    ),
    "PHONE": (
        # Presidio asks whether a number was given out; one that was not yet may be somebody's tomorrow.
        Pattern(
            "French", r"(?<![\d.,/])(?:(?:\+|00)33[ .-]?(?:\(0\))?|0) ?[1-9](?:[ .\u00a0-]?\d{2}){4}(?!\d)"
        ),
        Pattern("British mobile", r"(?<![\d.,/])07\d{3}[ -]?\d{3}[ -]?\d{3}(?!\d)"),
    ),
    "NIR": (
        Pattern(
            "fifteen or thirteen signs",
            r"(?<![\d.,])[1-478][ .\u00a0]?\d{2}[ .\u00a0]?(?:0[1-9]|1[0-2]|[2-9]\d)"
            r"[ .\u00a0]?(?:\d{2}|2[ABab])[ .\u00a0]?\d{3}[ .\u00a0]?\d{3}[ .\u00a0]?\d{2}(?!\d)",
        ),
        Pattern(
            "in groups, without its key",
            r"(?<![\d.,])[12] \d{2} (?:0[1-9]|1[0-2]) (?:\d{2}|2[ABab]) \d{3} \d{3}(?![ \d])",
        ),
    ),
    "PROFILE": (
        Pattern(
            "site",
            rf"(?i)(?<![\w.-])(?:https?://)?(?:[\w-]{{1,20}}\.)?{_SITES}/@?[\w.%-]{{2,60}}[\w/?=&%#-]{{0,80}}",
        ),
        Pattern(
            "page of a person",
            r"(?i)https?://[\w.-]{3,80}/(?:[\w-]{1,30}/){0,3}(?:~|@|u/|users?/|profile?s?/|profil/|membres?/|people/)"
            r"[\w.-]{2,60}",
        ),
        Pattern("mention", r"(?<=[ \t(«“\"'])@[A-Za-z_][\w.]{1,28}\w(?![\w(@])", 0.4),
    ),
    "NAME": (
        Pattern("after a title", rf"(?<=\b{_TITLES}{_SPACE})(?:{_PARTICLE}{_SPACE})?{_FULL}"),
        Pattern("announced", rf"(?<=\b{_ANNOUNCED}\s{{1,2}}){_FULL}"),
        Pattern("kin and colleagues", rf"(?<=\b{_KIN}{_SPACE}){_FULL}"),
    ),
    "ADDRESS": (
        Pattern(
            "street, French",
            rf"(?<![\d/])\d{{1,4}}(?: ?(?:bis|ter|quater))?,? {_STREET} (?:{_LINK} ?){{0,2}}"
            rf"[\p{{L}}\d'’-]{{2,30}}(?: (?:{_LINK} )?\p{{Lu}}[\p{{L}}'’-]{{1,30}}){{0,3}}"
            rf"(?:,? (?:F-)?\d{{5}} {_WORD})?",
        ),
        Pattern(
            "street, English",
            rf"(?<![\d/])\d{{1,5}}[A-Z]? (?:{_WORD} ){{1,3}}{_ROAD}\b\.?(?:, {_WORD})?",
        ),
    ),
    "BIRTH": (Pattern("date of birth", rf"(?<=\b{_BORN}){_DATE}"),),
}


def is_nir(text: str) -> bool | None:
    """Whether the key of a French social-security number is right; None = it was written without a key."""
    signs = "".join(sign for sign in text.upper() if sign.isalnum())
    if len(signs) != 15:
        return None
    number = signs[:13].replace("2A", "19", 1) if signs[5:7] == "2A" else signs[:13]
    number = number.replace("2B", "18", 1) if signs[5:7] == "2B" else number
    return 97 - int(number) % 97 == int(signs[13:])
