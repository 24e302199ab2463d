"""Whole classes: `jaxercise grade`.

`trees`, `layouts` and `handins` find what was handed in; `keys` and `records` know what is done
already; `judging` and `judges` do the work on this machine, `cluster` on others; `course` and
`grade` put it together, `regrade` compares, `report` tells. `command` is the command line.
"""
