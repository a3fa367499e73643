"""People as annotators, for those who ask them: agreement, signals, and themselves asked again."""

from __future__ import annotations

from harness.compare.crowd import build_crowd
from harness.compare.people_panel import N_SHUFFLES, people_panel
from harness.compare.people_rungs import people_rungs
from harness.compare.source import ComparisonSource, build_layout
from harness.errors import HarnessError
from harness.schema.asking import AnnotatorTable


def annotator_table(source: ComparisonSource, n_shuffles: int = N_SHUFFLES) -> AnnotatorTable:
    """Read every person as the comparison does, without comparing judges; flagged ones first.

    Raises
    ------
    HarnessError
        There are no people, or nobody knows which votes are of the same person.
    """
    layout = build_layout(source)
    crowd = build_crowd(source.people, layout.cases, people_known=source.people_known)
    panel = people_panel(layout, crowd, n_shuffles)
    if panel is None or not panel.people:
        if crowd.kind == "people":
            raise HarnessError("these votes are anonymous: nothing can be said about a person")
        raise HarnessError("nobody ranked these cases yet: name a table of people's grades, --people FILE")
    again = [rung for rung in people_rungs(layout, crowd) if rung.differs_in == "nothing"]
    ordered = sorted(panel.people, key=lambda one: (not one.flagged, -len(one.signals), one.annotator_id))
    retest = again[0] if again else None
    return AnnotatorTable(run_id=source.manifest.run_id, people=tuple(ordered), retest=retest)
