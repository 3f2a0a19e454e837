"""Nothing that is printed, logged or answered holds a secret: each is marked, and looked for."""

import contextlib
import io
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import asker, make_app
from house import SITE, TEMPLATES, House
from newsroom import ON_SQLITE
from sqlalchemy import text

from colporteur import tasks
from colporteur.cli import main
from colporteur.config import Settings, load_settings
from colporteur.db import make_engine, reading, writing
from colporteur.delivery.dkim.keys import new_key
from colporteur.delivery.transports.maildir import MaildirTransport
from colporteur.exceptions import ConfigurationError, ServiceUnavailable
from colporteur.tasks import Runtime
from colporteur.tokens import PREFERENCES, make_token

MARK = "hunter2"
KEY = MARK * 5
PEM = new_key("relais.example", "a").pem.strip()
NOBODY = "127.0.0.1:1"  # where no server is
SECRETS = {
    "secret_key": KEY,
    "secret_key_fallbacks": f"{MARK * 6} {MARK * 7}",
    "database_url": f"postgresql://me:{MARK}@{NOBODY}/x?sslpassword={MARK}",
    "broker_url": f"redis://me:{MARK}@{NOBODY}/0",
    "mail_url": f"smtp://me:{MARK}@{NOBODY}",
    "dkim_domain": "relais.example",
    "dkim_selector": "a",
    "dkim_key": PEM,
    "feedback_mailbox": f"imaps://me:{MARK}@{NOBODY}/INBOX",
    "feedback_postmark": f"me:{MARK * 3}",
}
HOLDS_A_SECRET = ("key", "url", "mailbox", "postmark", "webhook", "fallbacks", "password", "token")
NO_SECRET = {"base_url"}


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An environment in which every secret is marked, and no server answers."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"COLPORTEUR_{name.upper()}", value)
    yield
    with contextlib.suppress(ConfigurationError):  # a command of help alone needs no settings
        tasks.runtime().engine.dispose()


def secret(text_: str) -> bool:
    return MARK in text_ or any(line in text_ for line in PEM.splitlines() if len(line) > 20)


def test_every_setting_that_may_hold_a_secret_stays_out_of_what_is_printed_of_settings():
    named = {one for one in Settings.model_fields if any(part in one for part in HOLDS_A_SECRET)}
    shown = {one for one in named - NO_SECRET if Settings.model_fields[one].repr}
    assert shown == set()
    settings = Settings(**SECRETS)
    assert secret(settings.model_dump_json())
    assert not secret(f"{settings!r} {settings} {settings.relays} {settings.mailbox!r}")
    assert not secret(repr(Runtime(settings, make_engine(settings.database), TEMPLATES)))


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields)))
def test_every_setting_can_come_from_a_file(name: str, tmp_path: Path):
    together = {} if name.startswith("dkim") else {"secret_key": KEY}
    example = str((Settings.model_fields[name].examples or [""])[0])
    wanted = SECRETS.get(name, str(tmp_path) if name in {"feeds", "templates"} else example)
    given = {"secret_key": KEY} | together | {name: wanted}
    if name.startswith("dkim"):
        given |= {key: value for key, value in SECRETS.items() if key.startswith("dkim")}
    direct = {f"COLPORTEUR_{key.upper()}": value for key, value in given.items()}
    file = tmp_path / "value"
    file.write_text(f"{wanted}\n", encoding="utf-8")
    variable = f"COLPORTEUR_{name.upper()}"
    by_file = {key: value for key, value in direct.items() if key != variable}
    assert load_settings(by_file | {f"{variable}_FILE": str(file)}) == load_settings(direct)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", f"postgresql://me:a@{MARK}@host/x"),
        ("database_url", f"postgresql://me:a@{MARK}/b@host/x"),
        ("database_url", f"mysql://me:{MARK}@host/x"),
        ("database_url", f"postgresql://me:{MARK}@host:port/x"),
        ("broker_url", f"redis://me:{MARK}@host:port/0"),
        ("broker_url", f"amqp://me:{MARK}@host"),
        ("broker_url", f"redis://me:1/{MARK}@host"),
        ("mail_url", f"smtp://me:{MARK}@host:port"),
        ("mail_url", f"smtp://me:1/{MARK}@host"),
        ("mail_url", f"smtp://me:{MARK}@host?starttls=no"),
        ("mail_url", f"smtp://me:{MARK}@host smtp://me:{MARK}@host"),
        ("feedback_mailbox", f"imaps://{MARK}@"),
        ("feedback_postmark", MARK),
        ("secret_key", MARK),
        ("dkim_key", f"-----BEGIN PRIVATE KEY-----\n{MARK}"),
        ("secret_kye", MARK),
    ],
)
def test_a_wrong_secret_is_refused_without_being_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("COLPORTEUR_SECRET_KEY", KEY)
    monkeypatch.setenv(f"COLPORTEUR_{name.upper()}", value)
    monkeypatch.setattr("sys.argv", ["colporteur", "migrate"])
    with pytest.raises(SystemExit) as left:
        main()
    printed = "".join(capsys.readouterr())
    assert left.value.code == 2
    assert name.upper() in printed
    assert not secret(printed)


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize(
    "words",
    [
        "migrate",
        "stats",
        "web",
        "worker",
        "up --help",
        "dkim new --help",
        "feedback fetch",
        "go-live",
    ],
)
def test_no_command_prints_a_secret_when_servers_are_away(
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("sys.argv", ["colporteur", *words.split()])
    with pytest.raises(SystemExit) as left:
        main()
    printed = "".join(capsys.readouterr())
    assert printed
    assert (left.value.code == 0) == ("--help" in words)
    assert not secret(printed + caplog.text)


def test_an_address_to_move_to_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"postgresql://me:a@{MARK}@{NOBODY}/x\n"))
    monkeypatch.setattr("sys.argv", ["colporteur", "move", "--to", "-"])
    with pytest.raises(SystemExit) as left:
        main()
    printed = "".join(capsys.readouterr())
    assert left.value.code == 2
    assert "%40" in printed
    assert not secret(printed)


@pytest.mark.usefixtures("marked")
def test_what_celery_reports_of_itself_has_no_secret():
    app = tasks.configure(load_settings())
    assert "broker_url" in app.bugreport()
    assert not secret(app.bugreport() + app.connection().as_uri() + repr(app.conf.humanize()))


def test_a_databases_error_names_it_without_its_password_or_options():
    engine = make_engine(SECRETS["database_url"])
    with pytest.raises(ServiceUnavailable, match=NOBODY) as caught, reading(engine):
        pass
    assert not secret(caught.value.message)


@ON_SQLITE
def test_an_error_is_logged_without_the_token_of_its_address(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    ask = asker(make_app(house, tmp_path, secret_key=KEY))
    reader = house.subscribe("lea@example.org")
    token = make_token(KEY, PREFERENCES, reader.subscriber_id)
    with writing(house.engine) as connection:
        connection.execute(text("ALTER TABLE subscriptions RENAME TO elsewhere"))
    try:
        answer = ask("GET", f"{SITE}/unsubscribe/{token}")
        private = ask("GET", f"{SITE}/preferences/{token}")
    finally:
        with writing(house.engine) as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO subscriptions"))
    assert {answer.status_code, private.status_code} <= {404, 503}
    assert token not in caplog.text
    assert not secret(caplog.text)


def test_what_we_write_is_for_its_owner_alone(tmp_path: Path):
    data = tmp_path / "data"
    settings = load_settings({"COLPORTEUR_DATA_DIR": str(data)})
    engine = make_engine(settings.database)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE readers (address text)"))
    engine.dispose()
    list(MaildirTransport(data / "outbox").deliver([]))
    for path in (data, *data.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_a_database_that_is_there_keeps_its_permissions(tmp_path: Path):
    path = tmp_path / "shared.db"
    path.touch(mode=0o660)
    path.chmod(0o660)
    engine = make_engine(f"sqlite:///{path}")
    with reading(engine) as connection:
        connection.execute(text("SELECT 1"))
    engine.dispose()
    assert stat.S_IMODE(path.stat().st_mode) == 0o660


def test_a_file_of_a_secret_that_cannot_be_read_says_which():
    with pytest.raises(ConfigurationError, match="COLPORTEUR_SECRET_KEY_FILE names /none"):
        load_settings({"COLPORTEUR_SECRET_KEY_FILE": "/none"})
