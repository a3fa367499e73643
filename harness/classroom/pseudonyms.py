"""Names that say nothing about anybody: an animal and a number, the same animal in both languages."""

from __future__ import annotations

import random
from functools import lru_cache
from typing import NamedTuple

from harness.schema.base import Language
from harness.schema.classroom import Pupil


class Animal(NamedTuple):
    """One animal; none whose name is an insult in French or English, or makes a class laugh."""

    fr: str
    en: str


ANIMALS: tuple[Animal, ...] = (
    Animal("Abeille", "Bee"),
    Animal("Alouette", "Lark"),
    Animal("Antilope", "Antelope"),
    Animal("Axolotl", "Axolotl"),
    Animal("Bergeronnette", "Wagtail"),
    Animal("Bison", "Bison"),
    Animal("Bouquetin", "Ibex"),
    Animal("Campagnol", "Vole"),
    Animal("Caribou", "Caribou"),
    Animal("Cerf", "Stag"),
    Animal("Chamois", "Chamois"),
    Animal("Chevreuil", "Roe deer"),
    Animal("Cigale", "Cicada"),
    Animal("Cigogne", "Stork"),
    Animal("Coccinelle", "Ladybird"),
    Animal("Colibri", "Hummingbird"),
    Animal("Cormoran", "Cormorant"),
    Animal("Cygne", "Swan"),
    Animal("Dauphin", "Dolphin"),
    Animal("Écureuil", "Squirrel"),
    Animal("Élan", "Moose"),
    Animal("Épervier", "Sparrowhawk"),
    Animal("Faucon", "Falcon"),
    Animal("Fennec", "Fennec fox"),
    Animal("Flamant", "Flamingo"),
    Animal("Geai", "Jay"),
    Animal("Gecko", "Gecko"),
    Animal("Grillon", "Cricket"),
    Animal("Guépard", "Cheetah"),
    Animal("Hérisson", "Hedgehog"),
    Animal("Hermine", "Stoat"),
    Animal("Héron", "Heron"),
    Animal("Hippocampe", "Seahorse"),
    Animal("Hirondelle", "Swallow"),
    Animal("Huppe", "Hoopoe"),
    Animal("Iguane", "Iguana"),
    Animal("Impala", "Impala"),
    Animal("Jaguar", "Jaguar"),
    Animal("Kangourou", "Kangaroo"),
    Animal("Koala", "Koala"),
    Animal("Lama", "Llama"),
    Animal("Libellule", "Dragonfly"),
    Animal("Lièvre", "Hare"),
    Animal("Loir", "Dormouse"),
    Animal("Loutre", "Otter"),
    Animal("Luciole", "Firefly"),
    Animal("Lynx", "Lynx"),
    Animal("Macareux", "Puffin"),
    Animal("Marmotte", "Marmot"),
    Animal("Martinet", "Swift"),
    Animal("Moineau", "Sparrow"),
    Animal("Narval", "Narwhal"),
    Animal("Panda", "Panda"),
    Animal("Papillon", "Butterfly"),
    Animal("Pélican", "Pelican"),
    Animal("Pinson", "Finch"),
    Animal("Puma", "Puma"),
    Animal("Quokka", "Quokka"),
    Animal("Renard", "Fox"),
    Animal("Renne", "Reindeer"),
    Animal("Rossignol", "Nightingale"),
    Animal("Rouge-gorge", "Robin"),
    Animal("Salamandre", "Salamander"),
    Animal("Saumon", "Salmon"),
    Animal("Scarabée", "Beetle"),
    Animal("Sittelle", "Nuthatch"),
    Animal("Sterne", "Tern"),
    Animal("Tamanoir", "Anteater"),
    Animal("Tapir", "Tapir"),
    Animal("Tatou", "Armadillo"),
    Animal("Tigre", "Tiger"),
    Animal("Tortue", "Tortoise"),
    Animal("Toucan", "Toucan"),
    Animal("Triton", "Newt"),
    Animal("Wombat", "Wombat"),
)
NUMBERS_PER_ROUND = 9


def draw_pseudonym(seed: int, number: int) -> tuple[int, int]:
    """Place of the animal in ANIMALS, and its number, for the pupil who joined as number `number` (from 1).

    No two pupils of a session share both, however many join.
    """
    turn, place = divmod(number - 1, len(ANIMALS))
    digit = random.Random(f"{seed}/number/{number}").randint(1, NUMBERS_PER_ROUND)
    return _shuffled(seed)[place], turn * NUMBERS_PER_ROUND + digit


def name_of(pupil: Pupil, language: Language) -> str:
    """A pupil's pseudonym: "Loutre 7", "Otter 7"."""
    animal = ANIMALS[pupil.animal]
    return f"{animal.fr if language == 'fr' else animal.en} {pupil.animal_number}"


@lru_cache(maxsize=64)
def _shuffled(seed: int) -> tuple[int, ...]:
    places = list(range(len(ANIMALS)))
    random.Random(f"{seed}/animals").shuffle(places)
    return tuple(places)
