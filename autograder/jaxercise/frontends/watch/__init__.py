"""`jaxercise watch`: the course in a terminal, judged again after each save.

Nothing is imported here, for the command's `--help` needs none of it.
"""
