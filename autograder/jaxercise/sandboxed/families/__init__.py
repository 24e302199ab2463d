"""Functions described by arrays: the families, and looking one up by its name on the wire."""

from jaxercise.sandboxed.families.base import PROGRAM, Described, Family, FloatArray, number
from jaxercise.sandboxed.families.examples import LANDSCAPE, LOSS, MODEL
from jaxercise.sandboxed.families.scalars import BINARY, SCALAR, WAVE

FAMILIES: dict[str, Family] = {
    family.name: family for family in (SCALAR, WAVE, BINARY, MODEL, LOSS, LANDSCAPE)
}

__all__ = [
    "BINARY",
    "FAMILIES",
    "LANDSCAPE",
    "LOSS",
    "MODEL",
    "PROGRAM",
    "SCALAR",
    "WAVE",
    "Described",
    "Family",
    "FloatArray",
    "number",
]
