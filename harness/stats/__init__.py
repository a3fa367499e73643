"""Statistics of rankings with ties: arrays in, numbers out; knows no case, no record, no table.

Reading order: `pairs` (what one ranking says), `agreement` and `coefficients` (two rankings), `consensus`,
`group` and `reliability` (many rankings of a case), `shift`, `permutation` and `intervals` (what moved the
judges, and how sure that is), `design` (orders of presentation and what they reveal).

Everywhere: grades, higher = better, NaN = not ranked. What the data do not define raises
`UndefinedStatisticError`; in a stack of rankings it is NaN.
"""
