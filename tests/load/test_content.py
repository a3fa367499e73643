from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import CaseError, Problem, RulebookError
from harness.load.content import find_template, load_case_set, load_rulebook, load_rulebooks

if TYPE_CHECKING:
    from tests.load.conftest import Content, World

POEM = "cases/small/poem.yaml"
SET = "cases/small/set.yaml"
HHH = "prompts/rulebooks/hhh.yaml"


def case_problems(world: World) -> tuple[Problem, ...]:
    """Give every problem of the small set."""
    with pytest.raises(CaseError) as caught:
        load_case_set("small", roots=[world.root])
    return caught.value.problems


def only(problems: tuple[Problem, ...]) -> Problem:
    """Give the one problem there is."""
    assert len(problems) == 1, "\n".join(map(str, problems))
    return problems[0]


def test_a_set_and_its_cases_come_in_the_order_of_the_set(world: World) -> None:
    """An id, a folder and a set.yaml give the same set, cases in its order."""
    world.change(SET, lambda content: content.update(case_order=["tea", "poem"]))
    by_id = load_case_set("small", roots=[world.root])
    assert [case.case_id for case in by_id[1]] == ["tea", "poem"]
    assert load_case_set(world.root / "cases/small") == by_id
    assert load_case_set(str(world.root / SET)) == by_id


def test_a_folder_beside_us_needs_no_slash(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare name that is no id but a folder here is that folder."""
    monkeypatch.chdir(world.root / "cases")
    assert load_case_set("small")[0].set_id == "small"


def test_an_unknown_set_names_the_near_one(world: World) -> None:
    """An unknown id says which was meant, or which there are."""
    with pytest.raises(CaseError, match="unknown case set 'smal'; did you mean 'small'"):
        load_case_set("smal", roots=[world.root])
    with pytest.raises(CaseError, match="there are: small"):
        load_case_set("zzz", roots=[world.root])


def test_a_folder_without_description_is_told(tmp_path: Path) -> None:
    """A folder of cases needs its set.yaml; a folder that is not there is said to be missing."""
    with pytest.raises(CaseError, match=r"holds no set\.yaml"):
        load_case_set(tmp_path)
    with pytest.raises(CaseError, match="no such folder"):
        load_case_set(tmp_path / "none")


@pytest.mark.parametrize("n_answers", [3, 5, 6])
def test_a_set_of_four_wants_four_answers(world: World, n_answers: int) -> None:
    """In a set of four answers per case, three, five or six are an error at the line of the answers."""
    answers = [{"answer_id": f"x{n}", "text": {"fr": "a", "en": "b"}} for n in range(n_answers)]
    world.change(POEM, lambda content: content.update(answers=answers, author_key=None))
    problem = only(case_problems(world))
    assert problem.message == f"must be 4 answers in the set 'small', found {n_answers}"
    assert problem.line == world.line_of(POEM, '"answers"')


def test_one_answer_is_too_few_anywhere(world: World) -> None:
    """A case with one answer cannot be ranked."""
    world.change(SET, lambda content: content.update(n_answers=None))
    world.change(POEM, lambda content: content.update(answers=content["answers"][:1]))
    assert "must have at least 2 entries, found 1" in only(case_problems(world)).message


def test_a_set_without_a_number_takes_two_to_ten(world: World) -> None:
    """Where the set declares no number of answers, cases may differ."""
    world.change(SET, lambda content: content.update(n_answers=None))
    world.change(POEM, lambda content: content.update(answers=content["answers"][:2], author_key=None))
    assert len(load_case_set("small", roots=[world.root])[1][0].answers) == 2


def test_a_missing_translation_is_named_in_each_text(world: World) -> None:
    """Every text of a case must be there in every language of its set, commentary included."""

    def spoil(content: Content) -> None:
        del content["title"]["en"]
        del content["answers"][2]["text"]["fr"]
        content["commentary"] = {"fr": "seul"}

    world.change(POEM, spoil)
    problems = case_problems(world)
    assert [problem.field for problem in problems] == ["title.en", "answers.2.text.fr", "commentary.en"]
    assert all("declares fr, en" in problem.message for problem in problems)
    assert problems[0].line == world.line_of(POEM, '"title"')


def test_names_of_files_and_ids_agree(world: World) -> None:
    """A case_id, a set_id and their file or folder have one name."""
    shutil.copy(world.root / POEM, world.root / "cases/small/ode.yaml")
    (world.root / POEM).unlink()
    (world.root / "cases/small").rename(world.root / "cases/little")
    with pytest.raises(CaseError) as caught:
        load_case_set("little", roots=[world.root])
    told = "\n".join(map(str, caught.value.problems))
    assert "case_id: 'poem' stands in ode.yaml" in told
    assert "set_id: 'small' stands in the folder little/" in told
    assert "no file poem.yaml" in told
    assert "ode.yaml:2: case_id: is not in case_order" in told


def test_the_order_lists_each_file_once(world: World) -> None:
    """case_order must name every file, no other, none twice."""
    world.change(SET, lambda content: content.update(case_order=["poem", "poem", "teas"]))
    told = [str(problem) for problem in case_problems(world)]
    assert any("case_order.1: 'poem' is listed twice" in line for line in told)
    assert any("no file teas.yaml" in line and "did you mean 'tea'?" in line for line in told)
    assert any("tea.yaml" in line and "is not in case_order" in line for line in told)
    assert len(told) == 3


def test_duplicate_ids_are_found_within_and_across_cases(world: World) -> None:
    """An answer id is used once in the whole set, a case id too."""
    world.change(POEM, lambda content: content["answers"][1].update(answer_id="poem-a"))
    world.change("cases/small/tea.yaml", lambda content: content["answers"][3].update(answer_id="poem-c"))
    shutil.copy(world.root / POEM, world.root / "cases/small/poem.json")
    told = "\n".join(map(str, case_problems(world)))
    assert "answers.1.answer_id: 'poem-a' is already an answer of poem.json" in told
    assert "answers.3.answer_id: 'poem-c' is already an answer of poem.json" in told
    assert "case_id: is already the case in poem.json" in told


def test_the_key_holds_each_answer_once(world: World) -> None:
    """An answer that the author's key forgets, repeats or does not know is named."""
    key = [["poem-a", "poem-b"], ["poem-a", "zzz"], []]
    world.change(POEM, lambda content: content.update(author_key=key))
    assert [problem.message for problem in case_problems(world)] == [
        "no answer 'zzz'; there are: poem-a, poem-b, poem-c, poem-d",
        "is an empty tier; remove it",
        "must hold each answer once; 'poem-a' stands there 2 times",
        "must hold each answer once; 'poem-c' stands there 0 times",
        "must hold each answer once; 'poem-d' stands there 0 times",
    ]


def test_an_answer_of_a_megabyte_is_refused(world: World) -> None:
    """A text of 20,000 characters is read, one more is an error; so is a whole megabyte."""
    world.change(POEM, lambda content: content["answers"][0]["text"].update(fr="é" * 20_000))
    assert load_case_set("small", roots=[world.root])
    for length in (20_001, 1_000_000):
        world.records[POEM]["answers"][0]["text"]["fr"] = "a" * length
        world.save(POEM)
        problem = only(case_problems(world))
        assert problem.message == f"has {length:,} characters; at most 20,000 are read"
        assert problem.field == "answers.0.text.fr"
        assert len(str(problem)) < 300


def test_emoji_and_right_to_left_text_are_kept(world: World) -> None:
    """Emoji, joined ones too, and Hebrew or Arabic arrive unchanged."""
    text = "👩‍👧 شكرًا 😀 שלום\n\tligne 2"
    world.change(POEM, lambda content: content["answers"][0]["text"].update(fr=text))
    assert load_case_set("small", roots=[world.root])[1][0].answers[0].text["fr"] == text


def test_control_characters_are_refused(world: World) -> None:
    """A control character, even one written as an escape, is named with its code."""
    world.change(POEM, lambda content: content["answers"][0]["text"].update(fr="a\x1b[31mb"))
    problem = only(case_problems(world)[:1])
    assert "U+001B" in problem.message
    assert problem.line == world.line_of(POEM, "u001b")


def test_problems_of_several_files_come_together(world: World) -> None:
    """One broken file hides no problem of another."""
    (world.root / POEM).write_text("case_id: [\n", encoding="utf-8")
    world.change("cases/small/tea.yaml", lambda content: content.update(stakes="high", titel="x"))
    world.change(SET, lambda content: content.update(n_grades=11))
    names = [problem.path.name for problem in case_problems(world)]
    assert names == ["set.yaml", "poem.yaml", "tea.yaml", "tea.yaml"]


def test_rulebooks_come_in_the_order_asked_for(world: World) -> None:
    """Rulebooks are found by id and by path, all of them where none is named."""
    path = world.root / HHH
    asked = load_rulebooks(["none", path], roots=[world.root])
    assert [rulebook.rulebook_id for rulebook in asked] == ["none", "hhh"]
    known = load_rulebooks(roots=[world.root])
    assert [rulebook.rulebook_id for rulebook in known] == ["hhh", "none"]


def test_every_unknown_rulebook_is_named(world: World) -> None:
    """Two unknown rulebooks are two problems."""
    with pytest.raises(RulebookError) as caught:
        load_rulebooks(["hh", "nonne", "hhh"], roots=[world.root])
    assert [problem.message for problem in caught.value.problems] == [
        "unknown rulebook 'hh'; did you mean 'hhh'?",
        "unknown rulebook 'nonne'; did you mean 'none'?",
    ]


def test_what_is_wrong_in_a_rulebook_is_told_at_once(world: World) -> None:
    """Numbers out of order, missing wordings and languages, and a wrong id are all named."""

    def spoil(content: Content) -> None:
        content["rulebook_id"] = "other"
        content["rules"][1]["number"] = 5
        del content["rules"][0]["text"]["paraphrase"]
        del content["rules"][2]["text"]["base"]["en"]

    world.change(HHH, spoil)
    with pytest.raises(RulebookError) as caught:
        load_rulebook("hhh", roots=[world.root])
    told = {problem.field: problem.message for problem in caught.value.problems}
    assert told.keys() == {"rulebook_id", "rules.1.number", "rules.0.text.paraphrase", "rules.2.text.base.en"}
    assert told["rules.1.number"] == "must be 2 (rules count 1, 2, 3 ...), found 5"


def test_only_the_empty_rulebook_has_no_rules(world: World) -> None:
    """The role none and an empty list of rules go together."""
    world.change(HHH, lambda content: content.update(role="none"))
    world.change("prompts/rulebooks/none.yaml", lambda content: content.update(role="placebo"))
    with pytest.raises(RulebookError) as caught:
        load_rulebooks(roots=[world.root])
    assert [problem.field for problem in caught.value.problems] == ["rules", "rules"]


def test_a_template_is_found_by_id_and_language(world: World) -> None:
    """A template of one's own is found; one that does not exist is None."""
    path = world.root / "prompts/templates/mine.fr.j2"
    path.parent.mkdir()
    path.write_text("x", encoding="utf-8")
    assert find_template("mine", "fr", roots=[world.root]) == path
    assert find_template("mine", "en", roots=[world.root]) is None
