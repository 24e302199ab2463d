"""Running student code: the worker process, and the judge's handle on it.

Modules of the worker's side: `forkserver`, `warming`, `room`, `syscalls`, `serving`, `request
handler`, `calling`, `results`, `figures`, `scaling`. Of the judge's side: `runner` (the
interface), `remote`, `local`, `workers`, `process`, `watch`, `forkservers`, `limits`.
They meet only in `jaxercise.sandboxed.wire`.
"""
