from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import StoreError
from harness.schema import canonical_json
from harness.schema.secrets import secret_values
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


MORE = [
    *("ASIAIOSFODNN7EXAMPLE", "gsk_abcdefghijklmnopqrstuvwxyz", "github_pat_abcdefghijklmnopqrstuvwxyz"),
    *(f"gh{letter}_abcdefghijklmnopqrstuvwxyz0123456789" for letter in "ousr"),
    *("xoxb-0123456789-ab", "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0", "bEARER\u2003abcdef0123456789abcdef"),
    *(f"{name}: 'q8Zr3vLx0TnB7mWk2YpA9dQe" for name in ("apiKey", "api-key", "SECRET", "Password")),
    *(f"{name}=q8Zr3vLx0TnB7mWk2YpA9dQe" for name in ("pa\u017f\u017fword", "ap\u0131key", "api\u212aey")),
    *(f"{name}=q8Zr3vLx0TnB7mWk2YpA9dQe" for name in ("AP\u0130_KEY", "\u017fecret", "author\u0131zation")),
    *('wörd "quoted" w/ords', "PLAIN/words\\here", "éééééééé"),
]
ODDS = ["sk-", "Bearer ", "api_key=", "q8Zr3vLx0TnB7mWk2YpA9dQe", "\\", '"', "\n", "\x00", "/", "\u2028", "é"]
PIECES = st.lists(st.sampled_from([*SECRETS, *MORE, *ODDS]) | st.text(max_size=12), max_size=5)
NAMES = st.sampled_from(
    ["text", "api_key", "x-API-Key", "my.apikey", "access-token", "AccessToken", "secret", "Authorization"]
)
ENVIRON = {
    "MY_API_KEY": 'wörd "quoted" w/ords',
    "TOLD_TOKEN": "PLAIN/words\\here",
    "ODD_SECRET": "éééééééé",
}


def _walked(name: str, plain: object) -> list[str]:
    return secret_fields(plain, name, secret_values(ENVIRON))


def _found(record: str, plain: object) -> list[str]:
    """What the quick ways find: both the same."""
    scan, lines = SecretScan(ENVIRON), SecretScan(ENVIRON)
    scan.look(record, plain)
    lines.look_at_line(record, lambda: plain, canonical_json(plain))
    assert scan.found == lines.found
    return scan.found


@pytest.mark.parametrize("secret", [*SECRETS, *MORE])
@pytest.mark.parametrize("around", ["{}", "a\n{}\n", 'said "{}"'])
def test_every_shape_is_a_hint(secret: str, around: str) -> None:
    """Each kind of secret is met in what is written, also in the midst of escapes, as text and as name."""
    text = around.format(secret)
    for plain in ({"text": text}, {text: 1}, [text], text):
        assert _found("line 1", plain) == _walked("line 1", plain) != []


@pytest.mark.parametrize(
    "name", ["api_key", "X-API-Key", "my-apikey", "Authorization", "password", "access-token", "AccessToken"]
)
def test_every_name_of_a_secret_is_a_hint(name: str) -> None:
    """A field or a record that is called as a key is met, whatever stands there."""
    assert _found("line 1", {"x": {name: "my own words"}}) == [f"line 1.x.{name}"]
    assert _found(name, "my own words") == [name]


@given(PIECES, NAMES, st.sampled_from(["line 1", "api_key"]))
def test_a_record_without_a_hint_holds_no_secret(parts: list[str], name: str, record: str) -> None:
    """Looking for hints in what is written finds everything that looking through its strings finds."""
    text = "".join(parts).encode("utf-8", "replace").decode()
    for plain in ({name: text, "n": 1}, {text: {name: [text, 2.5, None]}}, [{"a": text}], text):
        assert _found(record, plain) == _walked(record, plain)


@given(PIECES)
def test_escapes_of_strangers_hide_nothing(parts: list[str]) -> None:
    """A line that another program wrote, with every letter escaped, is looked through all the same."""
    text = "".join(parts).encode("utf-8", "replace").decode()
    escaped = "".join(f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else sign for sign in text)
    line = f'{{"text":"{escaped}"}}'.encode()
    plain = json.loads(line)
    scan = SecretScan(ENVIRON)
    scan.look_at_line("line 1", lambda: plain, line)
    assert scan.found == _walked("line 1", plain)


def test_a_line_without_a_hint_is_not_looked_through() -> None:
    """Prose about tasks, tokens and keys costs one search: nobody asks for its strings."""
    prose = {"text": "Ask the risk committee; the turkey is key.", "max_tokens": 9, "usage": {"tokens": 3}}
    asked: list[object] = []
    scan = SecretScan(ENVIRON)
    scan.look_at_line("line 1", lambda: asked.append(prose), canonical_json(prose))
    assert asked == []


def test_a_value_of_mere_signs_is_looked_for_everywhere() -> None:
    """A key that JSON writes wholly differently leaves no hint, so every line is looked through."""
    scan = SecretScan({"SIGNS_TOKEN": '"\\' * 4})
    scan.look("line 1", {"text": "it is " + '"\\' * 4})
    assert scan.found == ["line 1.text"]


def test_what_json_cannot_hold_is_looked_through_all_the_same() -> None:
    """A value that cannot be written as JSON is no way around the scan."""
    with pytest.raises(StoreError, match=r"odd\.text"):
        refuse_secrets([("odd", {"text": SECRETS[0], "path": object()})], {})
