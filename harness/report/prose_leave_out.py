"""What the report says of panels of judges without each of their judges, in both languages."""

from __future__ import annotations

from harness.report.words import Both

LEAVE_OUT: dict[str, Both] = {
    "leave_out_section": {"fr": "Qui porte le groupe de juges ?", "en": "Who carries the panel of judges?"},
    "leave_out_title": {
        "fr": "{judge} porte le groupe : sans ce juge, l’accord passe de {whole} à {without}",
        "en": "{judge} carries the panel: without it, agreement goes from {whole} to {without}",
    },
    "leave_out_title_open": {
        "fr": "Sans l’un de ses juges, l’accord du groupe ({whole}) change de {most} au plus ; aucun écart n’est sûr",
        "en": "Without any one of its judges, the panel’s agreement ({whole}) changes by {most} at most; "
        "no difference is certain",
    },
    "leave_out_title_apart": {
        "fr": "Jusqu’où chaque juge s’accorde avec les autres juges du groupe",
        "en": "How far each judge agrees with the other judges of the panel",
    },
    "leave_out_caption": {
        "fr": "{name} : ses juges lus comme un seul annotateur, puis sans chacun d’eux. « Apport » : accord τₓ du groupe "
        "entier moins accord du groupe sans ce juge, sur les mêmes cas ; au-dessous de 0, le groupe s’accorde mieux sans "
        "lui. {targets}",
        "en": "{name}: its judges read as one annotator, then without each of them. “Carried”: agreement τₓ of the whole "
        "panel minus agreement without this judge, on the same cases; below 0, the panel agrees better without it. "
        "{targets}",
    },
    "leave_out_name": {"fr": "Groupe de {n} juges", "en": "Panel of {n} judges"},
    "leave_out_named": {"fr": "Groupe « {panel} » de {n} juges", "en": "Panel “{panel}” of {n} judges"},
    "leave_out_without": {"fr": "sans ce juge", "en": "without this judge"},
    "leave_out_carried": {"fr": "apport", "en": "carried"},
    "leave_out_others": {"fr": "avec les autres juges", "en": "with the other judges"},
    "leave_out_more": {
        "fr": "Autres groupes et autres règlements ({n})",
        "en": "Other panels and other rulebooks ({n})",
    },
}
