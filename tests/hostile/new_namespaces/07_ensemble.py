import ctypes


def spread(params):
    if ctypes.CDLL(None).unshare(0x10000000):
        raise PermissionError("refused")
    return 0
