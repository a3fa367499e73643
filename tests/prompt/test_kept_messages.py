"""Messages that many prompts share are rendered once, and are the ones that each would be given alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from harness.errors import TemplateError
from harness.prompt import (
    PAIR_SLOTS,
    POINT_SLOTS,
    KeptMessages,
    PromptSource,
    Template,
    render_listwise,
    render_pairwise,
    render_pointwise,
)
from harness.schema import Message, Presentation
from tests.test_prompt import invented_case, invented_rulebook, invented_source, shipped_template, shown

USER = "{% block user %}{{ message.text }}{% for one in blocks %}{{ one.open }}{% endfor %}{% endblock %}"


def written(tmp_path: Path, system: str, user: str = USER) -> Template:
    """A template with these blocks."""
    path = tmp_path / "own.en.j2"
    path.write_text(f"{{% block system %}}{system}{{% endblock %}}{user}")
    return Template(path)


def sources() -> list[PromptSource]:
    """What prompts of one experiment are rendered from; the same cases and rulebooks come back."""
    cases = [invented_case(), invented_case(message={"fr": "Bonjour ?", "en": "Hello?"})]
    bare = invented_rulebook(rules=[], role="none")
    rulebooks = [invented_rulebook(), bare]
    told = product(cases, rulebooks, ("en", "fr"), (False, True))
    return [
        invented_source().model_copy(
            update={"case": case, "rulebook": rulebook, "language": language, "dimensions": dimensions}
        )
        for case, rulebook, language, dimensions in told
    ]


def prompts(source: PromptSource, kept: KeptMessages | None) -> Iterator[tuple[Message, ...]]:
    """Prompts of every protocol, in several orders."""
    case, language = source.case, source.language
    template = shipped_template(f"listwise.{language}")
    yield from (
        render_listwise(template, source, shown(case, *order), kept) for order in ((0, 1, 2), (2, 1, 0))
    )
    for repeat, tie in product((0, 1), (False, True)):
        pair = Presentation(order=("doctor-c", "doctor-a"), slots=PAIR_SLOTS[repeat])
        yield render_pairwise(shipped_template(f"pairwise.{language}"), source, pair, kept, allow_tie=tie)
        point = Presentation(order=("doctor-b",), slots=(POINT_SLOTS[repeat],))
        yield render_pointwise(shipped_template(f"pointwise.{language}"), source, point, kept, as_form=tie)


@pytest.mark.parametrize("room", [0, 3_000, 10**6], ids=["no room", "little room", "room for all"])
def test_kept_messages_are_those_of_each_prompt_alone(room: int) -> None:
    """Whatever was rendered before, every prompt is the one that stands alone."""
    kept = KeptMessages(room)
    asked = sources()
    for source in (*asked, *asked):
        assert [*prompts(source, kept)] == [*prompts(source, None)]


def test_what_a_block_does_not_read_makes_no_other_message() -> None:
    """Rulebooks share the case, cases share the rulebook; the very same messages."""
    template = shipped_template("listwise.en")
    first, other_case = invented_source(), invented_case(message={"en": "Hello?"})
    same_rules = first.model_copy(update={"case": other_case})
    same_case = first.model_copy(update={"rulebook": invented_rulebook(rules=[], role="none")})
    kept = KeptMessages()
    system, user = render_listwise(template, first, shown(first.case), kept)
    assert render_listwise(template, same_rules, shown(other_case), kept)[0] is system
    assert render_listwise(template, same_case, shown(first.case), kept)[1] is user
    assert render_listwise(template, same_case, shown(first.case), kept)[0] != system


@pytest.mark.parametrize(
    ("system", "reads"),
    [
        pytest.param("Grade.", (False, False, ()), id="nothing"),
        pytest.param("{{ preamble }}", (True, False, ()), id="rulebook"),
        pytest.param("{% for rule in rules %}{{ rule.text }}{% endfor %}", (True, False, ()), id="loop"),
        pytest.param(
            "{% if blocks %}{{ n_grades }}{% endif %}", (False, True, ("n_grades",)), id="condition"
        ),
        pytest.param("{% set n = slots %}{{ n }}", (False, True, ()), id="under another name"),
        pytest.param("{% block inner %}{{ rules }}{% endblock %}", (True, False, ()), id="block in a block"),
    ],
)
def test_a_template_knows_what_its_blocks_read(
    tmp_path: Path, system: str, reads: tuple[bool, bool, tuple[str, ...]]
) -> None:
    """Variables are found wherever they stand in a block, and the other block's are not its own."""
    template = written(tmp_path, system)
    assert template.reads["system"] == reads
    assert template.reads["user"] == (False, True, ())


def test_a_block_that_holds_the_other_reads_what_that_one_reads(tmp_path: Path) -> None:
    """`self.user()` writes another block: nothing is shared then."""
    template = written(tmp_path, "{{ self.user() }}")
    kept, source = KeptMessages(), invented_source()
    for order in ((0, 1, 2), (2, 1, 0)):
        system, user = render_listwise(template, source, shown(source.case, *order), kept)
        assert system.content == user.content


def test_an_unknown_variable_is_named_as_ever(tmp_path: Path) -> None:
    """What cannot be rendered is kept neither."""
    template, source, kept = written(tmp_path, "{{ mood }}"), invented_source(), KeptMessages()
    for _ in range(2):
        with pytest.raises(TemplateError, match="'mood' is undefined; the variables are blocks"):
            render_listwise(template, source, shown(source.case), kept)
