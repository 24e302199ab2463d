"""What crosses the boundary between the judge and student code: frames, and the values in them."""
