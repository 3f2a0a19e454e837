"""How old a form is that comes back: a machine sends it at once, a person may leave it open. Pure."""

import enum
from datetime import UTC, datetime, timedelta

from colporteur.config.keys import Keys
from colporteur.exceptions import TokenInvalid
from colporteur.tokens import SIGNUP_FORM, make_token, read_pair

TOO_YOUNG = timedelta(seconds=2)
TOO_OLD = timedelta(days=7)
_PAGE, _ELSEWHERE = "page", "elsewhere"


class Age(enum.Enum):
    """What the mark of a form says."""

    RIGHT = enum.auto()
    ELSEWHERE = enum.auto()  # it stands on another site, and has no age
    TOO_YOUNG = enum.auto()
    TOO_OLD = enum.auto()
    NONE = enum.auto()  # it is not ours


def mark(secret_key: Keys, now: datetime) -> str:
    """The mark of a form on a page of ours that is made now."""
    return make_token(secret_key, SIGNUP_FORM, (int(now.timestamp()), _PAGE))


def mark_elsewhere(secret_key: Keys) -> str:
    """The mark of a form that stands on another site, as long as it likes."""
    return make_token(secret_key, SIGNUP_FORM, (0, _ELSEWHERE))


def age_of(secret_key: Keys, text: str, now: datetime) -> Age:
    """What the mark of a form that came back says."""
    try:
        made, where = read_pair(secret_key, SIGNUP_FORM, text)
    except TokenInvalid:
        return Age.NONE
    if where == _ELSEWHERE:
        return Age.ELSEWHERE
    open_for = now - datetime.fromtimestamp(made, UTC)
    if open_for < TOO_YOUNG:
        return Age.TOO_YOUNG
    return Age.RIGHT if open_for <= TOO_OLD else Age.TOO_OLD
