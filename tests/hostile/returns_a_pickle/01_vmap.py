import os


class Command:
    def __reduce__(self):
        return os.system, ("touch @SENTINEL@/pickled",)


def batched(f, x):
    return Command()
