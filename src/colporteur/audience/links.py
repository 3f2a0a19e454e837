"""Where the links lead that readers get for themselves. Pure.

Each holds a token of its own purpose: who has a mail that was passed on can leave with it, and
see the choices for a while; a feed's address ends with its key.
"""

from datetime import datetime, timedelta
from urllib.parse import quote

from colporteur.config.keys import Keys
from colporteur.tokens import (
    CONFIRM,
    ERASE,
    EXPORT,
    NEW_ADDRESS,
    PREFERENCES,
    PRIVATE_FEED,
    RETURN,
    UNSUBSCRIBE,
    make_passing,
    make_token,
)

CONFIRM_FOR = timedelta(hours=72)
PREFERENCES_FOR = timedelta(days=30)
RETURN_FOR = timedelta(days=7)
EVERYTHING = "all"
NEW_ADDRESS_FOR = timedelta(hours=72)
OWN_DATA_FOR = timedelta(hours=4)


def preferences_link(secret_key: Keys, site: str, subscriber_id: int, now: datetime) -> str:
    """The page of a reader's choices; it opens for 30 days."""
    until = now + PREFERENCES_FOR
    return f"{site}/preferences/{make_passing(secret_key, PREFERENCES, subscriber_id, until)}"


def unsubscribe_link(secret_key: Keys, site: str, subscription_id: int, edition: str = "") -> str:
    """The page and the POST (RFC 8058) that end a subscription; it never expires.

    ``edition`` is the public id of the one whose mail holds the link, if one does.
    """
    link = f"{site}/unsubscribe/{make_token(secret_key, UNSUBSCRIBE, subscription_id)}"
    return f"{link}?edition={quote(edition, safe='')}" if edition else link


def return_link(
    secret_key: Keys,
    site: str,
    subscription_id: int,
    left_at: datetime,
    *,
    everything: bool = False,
) -> str:
    """The page that takes the leaving of that moment back, for 7 days after it.

    ``everything``: all that ended with it.
    """
    text = EVERYTHING if everything else ""
    token = make_passing(secret_key, RETURN, subscription_id, left_at + RETURN_FOR, text)
    return f"{site}/unsubscribe/undo/{token}"


def new_address_link(
    secret_key: Keys, site: str, subscriber_id: int, mark: str, now: datetime
) -> str:
    """The page that confirms a reader's new address, for 72 hours; ``mark`` names the request.

    The address itself is not in it: servers and proxies write down the addresses of pages.
    """
    until = now + NEW_ADDRESS_FOR
    token = make_passing(secret_key, NEW_ADDRESS, subscriber_id, until, mark)
    return f"{site}/preferences/new-address/{token}"


def export_link(secret_key: Keys, site: str, subscriber_id: int, now: datetime) -> str:
    """The page that gives all that is held about a reader, for 4 hours; mailed to them only."""
    token = make_passing(secret_key, EXPORT, subscriber_id, now + OWN_DATA_FOR)
    return f"{site}/preferences/export/{token}"


def erase_link(secret_key: Keys, site: str, subscriber_id: int, now: datetime) -> str:
    """The page that forgets a reader, for 4 hours; mailed to them only."""
    token = make_passing(secret_key, ERASE, subscriber_id, now + OWN_DATA_FOR)
    return f"{site}/preferences/erase/{token}"


def private_feed_link(secret_key: Keys, site: str, subscriber_id: int, feed_key: str) -> str:
    """A reader's own feed, without its suffix; another key ends it."""
    token = make_token(secret_key, PRIVATE_FEED, (subscriber_id, feed_key))
    return f"{site}/feeds/private/{token}"


def confirm_link(secret_key: Keys, site: str, consent_id: int, now: datetime) -> str:
    """The page with the button that confirms a record of consent; it works for 72 hours."""
    return f"{site}/confirm/{make_passing(secret_key, CONFIRM, consent_id, now + CONFIRM_FOR)}"
