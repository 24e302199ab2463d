"""What people and other programs read: feedback, the summary table, score files."""
