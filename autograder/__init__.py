"""Jaxercise: graded exercises on JAX's transformations, and the engine that grades them."""

__version__ = "0.1.0"
