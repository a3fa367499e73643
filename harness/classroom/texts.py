"""Every word that a screen of the classroom says: a folder of YAML files per language, one per screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.classroom.pseudonyms import ANIMALS
from harness.errors import InputError, Problem
from harness.load.near import suggestion
from harness.load.yaml import read_document
from harness.report.typography import typeset
from harness.schema import Language

FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class Words:
    """The words of one language, by dotted key: the file's name, then the keys in it (`pupil.progress`)."""

    language: Language
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Give the text of a key with `{name}` filled in; raises KeyError, naming a near key."""
        if key not in self.texts:
            raise KeyError(f"no text '{key}' in {self.language}{suggestion(key, tuple(self.texts))}")
        return self.texts[key].format(**values) if values else self.texts[key]

    def counted(self, key: str, n: int, **values: object) -> str:
        """Give `key.one` or `key.many`, with `{n}` filled in: in French nought and one are singular."""
        one = n < 2 if self.language == "fr" else n == 1
        return self(f"{key}.{'one' if one else 'many'}", n=n, **values)

    def section(self, prefix: str) -> dict[str, str]:
        """Give all the texts under a prefix, by the rest of their keys: what a page hands to its script."""
        start = f"{prefix}."
        return {key.removeprefix(start): text for key, text in self.texts.items() if key.startswith(start)}

    def pseudonym(self, animal: int, number: int) -> str:
        """Give the name that a pupil goes by: an animal and a number."""
        names = ANIMALS[animal % len(ANIMALS)]
        return f"{names.fr if self.language == 'fr' else names.en}\u00a0{number}"


@cache
def words(language: Language) -> Words:
    """Read the words of a language, French ones with their non-breaking spaces; raises InputError."""
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.yaml")):
        texts |= {key: typeset(text, language) for key, text in _flat(path, _content(path), path.stem)}
    return Words(language, texts)


def _content(path: Path) -> dict[str, object]:
    document, problems = read_document(path)
    if problems:
        raise InputError(problems)
    if not isinstance(document.content, dict):
        raise InputError([Problem(path, 1, "", "must hold named texts")])
    return document.content


def _flat(path: Path, content: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        key = f"{prefix}.{name}"
        if isinstance(value, dict):
            yield from _flat(path, value, key)
        elif isinstance(value, str):
            yield key, value
        else:
            raise InputError([Problem(path, None, key, f"must be a text, found {value!r}; put it in quotes")])
