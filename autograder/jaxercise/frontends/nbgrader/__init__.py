"""A course for nbgrader: notebooks with all their metadata, and grading by this engine."""
