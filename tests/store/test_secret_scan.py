from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import StoreError
from harness.schema import canonical_json
from harness.store.secret_scan import SecretScan, refuse_secrets, secret_fields

SECRETS = [
    "sk-proj-abcdefghij0123456789",
    "Authorization: Bearer abcdef0123456789abcdef",
    "AKIAIOSFODNN7EXAMPLE",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "hf_abcdefghijklmnopqrstuvwxyz",
    "-----BEGIN RSA PRIVATE KEY-----",
    'api_key="q8Zr3vLx0TnB7mWk2YpA9dQe"',
    "api_key: q8Zr3vLx0TnB7mWk2YpA9dQe",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_known_shapes_refused_without_showing_them(secret: str) -> None:
    """A known key shape anywhere in a string is refused; the message names the field, not the value."""
    with pytest.raises(StoreError, match=r"answer 1\.completion\.text") as caught:
        refuse_secrets([("answer 1", {"completion": {"text": f"before {secret} after"}})], {})
    assert secret not in str(caught.value)


def test_values_of_secret_variables_refused() -> None:
    """The very value of an environment variable that holds a key is refused, whatever its shape."""
    environ = {"ACME_API_KEY": "plain-words-here", "HOME_TOKEN": "short", "PATH": "/usr/bin-and-more"}
    assert secret_fields(["x plain-words-here y"], "texts", ["plain-words-here"]) == ["texts[0]"]
    with pytest.raises(StoreError, match="attempt"):
        refuse_secrets([("attempt", "Wrong key: plain-words-here")], environ)
    refuse_secrets([("attempt", "short is too short to mean anything; so is /usr/bin-and-more")], environ)


def test_a_field_named_as_a_key_is_refused() -> None:
    """A parameter called api_key is refused even when its value looks like nothing."""
    assert secret_fields({"parameters": {"api_key": "my own words"}}, "answer") == [
        "answer.parameters.api_key"
    ]


def test_a_secret_used_as_a_name_is_not_shown() -> None:
    """A secret that stands where a field's name should be is found, and its path is not printed."""
    with pytest.raises(StoreError, match="manifest") as caught:
        refuse_secrets([("manifest", {SECRETS[0]: 1, "x": {SECRETS[1]: {"y": SECRETS[2]}}})], {})
    assert not any(secret in str(caught.value) for secret in SECRETS)


@pytest.mark.parametrize(
    "text",
    [
        "Ask-me-anything about task-force-management-skills.",
        "Mon mot de passe : je ne le donne à personne.",
        "The secret: aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "api_key_env is OPENAI_API_KEY",
        "The bearer of this letter is my friend.",
        "3202d510a64a0f81bc8ca9822941cf38453ed6d29d81f6ed84aa6389d6d5ff2a",
    ],
)
def test_ordinary_text_passes(text: str) -> None:
    """Ordinary prose, repeated letters, variable names and hashes are no secrets."""
    assert secret_fields(text, "texts") == []


@given(
    st.lists(
        st.sampled_from(
            [*SECRETS, "sk-", "Bearer ", "api_key=", "pas\u017fword: ", "\\", '"', "\n", "é", "x"]
        )
        | st.text(max_size=12),
        max_size=5,
    ),
    st.sampled_from(["text", "api_key", "x-API-Key", "access-token", "secret"]),
)
def test_a_line_without_a_hint_holds_no_secret(parts: list[str], name: str) -> None:
    """Looking for hints in a written line finds everything that looking through its strings finds."""
    plain = {name: "".join(parts).encode("utf-8", "replace").decode(), "n": 1}
    environ = {"MY_API_KEY": 'wörd "quoted" words'}
    slow, quick = SecretScan(environ), SecretScan(environ)
    slow.look("line 1", plain)
    quick.look_at_line("line 1", plain, canonical_json(plain))
    assert quick.found == slow.found
