"""What comes back into a mailbox: a Maildir, and a real IMAP server."""

from pathlib import Path
from urllib.parse import quote

import pytest
from certificates import certificate
from house import House
from imap import PASSWORD, Imap, imap_server
from returns import EARS, delivery_to, drops, dsn, kept, sent, state_of, verp
from sink import Sink

from colporteur.config import Settings
from colporteur.config.listening import read_mailbox
from colporteur.doctor.asking.ears import look_at_ears
from colporteur.exceptions import ServiceUnavailable
from colporteur.feedback.fetching import fetch
from colporteur.feedback.taking import Fetched

pytestmark = pytest.mark.smtp
AMINA, BRUNO = "amina@example.org", "bruno@example.org"
AWAY = b"From: a@example.org\r\nAuto-Submitted: auto-replied\r\nSubject: Absence\r\n\r\nOk\r\n"


@pytest.fixture
def house(house: House, smtp_sink: Sink) -> House:
    sent(house, smtp_sink, "amina", "bruno")
    return house


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = certificate(tmp_path_factory.mktemp("imap"), "127.0.0.1")
    made.chmod(0o644)
    made.parent.chmod(0o755)
    return made


@pytest.fixture(scope="session")
def server(pem: Path):
    with imap_server(pem) as made:
        yield made


@pytest.fixture
def imap(server: Imap, pem: Path, monkeypatch: pytest.MonkeyPatch) -> Imap:
    for folder in ("new", "cur"):
        for one in (server.maildir / folder).iterdir():
            one.unlink()
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    return server


def url(imap: Imap, scheme: str = "imaps", password: str = PASSWORD, more: str = "") -> str:
    port = imap.tls_port if scheme == "imaps" else imap.port
    return f"{scheme}://bounces:{quote(password, safe='')}@127.0.0.1:{port}/INBOX{more}"


def test_a_maildir_is_heard_once_and_marked(house: House, tmp_path: Path):
    for folder in ("new", "cur", "tmp"):
        (tmp_path / folder).mkdir()
    to = verp(delivery_to(house, AMINA))
    (tmp_path / "new" / "1.a.mx").write_bytes(dsn(to))
    (tmp_path / "new" / "2.b.mx").write_bytes(AWAY)
    (tmp_path / "cur" / "3.c.mx:2,F").write_bytes(dsn(to))
    (tmp_path / "cur" / "4.d.mx:2,S").write_bytes(dsn(verp(delivery_to(house, BRUNO))))
    mailbox = read_mailbox(f"maildir:{tmp_path}")
    assert fetch(house.engine, EARS, mailbox) == Fetched(heard=1, dropped=1, again=1)
    assert fetch(house.engine, EARS, mailbox) == Fetched()
    names = sorted(one.name for one in (tmp_path / "cur").iterdir())
    assert names == ["1.a.mx:2,S", "2.b.mx:2,S", "3.c.mx:2,FS", "4.d.mx:2,S"]
    assert (state_of(house, AMINA), state_of(house, BRUNO)) == ("bounced", "active")
    assert drops(house) == {"auto_reply": 1}
    with pytest.raises(ServiceUnavailable, match="Maildir"):
        fetch(house.engine, EARS, tmp_path / "nowhere")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_cannot_be_read_holds_nothing_up(house: House, tmp_path: Path):
    for folder in ("new", "cur"):
        (tmp_path / folder).mkdir()
    locked = tmp_path / "new" / "1.a.mx"
    locked.write_bytes(AWAY)
    (tmp_path / "new" / "2.b.mx").write_bytes(dsn(verp(delivery_to(house, AMINA))))
    (tmp_path / "cur" / "1.a.mx:2,S").mkdir()  # it can be read, and not be moved
    assert fetch(house.engine, EARS, tmp_path) == Fetched(heard=1, dropped=1, failed=1)
    assert state_of(house, AMINA) == "bounced"
    with pytest.raises(ServiceUnavailable, match="Maildir"):
        fetch(house.engine, EARS, tmp_path)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_imap_message_that_cannot_be_moved_holds_nothing_up(
    house: House, imap: Imap, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("colporteur.feedback.ways.imap._STEP", 1)
    imap.deliver(AWAY, "4.moved.mx")
    imap.deliver(dsn(verp(delivery_to(house, AMINA))), "5.moved.mx")
    imap.deliver(AWAY, "6.moved.mx")
    mailbox = read_mailbox(url(imap, more=f"?moved_to={'x' * 300}"))  # no folder is called that
    assert fetch(house.engine, EARS, mailbox) == Fetched(heard=1, dropped=2, failed=3)
    assert state_of(house, AMINA) == "bounced"


@pytest.mark.parametrize("scheme", ["imaps", "imap"])
def test_an_imap_folder_is_heard_once_and_flagged(house: House, imap: Imap, scheme: str):
    imap.deliver(dsn(verp(delivery_to(house, AMINA))), "1.a.mx")
    imap.deliver(AWAY, "2.b.mx")
    mailbox = read_mailbox(url(imap, scheme))
    assert fetch(house.engine, EARS, mailbox) == Fetched(heard=1, dropped=1)
    assert fetch(house.engine, EARS, mailbox) == Fetched()
    assert [one.rpartition(",")[2] for one in imap.names()] == ["S", "S"]
    assert state_of(house, AMINA) == "bounced"
    assert [one.source for one in kept(house)] == ["imap"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_imap_folder_can_be_emptied_into_another(house: House, imap: Imap):
    imap.deliver(dsn(verp(delivery_to(house, AMINA))), "1.a.mx")
    mailbox = read_mailbox(url(imap, more="?moved_to=Heard"))
    assert fetch(house.engine, EARS, mailbox) == Fetched(heard=1)
    assert imap.names() == imap.names("new") == []
    assert len(imap.names(".Heard/cur")) == 1


def test_a_mailbox_is_tried_without_hearing_anything(imap: Imap):
    def troubles(password: str) -> tuple[str, ...]:
        settings = Settings(feedback_mailbox=url(imap, password=password))
        return look_at_ears(settings, offline=False, here=True).troubles

    assert troubles(PASSWORD) == ()
    (said,) = troubles("another-one")
    assert "does not serve" in said
    assert "another-one" not in said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_mailbox_that_does_not_serve_is_told_without_its_password(
    house: House, imap: Imap, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(ServiceUnavailable, match=r"127.0.0.1:\d+ does not serve") as refused:
        fetch(house.engine, EARS, read_mailbox(url(imap, password="wrong-secret")))
    assert "wrong-secret" not in refused.value.message
    with pytest.raises(ServiceUnavailable):
        fetch(house.engine, EARS, read_mailbox(url(imap).replace("INBOX", "Nowhere")))
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ServiceUnavailable, match="certificate"):
        fetch(house.engine, EARS, read_mailbox(url(imap)))
    assert "secret" not in repr(read_mailbox("imaps://u:secret@mail.example.org"))
