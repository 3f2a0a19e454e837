"""Holds what a reader gets against what they should get. Pure."""

from collections.abc import Callable, Collection, Iterator, Sequence

from colporteur.simulation.books import Owed
from colporteur.simulation.log import Article, Row

Found = tuple[str, Article, str]
"""A kind of fault, the article (or none: the mail as a whole), and why."""


def in_edition(
    shall: Owed | None, does: Row | None, is_theirs: Callable[[Article], bool]
) -> Iterator[Found]:
    """The faults of one reader's row at the freeze."""
    wanted: Sequence[Article] = shall.brings if shall else []
    brought = does.articles if does else ()
    for article in wanted:
        if article not in brought:
            yield "missing", article, "not in the edition"
    for article in brought:
        if is_theirs(article) or brought.count(article) > 1:
            yield "repeated", article, "theirs already"
        elif article not in wanted:
            yield "extra", article, "no rule brings it"
    if set(wanted) == set(brought) and [*wanted] != [*brought]:
        yield "extra", "", f"in the order {brought}, and not {wanted}"
    if shall and does and shall.due_at != does.due_at:
        yield "missing", "", f"due {does.due_at}, and not {shall.due_at}"


def in_mail(
    wanted: Sequence[Article], sent: Sequence[Article], got: Collection[Article]
) -> Iterator[Found]:
    """The faults of a message that was taken; ``got`` is what earlier ones brought."""
    for article in sent:
        if article in got:
            yield "repeated", article, "sent twice"
        elif article not in wanted:
            yield "extra", article, "taken out since"
    for article in wanted:
        if article not in sent:
            yield "missing", article, "not in the mail"
