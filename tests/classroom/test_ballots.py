"""One ballot under whatever a network does to the edits of its pages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.classroom.store.ballots import Kept
from harness.schema.classroom import Edit

ANSWERS = ("a", "b", "c")
GRADES = st.dictionaries(st.sampled_from(ANSWERS), st.none() | st.integers(1, 4), min_size=1)


def _page(name: str, said: list[dict[str, int | None]]) -> list[Edit]:
    """The edits of one page, numbered as the page numbers them."""
    return [
        Edit(page=name, number=number, case_id="poem", grades=grades, seconds=number)
        for number, grades in enumerate(said, start=1)
    ]


def _kept(edits: list[Edit]) -> Kept:
    ballot = Kept({}, {})
    for edit in edits:
        ballot.put(edit)
        ballot = Kept.read(*_stored(ballot))
    return ballot


def _stored(ballot: Kept) -> tuple[str, float | None, str]:
    grades, _, seconds, marks = ballot.columns()
    return grades, seconds, marks


@given(st.lists(GRADES, max_size=8), st.data())
def test_a_page_says_the_same_in_any_order(said: list[dict[str, int | None]], data: st.DataObject) -> None:
    """However the edits of a page are reordered and repeated, the ballot is what the page shows."""
    edits = _page("page-one", said)
    shown: dict[str, int | None] = {}
    for grades in said:
        shown |= grades
    more = data.draw(st.lists(st.sampled_from(edits))) if edits else []
    arrived = data.draw(st.permutations([*edits, *more]))
    ballot = _kept(list(arrived))
    assert ballot.grades == {name: grade for name, grade in shown.items() if grade is not None}
    assert ballot.seconds == (len(said) or None)


@given(st.lists(GRADES, max_size=6), st.lists(GRADES, max_size=6), st.data())
def test_a_repeated_edit_changes_nothing(
    first: list[dict[str, int | None]], second: list[dict[str, int | None]], data: st.DataObject
) -> None:
    """With two pages open, whatever was acknowledged once may come again without undoing the other page."""
    one, other = _page("page-one", first), _page("page-two", second)
    turns = data.draw(st.permutations([0] * len(one) + [1] * len(other)))
    queues = (iter(one), iter(other))
    arrived = [next(queues[turn]) for turn in turns]
    once = _kept(arrived)
    again = _kept([*arrived, *data.draw(st.lists(st.sampled_from(arrived)))]) if arrived else once
    assert (again.grades, again.seconds) == (once.grades, once.seconds)


def test_news_are_told_from_repetitions() -> None:
    """An edit says whether it changed anything: pictures are drawn anew only then."""
    ballot = Kept({}, {})
    edit = _page("page-one", [{"a": 1}])[0]
    assert ballot.put(edit)
    assert not ballot.put(edit)
    assert ballot.put(edit.model_copy(update={"number": 2}))
