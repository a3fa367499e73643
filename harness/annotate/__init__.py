"""People grade cases at a terminal, some with a judge's grades in sight, as the lot decides.

Reading order: `content` (which cases, which rules), `proposals` (what a judge said, as grades), `dealing`
(who sees what, drawn before the first case and kept), `entry` (what a person types), `screen` and `words`
(what a person reads), `table` (the people's grades on disk) and `waiting` (for others who write), `sitting`
(the loop).
"""

from harness.annotate.content import Content, load_content
from harness.annotate.dealing import Design, Study, deal
from harness.annotate.proposals import load_proposals
from harness.annotate.sitting import Sitting, Tally, Terminal
from harness.annotate.table import PeopleTable

__all__ = [
    "Content",
    "Design",
    "PeopleTable",
    "Sitting",
    "Study",
    "Tally",
    "Terminal",
    "deal",
    "load_content",
    "load_proposals",
]
