"""The lint: whether a feed keeps the rules, and which entry breaks which. Pure."""

from colporteur.syndication.lint.document import kind_of, lint_document, lint_fragment, lint_head
from colporteur.syndication.lint.fault import Fault
from colporteur.syndication.lint.together import Key, lint_together

__all__ = [
    "Fault",
    "Key",
    "kind_of",
    "lint_document",
    "lint_fragment",
    "lint_head",
    "lint_together",
]
