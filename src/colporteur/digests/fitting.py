"""How much of a digest fits: Gmail cuts a mail's HTML off, and its footer with it. Pure."""

from colporteur.digests.encoding import encode_part

WARN_ABOVE = 80_000
CUT_ABOVE = 100_000
"""Bytes of encoded HTML; Gmail clips at about 102,000."""


def encoded_size(html: str) -> int:
    """The bytes of a mail's HTML as it travels."""
    return len(encode_part(html).lines)


def cards_that_fit(html: str, cards: int) -> int:
    """How many cards to try next where the HTML of so many is too long; all where it is not.

    A lead stays whatever its length: a digest without articles is none.
    """
    size = encoded_size(html)
    if size <= CUT_ABOVE or cards <= 1:
        return cards
    return max(1, min(cards - 1, cards * CUT_ABOVE // size))
