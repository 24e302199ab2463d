"""The judge's handle on the processes that run student code.

`runner` is the interface, `remote` is one by a worker process, `local` one in this process, for
debugging; `workers` starts worker processes, `forkservers` what they are forked from, and `watch`
ends them at their limits. What runs in there is `jaxercise.sandboxed`.
"""
