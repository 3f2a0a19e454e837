"""Where what comes back is heard: ``lmtp://0.0.0.0:2424``, ``imaps://user:password@host/folder``."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from colporteur.config.relay import is_loopback, port_of, split

_IMAP_PORTS = {"imap": 143, "imaps": 993}
_MAILBOX_OPTIONS = {"moved_to"}


@dataclass(frozen=True)
class Listening:
    """Where a server of ours listens, and what it speaks: lmtp or smtp."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True)
class Mailbox:
    """An IMAP folder. Beyond loopback TLS is required; ``moved_to`` takes what was heard."""

    host: str
    port: int
    implicit_tls: bool
    user: str
    password: str
    folder: str
    moved_to: str = ""

    @property
    def loopback(self) -> bool:
        """Whether it is on this machine, so that nobody listens on the way."""
        return is_loopback(self.host)

    def __repr__(self) -> str:
        """Without its password."""
        return f"Mailbox({self.host}:{self.port}/{self.folder})"


def read_listening(url: str) -> Listening:
    """Read where to listen; a ValueError says what is wrong with it."""
    parts = split(url)
    if parts.scheme not in {"lmtp", "smtp"}:
        raise ValueError("must start with lmtp:// or smtp://")
    port = port_of(parts)
    if not parts.hostname or port is None:
        raise ValueError("must name an address of this machine and a port")
    if parts.username or parts.path.strip("/") or parts.query:
        raise ValueError("must be an address and a port, and no more")
    return Listening(parts.scheme, parts.hostname, port)


def read_mailbox(url: str) -> Mailbox | Path:
    """Read an IMAP folder or a Maildir; a ValueError says what is wrong, never its secrets."""
    if url.startswith("maildir:"):
        path = url.removeprefix("maildir:").strip()
        if not path or path.startswith("//"):
            raise ValueError("must name a folder, without //: maildir:/var/mail/bounces")
        return Path(path)
    parts = split(url)
    if parts.scheme not in _IMAP_PORTS:
        raise ValueError("must start with imaps://, imap:// or maildir:")
    port = port_of(parts) or _IMAP_PORTS[parts.scheme]
    if not parts.hostname or not parts.username:
        raise ValueError("must name a user and a host")
    return Mailbox(
        host=parts.hostname,
        port=port,
        implicit_tls=parts.scheme == "imaps",
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        moved_to=_moved_to(parts.query),
    )


def _moved_to(query: str) -> str:
    if not query:
        return ""
    name, _, value = query.partition("=")
    if name not in _MAILBOX_OPTIONS or not value:
        raise ValueError("has an option that is none; there is moved_to=Folder")
    return unquote(value)


def listening(url: str) -> str:
    """Where to listen, or nothing."""
    if url:
        read_listening(url)
    return url


def mailbox(url: str) -> str:
    """An IMAP folder, a Maildir, or nothing."""
    if url:
        read_mailbox(url)
    return url
