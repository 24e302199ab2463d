"""Running student code: the worker process, and the judge's handle on it.

Modules of the worker's side: `zygote`, `warming`, `room`, `syscalls`, `serving`, `workbench`,
`calling`, `results`, `figures`, `growth`. Of the judge's side: `bench` (the interface), `remote`,
`local`, `workers`, `process`, `watch`, `nursery`, `limits`.
They meet only in `autograder.wire`.
"""
