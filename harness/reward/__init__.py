"""A reward model: learns from people's grades which answers they would prefer, and says what moves it.

Reading order: `lexicons` and `features` (what is counted in a text), `embedding` (the only place that knows
the extra `reward`), `table` (a run as what can be learned from), `learn` (the fit, and how well it predicts),
`files` (the JSON file), `reading` (texts under a fitted model), `scoring` (as an annotator of a run), `told`
(what the page shows). The statistics are in `harness.stats.reward*`.
"""

from harness.reward.files import load_reward, write_reward
from harness.reward.reading import Explanation, explain, worth

__all__ = ["Explanation", "explain", "load_reward", "worth", "write_reward"]
