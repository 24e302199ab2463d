from pathlib import Path


def spread(params):
    return Path("@SENTINEL@", "secret").read_text()
