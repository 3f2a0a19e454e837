"""Asks where links lead: several at once, and all of them within one deadline."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from urllib.parse import urlsplit

from colporteur.digests.preflight.material import Answers, Link
from colporteur.exceptions import FetchFailed, FetchRefused, HostUnknown
from colporteur.fetch import Fetcher, is_known

SECONDS = 20.0
"""For all links of an edition together."""
LINK_SECONDS = 8.0
_AT_ONCE = 8
_NAME_SECONDS = 3.0


Told = Callable[[int, int], None]
"""Hears how many links are done, and how many there are."""


def nothing_told(_done: int, _all: int) -> None:
    """Tells nobody how far it is."""


@dataclass(frozen=True)
class Asking:
    """How links are asked; ``stopping`` ends it early.

    ``site`` is our own, whose name shows whether the name servers answer at all: a machine
    without them must not say of every link that it is dead.
    """

    site: str
    loopback: bool = False
    seconds: float = SECONDS
    told: Told = nothing_told
    stopping: Callable[[], bool] = lambda: False


def reach(urls: Iterable[str], asking: Asking) -> Answers:
    """How each address answers; those there was no time for say so."""
    wanted = list(urls)
    deadline = time.monotonic() + asking.seconds
    found: dict[str, Link] = {}
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="preflight") as pool:
        jobs = [pool.submit(_ask, one, asking, deadline) for one in wanted]
        for done, job in enumerate(as_completed(jobs), start=1):
            link = job.result()
            found[link.url] = link
            asking.told(done, len(wanted))
    return Answers(found, _names_work(found.values(), asking.site))


def _ask(url: str, asking: Asking, deadline: float) -> Link:
    left = deadline - time.monotonic()
    if left <= 0 or asking.stopping():
        return Link(url, unasked=True)
    fetcher = Fetcher(loopback=asking.loopback, seconds=min(left, LINK_SECONDS))
    try:
        return Link(url, status=fetcher.status(url))
    except FetchRefused as error:
        return Link(url, problem=error.message, refused=True)
    except HostUnknown as error:
        return Link(url, problem=error.message, unknown=True)
    except FetchFailed as error:
        return Link(url, problem=error.message)


def _names_work(found: Iterable[Link], site: str) -> bool:
    links = list(found)
    if not any(one.unknown for one in links) or any(one.status is not None for one in links):
        return True
    host = urlsplit(site).hostname or ""
    by_name = "." in host and not host.replace(".", "").isdigit()
    return by_name and is_known(host, _NAME_SECONDS)
