"""Other tools' files in: one small reader per format, all ending in the same run folder.

Reading order: `base` (what a reader gives), `reading` (rows, lines, ids, options), `joins`, one module per
format, `assemble` (votes and grades -> verdicts), `importing` (the run folder), `registry` (formats by name).
"""
