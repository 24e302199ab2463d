import os
import time


def partial_x(f, x, y):
    os.ftruncate(1, 48 << 20)
    time.sleep(20)
