"""`promptfoo`: a configuration with the same prompts as tests, to be run against any provider.

What is easy to get wrong: promptfoo renders variables as Nunjucks templates, fills `{{ name }}` in them with
other variables, and loads a variable that begins with `file://` from the disk. Texts of cases come from
outside, so whatever begins a template is written as an expression that gives it back.
"""

from __future__ import annotations

import io
import re
from collections import Counter

from pydantic import JsonValue
from ruamel.yaml import YAML

from harness.formats.out.asked_cases import AskedCase, asked_cases, sentences
from harness.formats.out.base import Choices, Material, Plain, Writer, Written
from harness.formats.out.registry import SUMMARIES
from harness.prompt import as_one_text

_TEMPLATE = re.compile(r"\{(?=[{%#])")
_BRACE = '{{ "{" }}'
_NOTHING = '{{ "" }}'
_SCHEME = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:")
_CHECK = """\
const pairs = context.vars.preferred.split(',').map(pair => pair.split('>'));
const gradesAll = found => pairs.flat().every(slot => Number.isFinite(found[slot]));
const read = text => { try { return JSON.parse(text); } catch { return null; } };
const objects = (output.match(/[{][^{}]*[}]/g) ?? []).map(read);
const grades = objects.find(found => found !== null && gradesAll(found));
if (!grades) return { pass: false, score: 0, reason: 'unreadable: no JSON object grades every answer' };
const gaps = pairs.map(([better, worse]) => grades[better] - grades[worse]);
const score = gaps.reduce((sum, gap) => sum + (gap > 0 ? 1 : gap === 0 ? 0.5 : 0), 0) / gaps.length;
return { pass: true, score, reason: 'share of the pairs ordered as people do' };
"""
_HOW = """\
    npx promptfoo eval -c promptfooconfig.yaml

`providers` names `echo`, which sends the prompt back and needs no key: put your own there. Where people's
grades are known, an assertion gives the share of their pairs that the reply orders alike (equal grades count
one half). A test passes when the reply can be read: promptfoo knows no test without a score, and an
unreadable reply counts there as failed with score 0."""


def write_promptfoo(material: Material, choices: Choices) -> Written:
    """A configuration with one test per case and rulebook; raises HarnessError when nothing can be asked."""
    counts: Counter[str] = Counter()
    asked = asked_cases(material, choices, counts)
    title = next(iter(material.case_set.title.values()))
    content: dict[str, JsonValue] = {
        "description": f"{'SIMULATED people: ' if material.simulated else ''}{inert(title)}",
        "prompts": ["{{ request }}"],
        "providers": ["echo"],
        "tests": [_test(one) for one in asked],
    }
    return Written(
        files=(Plain("promptfooconfig.yaml", _yaml(content)),),
        counts=dict(counts),
        notes=tuple(sentences(counts)),
        how_to_read=_HOW,
    )


def inert(text: str) -> str:
    """A text that, rendered once as a template, is itself again; and that names no file to load."""
    shown = _TEMPLATE.sub(lambda _: _BRACE, text)
    return f"{_NOTHING}{shown}" if _SCHEME.match(shown) else shown


def _test(one: AskedCase) -> dict[str, JsonValue]:
    (message,) = as_one_text(one.messages)
    mark = "SIMULATED people: " if one.simulated else ""
    about: dict[str, JsonValue] = {
        "description": f"{mark}{one.name}",
        "vars": {"request": inert(message.content), "preferred": one.preferences},
        "metadata": {
            "case_id": one.case.case_id,
            "rulebook_id": one.rulebook_id,
            "language": one.language,
            "n_people": one.n_people,
            "simulated": one.simulated,
            **{f"slot_{slot}": name for slot, name in one.slots.items()},
        },
    }
    if one.preferred:
        about["assert"] = [{"type": "javascript", "metric": "as people order", "value": _CHECK}]
    return about


def _yaml(content: dict[str, JsonValue]) -> str:
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.width = 100_000
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = io.StringIO()
    writer.dump(content, stream)
    return stream.getvalue()


WRITER = Writer("promptfoo", SUMMARIES["promptfoo"], write_promptfoo)
