"""Whole classes: `jaxercise grade`.

`contents`, `layouts` and `handins` find what was handed in; `keys` and `records` know what is done
already; `judge` is a process that does the work, `judge_processes` starts those of this machine,
`dask_cluster` those of others; `class_grading` and `grade` put it together, `regrade` compares,
`report` tells. `command` is the command line.
"""
