"""The API of a real process, from the token to the bytes of a feed."""

import hashlib
import hmac
import json
from contextlib import ExitStack
from pathlib import Path

import httpx
from running import Installation, wait_for

from colporteur.clock import utcnow

SOON_S = 5


def stored(installation: Installation) -> bytes:
    """Every byte of the data folder, the log beside it."""
    files = [path for path in (installation.folder / "var").rglob("*") if path.is_file()]
    return b"".join(path.read_bytes() for path in files) + installation.log("up").encode()


def bytes_of(feed: str) -> str:
    """The feed, asked for with a validator: who asks without is slowed."""
    found = httpx.get(feed, headers={"If-None-Match": '"another"'})
    assert found.status_code == 200
    return found.text


def token(installation: Installation, *options: str) -> list[str]:
    done = installation.run("users", "token", "leila@example.org", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_an_article_posted_with_a_token_is_in_the_feed_within_seconds(tmp_path: Path):
    installation = Installation(tmp_path, {"COLPORTEUR_LOG_LEVEL": "debug"})
    with ExitStack() as stack, installation.up():
        assert installation.run("users", "add", "leila@example.org").returncode == 0
        (text,) = token(installation, "--name", "cms")
        target, secret = token(installation, "--name", "blog", "--ghost")
        api = stack.enter_context(
            httpx.Client(
                base_url=f"{installation.url}/api/v1", headers={"Authorization": f"Bearer {text}"}
            )
        )
        feed = f"{installation.url}/feeds/actualites.json"
        one = {"id": "cms/é 1?", "title": "Un port et ses capteurs", "body": "Le **texte**."}
        added = api.post("/articles", json=one | {"language": "fr"})
        assert added.status_code == 201, added.text
        wait_for(lambda: "<strong>texte</strong>" in bytes_of(feed), SOON_S)
        assert api.get(f"{installation.url}{added.headers['location']}").json()["id"] == one["id"]

        post = {"uuid": "1-2", "title": "Un billet", "html": "<p>Le texte.</p>"}
        post |= {"status": "published", "url": "https://blog.example/un/", "visibility": "public"}
        event = {"post": {"current": post, "previous": {"status": "draft"}}}
        found = httpx.post(target, **signed(secret, event))
        assert (found.status_code, found.json()) == (200, {"outcome": "added"})
        wait_for(lambda: "Un billet" in bytes_of(feed), SOON_S)

        assert api.delete(added.headers["location"].removeprefix("/api/v1")).status_code == 204
        wait_for(lambda: "<strong>" not in bytes_of(feed), SOON_S)  # its text, taken back
        problem = httpx.post(f"{installation.url}/api/v1/articles", json=one)
        assert problem.headers["content-type"] == "application/problem+json"
        kept = stored(installation)
    assert one["title"].encode() in kept  # it is the right place to look
    assert text.encode() not in kept
    assert secret.encode() not in kept
    assert "Traceback" not in installation.log("up")


def signed(secret: str, payload: object) -> dict[str, object]:
    body = json.dumps(payload).encode()
    moment = str(int(utcnow().timestamp() * 1000))
    made = hmac.new(secret.encode(), body + moment.encode(), hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json"}
    headers["X-Ghost-Signature"] = f"sha256={made}, t={moment}"
    return {"content": body, "headers": headers}
