import socket


def predict(params, x):
    socket.getaddrinfo("example.com", 80)
    return 0
