"""A reward model: learns from people's grades which answers they would prefer, and says what moves it.

Reading order: `lexicons` and `features` (what is counted in a text), `embedding` (the only place that knows
the extra `reward`), `reading` (a text under a fitted model), `files` (the JSON file).
"""

from harness.reward.files import load_reward, write_reward
from harness.reward.reading import Explanation, explain, worth

__all__ = ["Explanation", "explain", "load_reward", "worth", "write_reward"]
