"""What a relay says it can, in its answer to EHLO (RFC 5321 section 4.1.1.1). Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Extensions:
    """What of it concerns us. ``size``: the largest message in octets, None: it did not say."""

    pipelining: bool = False
    starttls: bool = False
    eight_bit: bool = False
    utf8: bool = False
    dsn: bool = False
    sizes: bool = False
    size: int | None = None
    auth: frozenset[str] = frozenset()


def read_extensions(lines: list[str]) -> Extensions:
    """Read the lines that follow the greeting in an EHLO reply; what is malformed is not there."""
    words = {line.split()[0].upper(): line.split()[1:] for line in lines if line.strip()}
    legacy = [word.upper() for word in words if word.startswith("AUTH=")]  # before RFC 2554
    auth = {one.upper() for one in words.get("AUTH", [])}
    for word in legacy:
        auth |= {word.removeprefix("AUTH="), *(one.upper() for one in words[word])}
    size = (words.get("SIZE") or ["0"])[0]
    most = int(size) if size.isascii() and size.isdigit() else 0
    return Extensions(
        pipelining="PIPELINING" in words,
        starttls="STARTTLS" in words,
        eight_bit="8BITMIME" in words,
        utf8="SMTPUTF8" in words,
        dsn="DSN" in words,
        sizes="SIZE" in words,
        size=most or None,  # 0: no fixed limit (RFC 1870 section 4)
        auth=frozenset(auth),
    )
