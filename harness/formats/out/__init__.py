"""Writers: what a run says, in the files that other tools read.

Reading order: `base` (what every writer gets and gives), `choosing` (whose verdicts, which of them), `split`
(train and test by case), `privacy` (pseudonyms, small groups), `card` (the README of an export), then one
module per format. Nothing here touches the disk: a writer gives files as records, `harness.api.exporting`
writes them.
"""
