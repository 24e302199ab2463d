"""One exercise of a submission: its claims are run, its answers compared, its findings put in words."""
