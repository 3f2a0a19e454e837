"""The pages that say all there is, each made from the code that decides it."""

from collections.abc import Callable, Mapping

from docs.making.reference.commands import commands
from docs.making.reference.keys import publication
from docs.making.reference.metrics import metrics
from docs.making.reference.operations import api
from docs.making.reference.settings import settings

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/api.md": api,
    "docs/reference/commands.md": commands,
    "docs/reference/metrics.md": metrics,
    "docs/reference/publication.md": publication,
    "docs/reference/settings.md": settings,
}
"""What makes each page of docs/reference/, by its place in the tree."""
