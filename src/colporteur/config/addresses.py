"""What an address among the settings must be. Each check names the problem, never a secret."""

import ipaddress

from colporteur.config.relay import nothing_cut, port_of, read_relays, split

_DATABASES = {"sqlite", "postgresql"}
_BROKERS = {"memory", "redis", "rediss"}


def database(url: str) -> str:
    """A SQLite file or a PostgreSQL database."""
    scheme, _, rest = url.partition("://")
    if url and scheme not in _DATABASES:
        raise ValueError("must start with sqlite:/// or postgresql://")
    if scheme == "sqlite":
        _sqlite_file(rest)
    elif url:  # after the first @: a password may hold what would end an address's first part
        where = rest.partition("@")[2] or rest
        if "@" in where.partition("?")[0]:  # half a password would be the host that errors name
            raise ValueError("has more than one @; in a password, write @ as %40")
        port_of(split(f"//{where}"))
    return url


def broker(url: str) -> str:
    """The embedded broker, or Redis."""
    parts = split(url)
    if parts.scheme not in _BROKERS:
        raise ValueError("must be memory:// or start with redis:// or rediss://")
    port_of(parts)
    nothing_cut(parts)
    return url


def mail(url: str) -> str:
    """A Maildir, or SMTP relays separated by white space."""
    if not url.strip():
        return ""
    if not url.startswith("maildir:"):
        read_relays(url)
        return url
    path = url.removeprefix("maildir:")
    if not path.strip() or path.startswith("//"):
        raise ValueError("must name a folder, without //: maildir:var/outbox")
    if any(word.startswith(("smtp://", "smtps://")) for word in path.split()):
        raise ValueError("names a Maildir and a relay; what goes into one does not leave")
    return url


def site(url: str) -> str:
    """The public address of a site, without a slash at its end."""
    parts = split(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError("must be an absolute http:// or https:// address")
    if "?" in url or "#" in url or any(char.isspace() or not char.isprintable() for char in url):
        raise ValueError("must have no space, no ? and no #")
    port_of(parts)
    return url.rstrip("/")


def contact(url: str) -> str:
    """Where people write to: an address, a page or a telephone (RFC 9116, section 2.5.3)."""
    if url and not url.startswith(("mailto:", "https://", "tel:")):
        raise ValueError("must start with mailto:, https:// or tel:")
    if any(char.isspace() or not char.isprintable() for char in url):
        raise ValueError("must be one address, without a space")
    return url


def proxies(text: str) -> str:
    """IP addresses and networks, comma-separated; ``*`` is whoever connects."""
    names = [name.strip() for name in text.split(",")] if text.strip() else []
    for name in names if names != ["*"] else []:
        if not _is_network(name):
            problem = "must be IP addresses or networks, comma-separated, or * alone for any"
            raise ValueError(f"{problem}; {name!r} is neither")
    return ",".join(names)


def _sqlite_file(rest: str) -> None:
    path = rest.removeprefix("/").partition("?")[0]
    if not rest.startswith("/"):
        raise ValueError("must have three slashes before the file: sqlite:///var/colporteur.db")
    if not path.strip() or ":memory:" in path or "mode=memory" in rest:
        raise ValueError("must name a file, which all processes share: sqlite:///var/colporteur.db")


def _is_network(name: str) -> bool:
    try:
        ipaddress.ip_network(name)
    except ValueError:
        return False
    return True
