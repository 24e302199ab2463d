"""The box around student code (Linux): bubblewrap outside, namespaces of its own for each worker.

How box and zygote combine. Importing jax takes half a second of processor time, so a zygote
imports it once and forks workers; bubblewrap starts programs, it cannot take in a forked child.
So bubblewrap goes around the zygote, one box for each `Workers`, and builds what is hard to build
right: the allow-list of files, the empty network, the loss of all capabilities, a real uid of its
own. In there each worker enters further namespaces of its own (`autograder.worker.room`, five
milliseconds): it cannot see, signal or trace the zygote or another worker, and dies as a tree. If
that second wall should fail, the first still stands between students and everything else.

The two other ways were worse. A box for each worker imports jax eight times a submission. A zygote
outside, whose children box themselves, leaves nothing of bubblewrap and one wall instead of two.
"""

from autograder.sandbox.box import Box, BoxError
from autograder.sandbox.selftest import open_box

__all__ = ["Box", "BoxError", "open_box"]
