"""The shipped nginx configuration, before two web servers that write down what they are asked."""

import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from proxied import Proxy, proxy
from running import ROOT
from servers import free_port

ETAG = '"one"'


@dataclass
class Web:
    """Two servers that answer alike; each asked is (port, method, path, headers)."""

    servers: list[ThreadingHTTPServer] = field(default_factory=list)
    asked: list[tuple[int, str, str, dict[str, str]]] = field(default_factory=list)
    status: int = 200
    go_on: threading.Event = field(default_factory=threading.Event)

    def of(self, path: str) -> list[dict[str, str]]:
        return [headers for _, _, asked, headers in self.asked if asked == path]

    def serve(self, port: int) -> None:
        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(answering) -> None:  # noqa: N805
                self.answer(answering)

            do_POST = do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", port), Answering)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.servers.append(server)

    def answer(self, asked: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in asked.headers.items()}
        self.asked.append((asked.server.server_port, asked.command, asked.path, headers))  # type: ignore[attr-defined]
        body = asked.rfile.read(int(headers.get("content-length", 0))) or b"a feed"
        if asked.path.startswith("/newsroom/live/"):
            self.stream(asked)
            return
        unchanged = self.status == 200 and headers.get("if-none-match") == ETAG
        asked.send_response(304 if unchanged else self.status)
        private = "private" in asked.path or headers.get("sec-fetch-mode") == "navigate"
        asked.send_header("Cache-Control", "no-store" if private else "public, max-age=300")
        asked.send_header("Vary", "Accept-Encoding, Sec-Fetch-Mode")
        asked.send_header("ETag", ETAG)
        if not unchanged:
            asked.send_header("Content-Length", str(len(body)))
        asked.end_headers()
        if not unchanged and asked.command != "HEAD":
            asked.wfile.write(body)

    def stream(self, asked: BaseHTTPRequestHandler) -> None:
        """One event, and another only when the test has seen the first."""
        asked.send_response(200)
        asked.send_header("Content-Type", "text/event-stream")
        asked.send_header("Connection", "close")
        asked.end_headers()
        asked.wfile.write(b"data: first\n\n")
        self.go_on.wait(5)
        asked.wfile.write(b"data: second\n\n")
        asked.close_connection = True


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, Proxy]]:
    folder = tmp_path_factory.mktemp("proxy")
    make = [sys.executable, ROOT / "worker" / "certificate.py", folder, "localhost"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
    web, ports = Web(), (free_port(), free_port())
    for port in ports:
        web.serve(port)
    with proxy(folder, ports, folder) as made:
        yield web, made
    for server in web.servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def web(front: tuple[Web, Proxy]) -> Web:
    made, _ = front
    made.asked.clear()
    made.status = 200
    made.go_on.clear()
    return made


@pytest.fixture
def site(front: tuple[Web, Proxy]) -> Iterator[httpx.Client]:
    _, made = front
    with httpx.Client(base_url=made.url) as client:
        yield client


def test_a_feed_is_asked_for_once_by_however_many_readers(web: Web, site: httpx.Client):
    answers = [site.get("/feeds/a.atom", headers={"User-Agent": f"r{n}"}) for n in range(20)]
    assert {answer.text for answer in answers} == {"a feed"}
    assert [answer.headers["x-cache"] for answer in answers] == ["MISS"] + ["HIT"] * 19
    assert len(web.of("/feeds/a.atom")) == 1
    assert answers[5].headers["cache-control"] == "public, max-age=300"


def test_a_feed_is_kept_once_a_coding_however_programs_ask_for_it(web: Web, site: httpx.Client):
    for said in (
        "gzip, deflate, br",
        "br;q=1.0, gzip;q=0.8",
        "gzip",
        "gzip, deflate",
        "",
        "br;q=0",
    ):
        site.get("/feeds/codings.rss", headers={"Accept-Encoding": said})
    asked = [headers.get("accept-encoding", "") for headers in web.of("/feeds/codings.rss")]
    assert asked == ["br", "gzip", ""]


def test_who_has_a_feed_is_told_that_it_is_unchanged_without_the_site_being_asked(
    web: Web, site: httpx.Client
):
    site.get("/feeds/known.json")
    again = site.get("/feeds/known.json", headers={"If-None-Match": ETAG})
    assert (again.status_code, len(web.of("/feeds/known.json"))) == (304, 1)


def test_a_browser_that_opens_a_feed_gets_its_page_and_leaves_it_to_nobody_else(
    web: Web, site: httpx.Client
):
    for _ in range(2):
        site.get("/feeds/page.atom", headers={"Sec-Fetch-Mode": "navigate"})
    assert site.get("/feeds/page.atom").headers["x-cache"] == "MISS"
    assert len(web.of("/feeds/page.atom")) == 3


def test_what_is_one_readers_own_is_never_kept(web: Web, site: httpx.Client):
    for path in ("/feeds/private/token.atom", "/newsroom/", "/"):
        for _ in range(2):
            site.get(path)
        assert len(web.of(path)) == 2, path


def test_what_is_posted_is_passed_on_each_time(web: Web, site: httpx.Client):
    for number in range(2):
        assert site.post("/subscribe", content=f"form {number}").text == f"form {number}"
    site.post("/feeds/a.atom", content="x")
    assert [method for _, method, _, _ in web.asked] == ["POST"] * 3


def test_the_site_learns_who_asks_and_how_and_nobody_can_pretend(web: Web, site: httpx.Client):
    lies = {"X-Forwarded-For": "10.9.9.9", "X-Forwarded-Proto": "https", "Forwarded": "for=1.2.3.4"}
    site.get("/", headers=lies | {"Host": "localhost:8080"})
    (told,) = web.of("/")
    assert told["x-forwarded-for"] == "127.0.0.1"
    assert told["x-forwarded-proto"] == "http"
    assert told["host"] == "localhost:8080"
    assert "forwarded" not in told


def test_by_tls_the_site_learns_that_it_was_tls(web: Web, front: tuple[Web, Proxy]):
    _, made = front
    trusting = ssl.create_default_context(cafile=str(made.certificate))
    assert httpx.get(f"{made.tls}/", verify=trusting).status_code == 200
    assert web.of("/")[0]["x-forwarded-proto"] == "https"


def test_what_was_asked_for_in_clear_is_not_served_by_tls(
    web: Web, site: httpx.Client, front: tuple[Web, Proxy]
):
    site.get("/feeds/clear.atom")
    trusting = ssl.create_default_context(cafile=str(front[1].certificate))
    assert httpx.get(f"{front[1].tls}/feeds/clear.atom", verify=trusting).status_code == 200
    told = [headers["x-forwarded-proto"] for headers in web.of("/feeds/clear.atom")]
    assert told == ["http", "https"]


def test_all_but_this_machine_and_who_checks_whose_name_it_is_is_led_to_tls(
    web: Web, site: httpx.Client, front: tuple[Web, Proxy]
):
    answer = site.get("/feeds/a.atom?x=1", headers={"Host": "news.example.org"})
    assert answer.status_code == 301
    assert answer.headers["location"] == "https://news.example.org/feeds/a.atom?x=1"
    place = "/.well-known/acme-challenge/token"
    proof = Path(f"{front[1].acme}{place}")
    proof.parent.mkdir(parents=True)
    proof.write_text("ours", encoding="utf-8")
    assert site.get(place, headers={"Host": "news.example.org"}).text == "ours"
    assert web.asked == []


def test_the_log_holds_no_key_of_a_readers_link_and_nothing_that_somebody_typed(
    web: Web, site: httpx.Client, front: tuple[Web, Proxy]
):
    places = ("unsubscribe", "unsubscribe/undo", "preferences", "preferences/new-address")
    for place in (*places, "confirm", "feeds/private", "newsroom/password", "go"):
        site.get(f"/{place}/s3cret-{place.replace('/', '-')}")
    site.get("/archive?q=s3cret")
    assert len(web.asked) == 9
    said = front[1].log.read_text(encoding="utf-8")
    assert '"GET /unsubscribe/undo/..." 200' in said
    assert '"GET /archive" 200' in said
    assert "s3cret" not in said


def test_live_progress_comes_as_it_happens(web: Web, site: httpx.Client):
    with site.stream("GET", "/newsroom/live/1") as answer:
        events = answer.iter_lines()
        assert next(events) == "data: first"  # the second is not written before
        web.go_on.set()
        assert "data: second" in list(events)


def test_a_web_process_that_is_down_is_gone_around_also_by_what_is_posted(
    web: Web, site: httpx.Client
):
    gone = web.servers.pop()
    gone.shutdown()
    gone.server_close()
    for number in range(6):
        assert site.post(f"/subscribe?{number}", content="x").status_code == 200
    web.serve(gone.server_port)


def test_a_feed_kept_long_enough_is_asked_for_anew_and_served_as_it_was_while_the_site_fails(
    web: Web, site: httpx.Client
):
    site.get("/feeds/later.atom")
    time.sleep(2.05)  # a second is how long it is kept here, and nginx counts whole ones
    web.status = 503
    served = site.get("/feeds/later.atom")
    assert (served.status_code, served.headers["x-cache"]) == (200, "STALE")
    assert site.get("/feeds/unknown.atom").status_code == 503
    web.status = 200
    assert site.get("/feeds/later.atom").headers["x-cache"] == "REVALIDATED"
    assert [one.get("if-none-match") for one in web.of("/feeds/later.atom")] == [None, ETAG, ETAG]
