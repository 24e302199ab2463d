"""Scores for other programs: a tidy table, learning platforms' gradebooks, autograders' files."""
