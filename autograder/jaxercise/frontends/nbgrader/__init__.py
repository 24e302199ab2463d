"""A course for nbgrader: notebooks with all their metadata, and grading by the kit's engine."""
