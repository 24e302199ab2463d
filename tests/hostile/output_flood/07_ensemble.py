import os
import time


def spread(params):
    for _ in range(1 << 14):
        os.write(1, b"all work and no play\n" * 3000)
    time.sleep(20)
