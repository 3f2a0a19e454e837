"""How much signing in is let through: by where it comes from, and by whom it is for.

Everybody is counted alike, whether there is such a person or not. Somebody elsewhere who tries an
address over and over shuts it for strangers' browsers alone: one that signed in before is counted
by itself.
"""

import hashlib
import secrets
from datetime import timedelta

from colporteur.config.keys import Keys
from colporteur.config.limit import Limit, parse_limit
from colporteur.delivery.limits import Limits
from colporteur.delivery.limits.pacing import Rate, refilling
from colporteur.delivery.welcoming.gates import whence
from colporteur.exceptions import AddressRefused, TokenInvalid
from colporteur.staff.people import address_key
from colporteur.tokens import fingerprint, is_fingerprint, make_token, read_pair

_KNOWN = "known-browser"
_CLIENT, _SUBNET = parse_limit("30/15 minutes"), parse_limit("100/15 minutes")
_ADDRESS = parse_limit("10/15 minutes")
_CODES = parse_limit("5/15 minutes")
_LETTERS = parse_limit("3/hour")
_OPENED = parse_limit("30/15 minutes")


class DoorGates:
    """What is let through at the door of one installation."""

    def __init__(self, limits: Limits, secret_key: Keys) -> None:
        self._limits = limits
        self._key = secret_key

    def password(self, ip: str, address: str, known: str) -> timedelta:
        """Count a try of a password; how long it must wait, nothing where it passes.

        ``known`` is what ``remember`` gave the browser, if it did.
        """
        whose = self._browser(known, address) or f"to:{_key_of(address)}"
        return self._wait(*_from(ip, _CLIENT, _SUBNET), _rate(whose, _ADDRESS))

    def code(self, person_id: int) -> timedelta:
        """Count a try of a second factor: there are a million codes, and three of them fit."""
        return self._wait(_rate(f"code:{person_id}", _CODES))

    def present(self, person_id: int) -> timedelta:
        """Count a try of the password that somebody signed in has now."""
        return self._wait(_rate(f"present:{person_id}", _ADDRESS))

    def question(self, ip: str) -> timedelta:
        """Count a form that nobody needs to be signed in for."""
        return self._wait(*_from(ip, _OPENED, _SUBNET, "asked:"))

    def letter(self, address: str) -> bool:
        """Count a letter to an address; whether it passes."""
        return not self._wait(_rate(f"letter:{_key_of(address)}", _LETTERS))

    def remember(self, address: str) -> str:
        """What a browser keeps by which somebody signed in with an address."""
        mark = fingerprint(self._key, _KNOWN, _key_of(address))
        return make_token(self._key, _KNOWN, (secrets.randbits(48), mark))

    def _browser(self, known: str, address: str) -> str:
        """What a browser is counted by that signed in with this address before; else empty."""
        try:
            number, mark = read_pair(self._key, _KNOWN, known[:200])
        except TokenInvalid:
            return ""
        same = is_fingerprint(self._key, _KNOWN, _key_of(address), mark)
        return f"known:{number}" if same else ""

    def _wait(self, *rates: Rate) -> timedelta:
        count, wait = self._limits.take([*rates], 1)
        return timedelta(0) if count else timedelta(microseconds=max(wait, 1))


def _from(ip: str, client: Limit, subnet: Limit, what: str = "") -> list[Rate]:
    address, net = whence(ip.partition("/")[0])
    return [_rate(f"{what}ip:{address}", client), _rate(f"{what}subnet:{net}", subnet)]


def _rate(whose: str, limit: Limit) -> Rate:
    """No address, of a person or a machine, stands in Redis."""
    short = hashlib.sha256(whose.encode()).hexdigest()[:32]
    return refilling(f"door:{short}", limit)


def _key_of(address: str) -> str:
    try:
        return address_key(address)
    except AddressRefused:
        return address.strip().casefold()[:320]
