"""What the engine of editions refuses, as problems."""

from collections.abc import Iterator
from contextlib import contextmanager

from colporteur.exceptions import (
    ApprovalRefused,
    ArrangementClosed,
    ArrangementRefused,
    ColporteurError,
    NumberRefused,
    SpecialRefused,
    TransitionRefused,
    UnknownName,
)
from colporteur.web.api.problems import Problem

_CONFLICT, _UNPROCESSABLE = 409, 422
# The first that fits counts, so what is more special comes before what it is a case of.
_REFUSALS: tuple[tuple[type[ColporteurError], int, str, str], ...] = (
    (TransitionRefused, _CONFLICT, "transition-refused", "Not in this state"),
    (ApprovalRefused, _CONFLICT, "approval-refused", "The approval was refused"),
    (NumberRefused, _CONFLICT, "number-refused", "Not the number of readers"),
    (SpecialRefused, _UNPROCESSABLE, "special-refused", "The special edition was refused"),
    (ArrangementClosed, _CONFLICT, "arrangement-closed", "Too late to arrange"),
    (ArrangementRefused, _UNPROCESSABLE, "arrangement-refused", "The arrangement was refused"),
)


@contextmanager
def refusals(*, conflict: type[ColporteurError] | None = None) -> Iterator[None]:
    """Turn what the engine refuses into problems; ``conflict`` is one that here is a 409."""
    try:
        yield
    except tuple(kind for kind, *_ in _REFUSALS) as error:
        _, status, kind, title = next(one for one in _REFUSALS if isinstance(error, one[0]))
        if conflict is not None and isinstance(error, conflict):
            status = _CONFLICT
        members = {"readers": error.readers} if isinstance(error, NumberRefused) else {}
        raise Problem(
            status, error.message, error.cure, kind=kind, title=title, members=members
        ) from None


@contextmanager
def said() -> Iterator[None]:
    """A name that a body or a question says, and that is not known, is a mistake of theirs."""
    try:
        yield
    except UnknownName as error:
        raise Problem(_UNPROCESSABLE, error.message, error.cure, kind="unknown-name") from None


def unknown_edition(key: object) -> Problem:
    """There is no edition of this id."""
    return Problem(
        404,
        f"There is no edition {str(key)[:100]!r}.",
        "GET /api/v1/editions lists the editions there are.",
        kind="unknown-edition",
        title="Unknown edition",
    )


def no_approver(address: str) -> Problem:
    """The token's holder may not approve."""
    return Problem(
        403,
        f"{address} is neither approver nor admin.",
        "Use a token of somebody who is: colporteur users add ADDRESS --role approver",
        kind="no-approver",
        title="Not an approver",
    )
