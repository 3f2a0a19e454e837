"""HEAD is GET without the body, wherever GET is answered (RFC 9110, section 9.3.2)."""

import pytest
from asking import Ask

PATHS = [
    "/",
    "/healthz",
    "/readyz",
    "/actualites",
    "/articles/tri-aux-urgences",
    "/static/site.css",
    "/feeds/actualites.rss",
    "/feeds/nothing.rss",
    "/feeds.opml",
    "/outbox",
    "/rien",
    "/articles/%00",
]


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("path", PATHS)
def test_head_has_the_status_and_headers_of_get_and_no_body(ask: Ask, path: str):
    got, head = ask("GET", path), ask("HEAD", path)
    assert head.status_code == got.status_code
    assert dict(head.headers) == dict(got.headers)
    assert head.content == b""
    assert got.content
