"""Imported before numpy: products of small matrices are done by one thread.

More threads wait for each other, and take several times the processor time; a comparison shares its work
between processes where that helps.
"""

from __future__ import annotations

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
