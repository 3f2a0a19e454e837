"""Preflight: what is wrong with an edition's mail, said to editors before it leaves."""

from colporteur.digests.preflight.finding import ERROR, WARNING, Finding, errors
from colporteur.digests.preflight.judging import judge
from colporteur.digests.preflight.material import Material

__all__ = [
    "ERROR",
    "WARNING",
    "Finding",
    "Material",
    "errors",
    "judge",
]
