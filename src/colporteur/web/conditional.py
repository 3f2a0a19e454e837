"""Conditional and coded requests (RFC 9110, sections 12.5.3 and 13). Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime


def not_modified(headers: Mapping[str, str], etag: str, last_modified: datetime) -> bool:
    """Whether a client already has this version; If-None-Match beats If-Modified-Since."""
    wanted = headers.get("if-none-match")
    if wanted is not None:
        tags = [tag.strip().removeprefix("W/") for tag in wanted.split(",")]
        return "*" in tags or etag.removeprefix("W/") in tags
    since = headers.get("if-modified-since")
    if since is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except (ValueError, OverflowError, TypeError):  # a zone may be beyond any that there is
        return False
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return last_modified.replace(microsecond=0) <= moment


def choose_coding(accept_encoding: str, available: Sequence[str]) -> str:
    """The coding that is accepted most (RFC 9110 section 12.5.3), or ``""`` for none.

    Among equals the first of ``available``, in our order of preference.
    """
    accepted = dict(_weights(accept_encoding))
    if "x-gzip" in accepted:
        accepted.setdefault("gzip", accepted["x-gzip"])
    anything = accepted.get("*", 0.0)
    best, most = "", accepted.get("identity", 0.0)
    for coding in available:
        weight = accepted.get(coding, anything)
        if weight > most or (weight == most > 0 and not best):
            best, most = coding, weight
    return best


def http_date(moment: datetime) -> str:
    """An instant as HTTP writes it: RFC 9110 section 5.6.7."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _weights(accept_encoding: str) -> list[tuple[str, float]]:
    found = []
    for part in accept_encoding.lower().split(","):
        coding, _, parameter = part.partition(";")
        weight = parameter.replace(" ", "").removeprefix("q=") or "1"
        try:
            found.append((coding.strip(), float(weight)))
        except ValueError:
            found.append((coding.strip(), 0.0))
    return found
