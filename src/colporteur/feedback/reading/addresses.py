"""Addresses in texts that others wrote."""

import re
from collections.abc import Iterable

_LOCAL = r"[^\s<>()\[\]\\,;:\"“”«»„|`@*]{1,128}|\"[^\"\n@]{1,64}\""
_DOMAIN = r"(?:[^\W_]|[\w-]){1,63}(?:\.[\w-]{1,63}){0,9}|\[[0-9A-Fa-f.:]{7,45}\]"
ADDRESS = re.compile(rf"(?<![^\s<>()\[\]\\,;:\"“”«»„|`*])({_LOCAL})@({_DOMAIN})")
_TYPED = re.compile(r"^\s*([A-Za-z][A-Za-z0-9-]{1,15})\s*;\s*")
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_PREFIX = re.compile(r"(?:mailto|smtp|to|rfc822|utf-8|e-?mail)[=:]", re.IGNORECASE)
_ROLES = frozenset({"mailer-daemon", "mailerdaemon", "mail-daemon", "postmaster", "double-bounce"})
_TOP = 63


def addresses_in(text: str) -> list[str]:
    """The addresses in a text, in their order, each once."""
    found: dict[str, str] = {}
    for one in ADDRESS.finditer(text):
        address = clean(one[0])
        if address:
            found.setdefault(address.lower(), address)
    return list(found.values())


def clean(address: str) -> str | None:
    """An address without what clings to it in prose; None if nothing sensible is left."""
    local, _, domain = _PREFIX.sub("", address, count=1).rpartition("@")
    local, domain = local.strip("'").lstrip(".=+-/&!?"), domain.rstrip(".-_").strip("'")
    if not local or not domain or len(domain.rpartition(".")[2]) > _TOP:
        return None
    return f"{local}@{domain}"


def typed_address(value: str) -> str | None:
    """The address in a field such as ``rfc822; leila@example.org``: RFC 3464 2.3.1, RFC 6533 3."""
    kind = _TYPED.match(value)
    bare = value[kind.end() :] if kind else value
    if kind and kind[1].lower() == "utf-8":
        bare = _ESCAPED.sub(lambda one: _character(one[1]), bare)
    found = addresses_in(bare)
    return found[0] if found else None


def is_role(address: str) -> bool:
    """Whether it is a server's own, which no report is about."""
    return address.partition("@")[0].lower() in _ROLES


def without(addresses: Iterable[str], excluded: Iterable[str]) -> list[str]:
    """Those addresses that are none of the others, compared without case."""
    those = {one.lower() for one in excluded}
    return [one for one in addresses if one.lower() not in those]


def _character(digits: str) -> str:
    number = int(digits, 16)
    surrogate = 0xD800 <= number <= 0xDFFF  # noqa: PLR2004 - Unicode's surrogates
    return "" if surrogate or number > 0x10FFFF else chr(number)  # noqa: PLR2004 - its last character
