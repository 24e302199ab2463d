import os
import time


def batched(f, x):
    for _ in range(500):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    return 0
