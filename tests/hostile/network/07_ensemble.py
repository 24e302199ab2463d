import socket


def spread(params):
    socket.create_connection(("1.1.1.1", 53), timeout=3)
    return 0
