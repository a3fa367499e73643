"""A hostile answer stays where it belongs: between the tags of its slot, in the user's message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from harness.prompt import block_nonce
from harness.schema import PROTOCOLS, Protocol
from harness.verdict.echo import CLOSING_TAG, TAG, without_blocks

if TYPE_CHECKING:
    from tests.injection.conftest import Suite


def test_the_suite_is_large_enough(suite: Suite) -> None:
    """At least forty hostile answers, each in French and English, in every protocol."""
    assert len({attack.case.case_id for attack in suite.attacks}) >= 40
    assert len(suite.attacks) >= 80
    assert {protocol for protocol, *_ in suite.cells} == set(PROTOCOLS)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_hostile_answer_stays_between_its_tags(suite: Suite, protocol: Protocol) -> None:
    """One opening tag, one closing tag, the answer and nothing else between them, whatever it contains."""
    for attack in suite.attacks:
        calls = list(suite.shown(attack, protocol))
        assert calls, attack.name
        for call in calls:
            shown = call.origin.presentation
            slot = shown.slots[shown.order.index(attack.answer_id)]
            tag = f"{slot}-{block_nonce(slot, attack.text)}"
            user = call.request.messages[-1].content
            assert user.count(f"<{tag}>") == user.count(f"</{tag}>") == 1, attack.name
            inside = user.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
            assert inside == f"\n{attack.text}\n", attack.name


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_roles_and_instructions_are_those_of_the_plain_case(suite: Suite, protocol: Protocol) -> None:
    """Two messages, system and user; outside the tags both say to the letter what they say of the twin."""
    for attack in suite.attacks:
        hostile = suite.cell(attack, protocol).calls
        plain = suite.cells[protocol, attack.twin.case_id, attack.language].calls
        assert len(hostile) == len(plain)
        for call in hostile:
            assert [message.role for message in call.request.messages] == ["system", "user"], attack.name
        assert {call.request.messages[0].content for call in hostile} == {
            call.request.messages[0].content for call in plain
        }
        asked = {without_blocks(call.request.messages[-1].content) for call in hostile}
        assert asked == {without_blocks(call.request.messages[-1].content) for call in plain}, attack.name


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_answer_forges_a_tag_of_its_prompt(suite: Suite, protocol: Protocol) -> None:
    """Every tag in a prompt that its text did not bring along opens and closes exactly one block."""
    for attack in suite.attacks:
        for call in suite.shown(attack, protocol):
            user = call.request.messages[-1].content
            opened = {found["tag"] for found in TAG.finditer(user)}
            closed = [found["tag"] for found in CLOSING_TAG.finditer(user)]
            assert all(closed.count(tag) == 1 for tag in opened), attack.name
            forged = set(closed) - opened
            assert all(f"</{tag}>" in attack.text for tag in forged), attack.name
            assert len(opened) == len(call.origin.presentation.order) + 1


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_requests_differ_in_the_hostile_block_alone(suite: Suite, protocol: Protocol) -> None:
    """Schema, sampling and model are those of the twin: an answer cannot change how its judge is asked."""
    for attack in suite.attacks:
        hostile = suite.cell(attack, protocol).calls
        plain = suite.cells[protocol, attack.twin.case_id, attack.language].calls
        settings = {call.request.model_copy(update={"messages": ()}).model_dump_json() for call in hostile}
        assert settings == {
            call.request.model_copy(update={"messages": ()}).model_dump_json() for call in plain
        }


def test_templates_see_no_markup_in_answers(suite: Suite) -> None:
    """An answer that is itself a template is shown as it stands: nothing in it is evaluated."""
    texts = " ".join(attack.text for attack in suite.attacks)
    assert re.search(r"<\|im_start\|>|\[INST\]|### System", texts)
    (attack,) = [one for one in suite.attacks if one.name == "boiler-schema.fr"]
    (call,) = suite.shown(attack, "listwise")
    assert attack.text in call.request.messages[-1].content
