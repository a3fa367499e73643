"""The harness from Python, with the words of the command line: load a run, compare it, look at it.

import harness

run = harness.load_run("results/local-judges")
compared = run.compare(people="class.csv")
compared.rows                      # a pandas table: judges, panel, people, baselines
compared.figures["map"]            # drawn by itself in a notebook; .save("map.svg") elsewhere
compared.write_report("report.html")
"""

from harness.api.compared import Compared
from harness.api.figures import Figure, Figures
from harness.api.run import Run, load_run

__all__ = ["Compared", "Figure", "Figures", "Run", "load_run"]
