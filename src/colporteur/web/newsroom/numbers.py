"""Whole numbers that came from outside. Pure."""

_DIGITS_AT_MOST = 18  # what fits a BIGINT, whatever the digits are
_VERSION_DIGITS_AT_MOST = 9  # what fits an INTEGER


def whole(text: str, digits_at_most: int = _DIGITS_AT_MOST) -> int | None:
    """The number that a text is in the digits 0-9; None if it is none, or too long."""
    fine = text.isascii() and text.isdecimal() and len(text) <= digits_at_most
    return int(text) if fine else None


def version(text: str) -> int:
    """The version of something that a form was made of; 0, which none has, where it says none."""
    return whole(text, _VERSION_DIGITS_AT_MOST) or 0
