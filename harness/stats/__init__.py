"""Statistics of rankings with ties: arrays in, numbers out; knows no case, no record, no table.

Reading order: `pairs` (what one ranking says), `agreement` and `coefficients` (two rankings), `consensus`,
`group`, `others` and `reliability` (many rankings of a case; `histograms` and `summary` do the same for a
million), `shift`, `factors`, `ladder`, `permutation` and `intervals` (what moved the judges, and how sure
that is; `bootstrap` from sixty cases on), `design` (orders of presentation and what they reveal).

Beside that path: `worth` (`luce`, `stages`, `quasi`), `standings`, `wins` (systems), `choice` and `weights`
(which criterion counts), `bounds` (missing verdicts), `replacement` and `ppi` (judges in the place of
people), `careful`, `blind`, `ask_next`, `drawn`, `settling` and `revealing` (people, and asking them), `map`
(`smacof`, `procrustes`), `planning` and `spread` (a study to come), `nominal` (what papers print).

Everywhere: grades, higher = better, NaN = not ranked. What the data do not define raises
`UndefinedStatisticError`; in a stack of rankings it is NaN.
"""
