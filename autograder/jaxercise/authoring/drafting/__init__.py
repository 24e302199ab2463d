"""Claims drafted from signatures: what `jaxercise new --from` writes, and `certify` suggests."""

from jaxercise.authoring.drafting.annotations import DraftError
from jaxercise.authoring.drafting.claims import Draft, drafted, drafts_of, further
from jaxercise.authoring.drafting.signatures import Asked, asked_for
from jaxercise.authoring.drafting.writing import file_text

__all__ = [
    "Asked",
    "Draft",
    "DraftError",
    "asked_for",
    "drafted",
    "drafts_of",
    "file_text",
    "further",
]
