"""Where the links of a mail lead: to the articles themselves, or past a counter of ours. Pure."""

from collections.abc import Callable

from colporteur.tokens import CLICK, make_token

Link = Callable[[str], str]


def straight(url: str) -> str:
    """The address itself: by default nobody is sent around."""
    return url


def counted(secret_key: str, edition_id: int, site: str) -> Link:
    """Links that count how often each is followed; nothing in them tells one reader from another."""
    return lambda url: f"{site}/go/{make_token(secret_key, CLICK, (edition_id, url))}"
