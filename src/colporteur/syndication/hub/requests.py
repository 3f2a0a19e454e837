"""What a subscriber asks of the hub, read from its form. Pure (WebSub, section 5.1)."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode

from colporteur.exceptions import FetchRefused, HubRefused
from colporteur.fetch.guard import URL_AT_MOST, parse_target
from colporteur.syndication.feed import FORMATS

HOUR = 3600
DAY = 24 * HOUR
LEASE_AT_LEAST = HOUR
LEASE_AT_MOST = 30 * DAY
LEASE = 10 * DAY
SECRET_BELOW = 200  # bytes
CHALLENGE_LENGTH = 43  # of secrets.token_urlsafe(32)
_FIELDS_AT_MOST = 50
_PATH_AT_MOST = 300


class Mode(StrEnum):
    """What is asked; ``DENIED`` is what we tell a subscriber whose feed has ended."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    PUBLISH = "publish"
    DENIED = "denied"


@dataclass(frozen=True)
class Wanted:
    """What becomes of a subscription once the subscriber has confirmed it."""

    mode: Mode
    lease_seconds: int = LEASE
    secret: str | None = None


@dataclass(frozen=True)
class Request:
    """A request that can be verified: the document's ``path``, whom to tell, what is wanted."""

    path: str
    callback: str
    wanted: Wanted


@dataclass(frozen=True)
class Publish:
    """A publisher's notice of new content; of our own feeds the hub knows without it."""

    path: str


def parse_request(form: bytes, site: str) -> Request | Publish:
    """Read a form; keys that are not ours are ignored, as the Recommendation has it.

    Raises:
        HubRefused: says what is missing or wrong.
    """
    said = _fields(form)
    mode = _required(said, "hub.mode")
    if mode == Mode.PUBLISH:
        return Publish(topic_path(said.get("hub.topic") or _required(said, "hub.url"), site))
    if mode not in {Mode.SUBSCRIBE, Mode.UNSUBSCRIBE}:
        raise HubRefused("hub.mode must be subscribe or unsubscribe.")
    path = topic_path(_required(said, "hub.topic"), site)
    callback = _callback(_required(said, "hub.callback"), f"{site}/{path}")
    wanted = Wanted(Mode(mode), _lease(said), _secret(said))
    return Request(path, callback, wanted)


def topic_path(topic: str, site: str) -> str:
    """The path of the document that is a topic: ``feeds/actualites.atom``.

    Raises:
        HubRefused: it is no feed's own address here.
    """
    path = topic.removeprefix(f"{site}/") if topic.startswith(f"{site}/feeds/") else ""
    suffix = path.rpartition(".")[2]
    if not path or "/archive/" in path or suffix not in FORMATS or len(path) > _PATH_AT_MOST:
        raise HubRefused('hub.topic is no feed of this site: give its rel="self" address.')
    return path


def with_parameters(callback: str, parameters: dict[str, str]) -> str:
    """A callback with parameters behind its own query, which is kept (section 5.1.1)."""
    joint = "&" if "?" in callback else "?"
    return f"{callback}{joint}{urlencode(parameters)}"


def verification(topic: str, wanted: Wanted, challenge: str) -> dict[str, str]:
    """The parameters of a verification (section 5.3) or a denial (section 5.2)."""
    said = {"hub.mode": wanted.mode.value, "hub.topic": topic}
    if wanted.mode is Mode.DENIED:
        return said | {"hub.reason": "This feed has ended."}
    if wanted.mode is Mode.SUBSCRIBE:
        said["hub.lease_seconds"] = str(wanted.lease_seconds)
    return said | {"hub.challenge": challenge}


def _fields(form: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            form.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_FIELDS_AT_MOST,
        )
    except ValueError:
        raise HubRefused("The body is no form (application/x-www-form-urlencoded).") from None
    ours = [(name, value) for name, value in pairs if name.startswith("hub.")]
    for name, value in ours:
        if "\0" in value:
            raise HubRefused(f"{name[:40]} holds a NUL character.")
    return dict(reversed(ours))  # the first of a name counts


def _required(said: dict[str, str], name: str) -> str:
    if not said.get(name):
        raise HubRefused(f"{name} is missing.")
    return said[name]


def _callback(given: str, topic: str) -> str:
    """The callback as it is asked for: short enough to be verified, and an address."""
    try:
        callback = parse_target(given).url
    except FetchRefused as error:
        raise HubRefused(f"hub.callback: {error.message} {error.cure}") from None
    longest = Wanted(Mode.UNSUBSCRIBE, LEASE_AT_MOST), Wanted(Mode.SUBSCRIBE, LEASE_AT_MOST)
    challenge = "x" * CHALLENGE_LENGTH
    for wanted in longest:
        asked = with_parameters(callback, verification(topic, wanted, challenge))
        if len(asked) > URL_AT_MOST:
            raise HubRefused(
                f"hub.callback is too long: with the verification's query it passes"
                f" {URL_AT_MOST} characters."
            )
    return callback


def _lease(said: dict[str, str]) -> int:
    given = said.get("hub.lease_seconds", "")
    if not given:
        return LEASE
    if not (given.isascii() and given.isdecimal() and given.strip("0")):
        raise HubRefused("hub.lease_seconds must be a positive decimal number.")
    # A number of any length: more digits than the longest lease has are more than it.
    digits = given.lstrip("0")
    seconds = int(digits) if len(digits) <= len(str(LEASE_AT_MOST)) else LEASE_AT_MOST
    return min(max(seconds, LEASE_AT_LEAST), LEASE_AT_MOST)


def _secret(said: dict[str, str]) -> str | None:
    secret = said.get("hub.secret", "")
    if len(secret.encode()) >= SECRET_BELOW:
        raise HubRefused(f"hub.secret must have less than {SECRET_BELOW} bytes.")
    return secret or None
