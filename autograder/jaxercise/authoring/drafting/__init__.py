"""Claims drafted from signatures: what `jaxercise new --from` writes, and `certify` suggests."""

from jaxercise.authoring.drafting.annotations import DraftError
from jaxercise.authoring.drafting.claims import Draft, drafted, further
from jaxercise.authoring.drafting.signatures import Asked, asked_for
from jaxercise.authoring.drafting.writing import file_text, probes_text

__all__ = [
    "Asked",
    "Draft",
    "DraftError",
    "asked_for",
    "drafted",
    "file_text",
    "further",
    "probes_text",
]
