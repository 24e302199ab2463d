"""One exercise of a submission: its claims run, its answers compared, its findings in words."""
