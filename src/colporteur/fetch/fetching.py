"""Fetches and posts, within limits: an answer, or a reason why there is none."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpcore

from colporteur import __version__
from colporteur.exceptions import FetchFailed, HostUnknown
from colporteur.fetch.connecting import GuardedBackend
from colporteur.fetch.decoding import read_bounded
from colporteur.fetch.guard import Target, parse_target
from colporteur.fetch.resolving import NoSuchHost

SECONDS = 30.0
STEP_SECONDS = 10.0
LIMIT_BYTES = 10 * 1024 * 1024
REDIRECTS = 5
AGENT = f"Colporteur/{__version__} (+https://pypi.org/project/colporteur/)"
_PERMANENT = {301, 308}
_BAD = 400
_REDIRECT = {*_PERMANENT, 302, 303, 307}
_STEPS = dict.fromkeys(("connect", "read", "write", "pool"), STEP_SECONDS)


@dataclass(frozen=True)
class Answer:
    """What a server said. Header names are in small letters.

    ``url`` is where it came from in the end, ``moved_to`` where permanent redirects (301, 308)
    alone led, if anywhere.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    moved_to: str | None = None


@dataclass(frozen=True)
class Fetcher:
    """Asks public servers only; ``loopback`` allows this machine too. ``seconds`` is for all.

    ``anywhere`` asks private networks as well: only for an address that is the operator's own
    setting, since nobody else can choose where it leads.
    """

    loopback: bool = False
    seconds: float = SECONDS
    headers: Mapping[str, str] = field(default_factory=dict)
    anywhere: bool = False

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        limit_bytes: int | None = LIMIT_BYTES,
        redirects: int = REDIRECTS,
    ) -> Answer:
        """GET an address, following up to ``redirects`` of them, each judged anew.

        Without ``limit_bytes`` the answer's body is left unread; so it is with ``post``.

        Raises:
            FetchRefused: an address on the way must not be fetched.
            FetchFailed: no answer in time, or one beyond the limits.
        """
        deadline = time.monotonic() + self.seconds
        moved_to, lasting = None, True
        for _ in range(redirects + 1):
            target = parse_target(url)
            answer = self._ask("GET", target, headers or {}, b"", deadline, limit_bytes)
            location = answer.headers.get("location")
            if redirects == 0 or answer.status not in _REDIRECT or not location:
                return Answer(answer.status, answer.headers, answer.body, target.url, moved_to)
            url = urljoin(url, location)
            lasting = lasting and answer.status in _PERMANENT
            moved_to = url if lasting else moved_to
        raise FetchFailed(f"{url[:200]} redirects more than {redirects} times.")

    def status(self, url: str) -> int:
        """How an address answers in the end: to HEAD, else to GET, whose body is not read.

        Many servers know no HEAD, so only a GET is believed when it says that nothing is there.

        Raises:
            FetchRefused: an address on the way must not be asked.
            HostUnknown: there is no such server.
            FetchFailed: no answer in time.
        """
        begun = time.monotonic()
        try:
            answered = self._status("HEAD", url, begun + self.seconds / 2)
        except HostUnknown:
            raise
        except FetchFailed:
            answered = _BAD
        return answered if answered < _BAD else self._status("GET", url, begun + self.seconds)

    def _status(self, method: str, url: str, deadline: float) -> int:
        for _ in range(REDIRECTS + 1):
            answer = self._ask(method, parse_target(url), {}, b"", deadline, None)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECT or not location:
                return answer.status
            url = urljoin(url, location)
        raise FetchFailed(f"{url[:200]} redirects more than {REDIRECTS} times.")

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        limit_bytes: int | None = 64 * 1024,
    ) -> Answer:
        """POST to an address; a redirect is an answer like others, and not followed.

        Raises:
            FetchRefused: the address must not be asked.
            FetchFailed: no answer in time, or one beyond the limits.
        """
        deadline = time.monotonic() + self.seconds
        return self._ask("POST", parse_target(url), headers, body, deadline, limit_bytes)

    def _ask(
        self,
        method: str,
        target: Target,
        headers: Mapping[str, str],
        body: bytes,
        deadline: float,
        limit: int | None,
    ) -> Answer:
        """One question; without a ``limit`` the answer's body is left unread."""
        own = {"Host": target.authority, "User-Agent": AGENT, "Accept-Encoding": "gzip"}
        sent = list({**own, **self.headers, **headers}.items())
        address = httpcore.URL(
            scheme=target.scheme.encode(),
            host=target.host.encode(),
            port=target.port,
            target=target.path.encode(),
        )
        backend = GuardedBackend(deadline, loopback=self.loopback, anywhere=self.anywhere)
        with (
            _told(target),
            httpcore.ConnectionPool(network_backend=backend) as pool,
            pool.stream(
                method, address, headers=sent, content=body or None, extensions={"timeout": _STEPS}
            ) as response,
        ):
            said = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in response.headers
            }
            coding = said.get("content-encoding", "")
            stream = response.iter_stream()
            read = b"" if limit is None else read_bounded(stream, coding, limit)
        return Answer(response.status, said, read, target.url)


@contextlib.contextmanager
def _told(target: Target) -> Iterator[None]:
    """Say what went wrong on the way in a sentence, without the query, which may hold secrets."""
    where = target.url.partition("?")[0]
    try:
        yield
    except FetchFailed as error:
        raise type(error)(f"{where}: {error.message}") from None
    except NoSuchHost as error:
        raise HostUnknown(f"{where}: {error}") from None
    except httpcore.TimeoutException:
        raise FetchFailed(f"{where} did not answer in time.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        said = str(error).strip() or type(error).__name__
        raise FetchFailed(f"{where} does not answer: {said[:200]}") from None
