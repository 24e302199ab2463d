"""Which misconception a wrong answer looks like."""
