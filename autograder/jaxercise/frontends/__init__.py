"""Where grading is asked for and shown: pytest, notebooks, nbgrader, whole classes, exports."""
