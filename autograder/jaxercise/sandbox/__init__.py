"""The sandbox around student code (Linux): bubblewrap, and in it namespaces for each worker.

How sandbox and forkserver combine. Importing jax takes half a second of processor time, so a
forkserver imports it once and forks workers; bubblewrap starts programs, it cannot take in a forked
child. So bubblewrap goes around the forkserver, one sandbox for each `Workers`, and builds what is
hard to build right: the allow-list of files, the empty network, the loss of all capabilities, a
real uid of its own. In there each worker enters further namespaces of its own
(`jaxercise.sandboxed.isolation`, five milliseconds): it cannot see, signal or trace the forkserver
or another worker, and dies as a tree. If that second wall should fail, the first still stands
between students and everything else.

The two other ways were worse. A sandbox for each worker imports jax eight times a submission. A
forkserver outside, whose children sandbox themselves, leaves nothing of bubblewrap, and one wall
instead of two.
"""

from jaxercise.sandbox.sandbox import Sandbox, SandboxError
from jaxercise.sandbox.selftest import open_sandbox

__all__ = ["Sandbox", "SandboxError", "open_sandbox"]
