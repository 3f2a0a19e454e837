"""Requests that no browser sends: refused, and never an error of ours."""

from itertools import cycle
from pathlib import Path

from asking import asker, make_app
from house import House
from newsroom import ON_SQLITE

HEADERS = ("host", "accept-language", "cookie", "if-none-match", "range", "authorization")
VALUES = (b"[", b"\xff", b",,;q=a;")
PATHS = ("/", "/metrics", "/outbox", "/newsroom/sign-in")
ADDRESSES = (
    "/%ed%a0%80",
    "/articles/%ff",
    "/static/%2e%2e/%2e%2e/newsroom/_base.html.j2",
    "/static/..%2f..%2femail",
    "/static/%00",
    "/newsroom/static/..%2f_base.html.j2",
    "/outbox/..%2f..%2fsecret_key",
    "/outbox/%2e%2e",
    "/images/..%2fx",
    "/archive/99999999999999999999",
    "/unsubscribe/" + "a" * 5000,
)
BODIES = (
    b"\x00" * 50,
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
    b"[" * 50_000,
    b"%00=%00&address=%00",
    b"\xff\xfe" * 100,
    b"&" * 5000,
    b"address=a%0d%0aBcc:b@example.org&channel=actualites",
)
TYPES = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json")
FORMS = ("/subscribe", "/preferences", "/hub", "/feedback/ses", "/newsroom/sign-in", "/confirm/x")


@ON_SQLITE
def test_odd_headers_are_no_error(published: House, tmp_path: Path):
    ask = asker(make_app(published, tmp_path), raises=False)
    answers = {
        (path, name, value): ask("GET", path, headers={name: value}).status_code
        for path in PATHS
        for name in HEADERS
        for value in VALUES
    }
    assert {asked: code for asked, code in answers.items() if code >= 500} == {}


@ON_SQLITE
def test_odd_addresses_and_bodies_are_refused(published: House, tmp_path: Path):
    ask = asker(make_app(published, tmp_path), raises=False)
    found = {path: ask("GET", path).status_code for path in ADDRESSES}
    assert {path: code for path, code in found.items() if code != 404} == {}
    for path in FORMS:
        for body, kind in zip(BODIES, cycle(TYPES), strict=False):
            code = ask("POST", path, content=body, headers={"content-type": kind}).status_code
            assert code < 500, (path, kind, body[:20])
