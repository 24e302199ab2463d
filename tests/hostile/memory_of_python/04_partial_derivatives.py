def partial_x(f, x, y):
    hoard = []
    for _ in range(400):
        hoard.append(bytearray(b"1") * (1 << 24))
    return len(hoard)
