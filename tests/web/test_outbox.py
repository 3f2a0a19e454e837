from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from house import House
from single import open_transport

from colporteur.config import Settings
from colporteur.delivery.message import Envelope
from colporteur.web.feeds import FeedsInFront

DATABASES = ("sqlite",)  # the stores below have their tests on both

HERE = "http://localhost:8000"
MAIL = (
    b"From: a@relais.example\r\nTo: b@example.org\r\nSubject: =?utf-8?q?=C3=89t=C3=A9?=\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nLe texte\r\n"
    b"--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Le HTML<script>x</script></p>\r\n--x--\r\n"
)


@pytest.fixture
def kept(house: House, tmp_path: Path) -> Path:
    transport = open_transport(Settings(mail_url=f"maildir:{tmp_path}/outbox"))
    transport.send(Envelope("a@relais.example", "b@example.org"), MAIL)
    return next((tmp_path / "outbox" / "new").iterdir())


@pytest.fixture
def app(published: House, tmp_path: Path) -> FeedsInFront:
    return make_app(published, tmp_path, base_url=HERE)


def test_an_empty_outbox_says_what_will_come(ask: Ask):
    assert "Aucun" in ask("GET", "/outbox").text


def test_a_mail_is_shown_as_a_reader_sees_it_as_text_and_as_source(ask: Ask, kept: Path):
    listing = ask("GET", "/outbox").text
    assert "Été" in listing
    assert "b@example.org" in listing
    shown = ask("GET", f"/outbox/{kept.name}").text
    assert f'sandbox src="/outbox/{kept.name}/frame"' in shown
    assert "Le texte" in ask("GET", f"/outbox/{kept.name}?part=text").text
    assert "multipart/alternative" in ask("GET", f"/outbox/{kept.name}?part=source").text


def test_the_frame_cannot_run_anything_nor_be_framed_elsewhere(ask: Ask, kept: Path):
    frame = ask("GET", f"/outbox/{kept.name}/frame")
    assert "Le HTML" in frame.text
    policy = frame.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy


@pytest.mark.parametrize("path", ["", "/frame"])
def test_only_this_machine_may_look(app: FeedsInFront, kept: Path, path: str):
    path = f"/outbox/{kept.name}{path}"
    assert asker(app)("GET", path).status_code == 200
    assert asker(app, client="203.0.113.9")("GET", path).status_code == 404
    assert asker(app)("GET", path, headers={"Host": "evil.example"}).status_code == 404


@pytest.mark.parametrize(
    "header",
    ["Forwarded", "Via", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Any"],
)
def test_nobody_looks_through_a_proxy_that_is_not_trusted(
    published: House, ask: Ask, tmp_path: Path, header: str
):
    said = {header: "127.0.0.1"}
    assert ask("GET", "/outbox", headers=said).status_code == 404
    trusting = make_app(published, tmp_path, base_url=HERE, trusted_proxies="127.0.0.1")
    assert asker(trusting)("GET", "/outbox", headers=said).status_code == 200


def test_a_public_site_has_a_proxy_in_front_and_no_outbox(published: House, tmp_path: Path):
    app = make_app(published, tmp_path)
    for host in ("localhost", "relais.example"):
        assert asker(app)("GET", "/outbox", headers={"Host": host}).status_code == 404


def test_a_publication_with_a_public_address_of_its_own_has_no_outbox(
    published: House, tmp_path: Path
):
    app = make_app(published, tmp_path, base_url="", feeds="feeds")
    assert asker(app)("GET", "/outbox").status_code == 404


@pytest.mark.parametrize("host", ["relais.localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_any_name_of_this_machine_will_do(ask: Ask, host: str):
    assert ask("GET", "/outbox", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["[::1", "[", "localhost]"])
def test_a_host_that_cannot_be_read_is_not_this_machine(ask: Ask, host: str):
    assert ask("GET", "/outbox", headers={"Host": host}).status_code == 404


def test_there_is_no_outbox_when_mail_goes_to_a_relay(house: House, tmp_path: Path):
    app = make_app(house, tmp_path, mail_url="smtp://127.0.0.1:2525", base_url=HERE)
    assert asker(app)("GET", "/outbox").status_code == 404


@pytest.mark.parametrize("name", ["..%2F..%2Fcolporteur.db", "nothing", "%2e%2e", "e" * 300])
def test_no_other_file_is_shown(ask: Ask, name: str):
    assert ask("GET", f"/outbox/{name}").status_code in {404, 307}
