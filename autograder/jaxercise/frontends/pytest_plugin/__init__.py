"""`pytest autograder/`: grading as a run of tests."""
