"""Grades an answer's headers as Mozilla's HTTP Observatory does, by rules of our own.

A hundred points to begin with; what is missing costs, what is stricter than asked is not counted.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SIX_MONTHS_S = 182 * 86_400
_GRADES = ((100, "A+"), (90, "A"), (80, "B"), (65, "C"), (50, "D"), (0, "F"))
_STRICT_REFERRERS = {
    "no-referrer",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
}
_MUST_DENY = ("camera", "geolocation", "microphone", "payment", "usb")


@dataclass(frozen=True)
class Grade:
    """The grade, and what each lost point was lost for."""

    letter: str
    lost: Mapping[str, int]


def grade(headers: Mapping[str, str], cookies: list[str], *, https: bool = True) -> Grade:
    """The grade of an answer. ``cookies`` are its Set-Cookie headers."""
    said = {name.lower(): value for name, value in headers.items()}
    lost = dict(_lost(said, cookies, https=https))
    score = 100 - sum(lost.values())
    return Grade(next((one for least, one in _GRADES if score >= least), "F"), lost)


def directives(policy: str) -> dict[str, list[str]]:
    """A Content-Security-Policy by directive; the first of a name counts."""
    found: dict[str, list[str]] = {}
    for part in policy.split(";"):
        name, *sources = part.split() or [""]
        found.setdefault(name, sources)
    return found


def _lost(said: Mapping[str, str], cookies: list[str], *, https: bool) -> Iterator[tuple[str, int]]:
    yield from _of_policy(said)
    if https and not _kept_to_tls(said.get("strict-transport-security", "")):
        yield "Strict-Transport-Security is missing or shorter than six months", 20
    if not https and "strict-transport-security" in said:
        yield "Strict-Transport-Security over plain HTTP (RFC 6797, section 7.2)", 5
    if said.get("x-content-type-options") != "nosniff":
        yield "X-Content-Type-Options is not nosniff", 5
    if said.get("access-control-allow-origin") == "*" and "set-cookie" in said:
        yield "anybody's page may read what comes with a cookie", 50
    if "server" in said or "x-powered-by" in said:
        yield "it says what it is made with", 5
    for cookie in cookies:
        yield from _of_cookie(cookie, https=https)


def _of_policy(said: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    policy = directives(said.get("content-security-policy", ""))
    if policy.get("default-src") != ["'none'"]:
        yield "Content-Security-Policy does not begin with nothing", 25
    scripts = policy.get("script-src", [])
    if set(scripts) - {"'self'"} and "sandbox" not in policy:
        yield f"scripts from {' '.join(scripts)}", 20
    if "'unsafe-inline'" in policy.get("style-src", []) and "sandbox" not in policy:
        yield "styles from anywhere in a page", 5
    if _is_page(said):
        yield from _of_page(said, policy)
    if said.get("cross-origin-resource-policy") not in {"same-origin", "cross-origin"}:
        yield "Cross-Origin-Resource-Policy is missing", 5


def _of_page(said: Mapping[str, str], policy: Mapping[str, list[str]]) -> Iterator[tuple[str, int]]:
    if policy.get("frame-ancestors") not in (["'none'"], ["'self'"]):
        yield "frame-ancestors lets others frame it", 20
    if "sandbox" not in policy and policy.get("base-uri") != ["'none'"]:
        yield "base-uri is not nothing", 5
    if "sandbox" not in policy and policy.get("form-action") not in (["'self'"], ["'none'"]):
        yield "forms may be sent elsewhere", 5
    if said.get("x-frame-options") not in {"DENY", "SAMEORIGIN"}:
        yield "X-Frame-Options is missing", 5
    if said.get("cross-origin-opener-policy") != "same-origin":
        yield "Cross-Origin-Opener-Policy is not same-origin", 5
    if said.get("referrer-policy") not in _STRICT_REFERRERS:
        yield "Referrer-Policy tells others where one came from", 5
    allowed = said.get("permissions-policy", "")
    if any(f"{name}=()" not in allowed for name in _MUST_DENY):
        yield "Permissions-Policy leaves a device open", 5


def _is_page(said: Mapping[str, str]) -> bool:
    return said.get("content-type", "").startswith(("text/html", "image/svg"))


def _kept_to_tls(said: str) -> bool:
    found = re.match(r"max-age=(\d+)", said)
    return found is not None and int(found[1]) >= SIX_MONTHS_S


def _of_cookie(cookie: str, *, https: bool) -> Iterator[tuple[str, int]]:
    name = cookie.partition("=")[0]
    flags = {one.strip().lower() for one in cookie.split(";")[1:]}
    if "httponly" not in flags:
        yield f"scripts read the cookie {name}", 20
    if not flags & {"samesite=lax", "samesite=strict"}:
        yield f"other sites' forms send the cookie {name}", 20
    if https and "secure" not in flags:
        yield f"the cookie {name} goes out in clear", 20
