import gzip
import socket
import threading
import time
import zlib

import pytest
from elsewhere import Elsewhere, Handler
from hypothesis import given
from hypothesis import strategies as st

from colporteur.exceptions import FetchFailed, FetchRefused
from colporteur.fetch import Fetcher
from colporteur.fetch.guard import allowed, parse_target

HERE = Fetcher(loopback=True, seconds=5)


def test_an_answer_has_its_status_headers_and_body(elsewhere: Elsewhere):
    url = elsewhere.says("/feed?a=1", b"<rss/>", ETag='"1"')
    found = HERE.get(url, {"If-None-Match": '"0"'})
    assert (found.status, found.body, found.headers["etag"]) == (200, b"<rss/>", '"1"')
    ((method, path, asked, _),) = elsewhere.asked
    assert (method, path, asked["If-None-Match"]) == ("GET", "/feed?a=1", '"0"')
    assert asked["User-Agent"].startswith("Colporteur/")
    assert asked["Host"] == f"127.0.0.1:{elsewhere.port}"


def test_a_post_brings_its_body_and_follows_no_redirect(elsewhere: Elsewhere):
    url = elsewhere.says("/hook", status=302, Location="/else")
    assert HERE.post(url, b"<feed/>", {"Content-Type": "application/atom+xml"}).status == 302
    assert [one[3] for one in elsewhere.asked] == [b"<feed/>"]


@pytest.mark.parametrize(
    "pack", [gzip.compress, zlib.compress, lambda body: gzip.compress(body, mtime=0)]
)
def test_what_is_packed_is_unpacked(elsewhere: Elsewhere, pack):
    body = "texte é ".encode() * 10_000
    coding = "deflate" if pack is zlib.compress else "gzip"
    assert HERE.get(elsewhere.says("/", pack(body), Content_Encoding=coding)).body == body


@pytest.mark.parametrize(
    ("body", "coding", "words"),
    [
        (gzip.compress(bytes(50_000_000)), "gzip", "longer than 10 MB"),
        (bytes(10_485_761), "identity", "longer than 10 MB"),
        (b"not packed at all", "gzip", "is not"),
        (gzip.compress(b"text" * 1000)[:-20], "gzip", "breaks off"),
        (b"?", "br", "not asked for"),
    ],
    ids=["bomb", "large", "not gzip", "cut", "brotli"],
)
def test_what_is_too_large_or_damaged_fails_with_the_reason(
    elsewhere: Elsewhere, body: bytes, coding: str, words: str
):
    with pytest.raises(FetchFailed, match=words):
        HERE.get(elsewhere.says("/", body, Content_Encoding=coding))


def test_permanent_redirects_are_told_apart_from_others(elsewhere: Elsewhere):
    elsewhere.says("/old", status=301, Location="/new")
    elsewhere.says("/new", status=302, Location="/today")
    elsewhere.says("/today", b"x")
    found = HERE.get(elsewhere.url("/old"))
    assert found.url == elsewhere.url("/today")
    assert found.moved_to == elsewhere.url("/new")
    assert HERE.get(elsewhere.url("/new")).moved_to is None


def test_a_ring_of_redirects_ends(elsewhere: Elsewhere):
    with pytest.raises(FetchFailed, match="more than 5 times"):
        HERE.get(elsewhere.says("/", status=301, Location="/"))


def test_a_redirect_to_a_private_address_is_refused(elsewhere: Elsewhere):
    url = elsewhere.says("/", status=302, Location="http://10.0.0.1/secret")
    with pytest.raises(FetchRefused, match="not on the public Internet"):
        HERE.get(url)


def test_this_machine_is_refused_unless_allowed(elsewhere: Elsewhere):
    for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433"):
        with pytest.raises((FetchRefused, FetchFailed)):
            Fetcher().get(f"http://{host}:{elsewhere.port}/")
    assert elsewhere.asked == []


def test_a_server_that_drips_is_left_at_the_deadline(elsewhere: Elsewhere):
    done = threading.Event()

    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not done.wait(0.05):
            handler.wfile.write(b".")

    elsewhere.answers["/"] = drip
    began = time.monotonic()
    with pytest.raises(FetchFailed, match="in time"):
        Fetcher(loopback=True, seconds=0.5).get(elsewhere.url())
    assert time.monotonic() - began < 4
    done.set()


def test_a_server_that_is_away_or_breaks_off_is_named_without_the_query(elsewhere: Elsewhere):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{probe.getsockname()[1]}/feed?key=secret"
        with pytest.raises(FetchFailed) as failure:
            HERE.get(away)
    assert "secret" not in failure.value.message
    cut = elsewhere.says("/", b"half", Content_Length="100")
    with pytest.raises(FetchFailed):
        HERE.get(cut)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "ftp://example.org:8080/",
        "file:///etc/passwd",
        "http:///nowhere",
        "https://user:pw@example.org/",
        "http://exa mple.org/",
        "http://example.org:99999/",
        "http://[::1/",
        "http://example.org/" + "a" * 2000,
        "http://" + "a." * 127 + "org/",
        "http://./",
        "",
    ],
)
def test_what_is_no_address_is_refused(url: str):
    with pytest.raises(FetchRefused, match="no address"):
        parse_target(url)


@pytest.mark.parametrize("port", [0, 22, 25, 53, 110, 143, 465, 587, 993, 995, 6000, 6667, 10080])
def test_ports_of_other_protocols_are_refused(port: int):
    for scheme in ("http", "https"):
        with pytest.raises(FetchRefused, match=f"Port {port} is another"):
            parse_target(f"{scheme}://example.org:{port}/")


@pytest.mark.parametrize("port", [80, 443, 3000, 8000, 8080, 8443, 65535])
def test_ports_of_the_web_pass(port: int):
    assert parse_target(f"http://example.org:{port}/").port == port


def test_a_redirect_to_a_port_of_another_protocol_is_refused(elsewhere: Elsewhere):
    url = elsewhere.says("/", status=302, Location="http://127.0.0.1:25/")
    with pytest.raises(FetchRefused, match="Port 25"):
        HERE.get(url)


def test_an_address_in_any_script_is_asked_in_ascii():
    target = parse_target("https://bücher.example/é?q=ع#part")
    assert target.url == "https://xn--bcher-kva.example/%C3%A9?q=%D8%B9"


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "fc00::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:0a00:0001::",
        "::",
        "fec0::1",
        "feff:ffff::1",
        "2001:db8::1",
        "3fff::1",
        "3fff:fff:ffff::1",
    ],
)
def test_no_private_address_passes_in_any_guise(address: str):
    assert list(allowed([address], loopback=True)) == []


def test_public_addresses_pass():
    found = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
    assert list(allowed(found, loopback=False)) == found


@given(st.text(max_size=80) | st.text(max_size=60).map(lambda text: f"http://{text}"))
def test_no_text_is_more_than_refused(url: str):
    try:
        target = parse_target(url)
    except FetchRefused:
        return
    assert target.url.isascii()
    assert target.scheme in {"http", "https"}
