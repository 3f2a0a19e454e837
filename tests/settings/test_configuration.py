import stat
from datetime import timedelta
from pathlib import Path

import pytest

from colporteur.config import load_settings
from colporteur.config.alerting import AlertLimits
from colporteur.config.limit import Limit
from colporteur.exceptions import ConfigurationError

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _load(**variables):
    named = {f"COLPORTEUR_{name.upper()}": str(value) for name, value in variables.items()}
    return load_settings({"PATH": "/bin", "COLPORTEUR": "x", **named})


def _problem(**variables):
    with pytest.raises(ConfigurationError) as caught:
        _load(**variables)
    assert caught.value.exit_code == 2
    assert caught.value.cure
    return caught.value.message


def test_nothing_set_is_an_embedded_installation_in_var():
    settings = _load()
    assert settings.embedded
    assert settings.database == "sqlite:///var/colporteur.db"
    assert settings.outbox == Path("var/outbox")
    assert settings.site("https://news.example") == "http://localhost:8000"
    assert (settings.feeds_folder / "publication.toml").is_file()


def test_ones_own_publication_stands_at_its_own_address():
    Path("mine").mkdir()
    Path("looks").mkdir()
    settings = _load(feeds="mine", templates="looks", mail_url="smtp://relay.example")
    assert settings.site("https://news.example") == "https://news.example"
    assert settings.feeds_folder == Path("mine")
    assert settings.template_folders[0] == Path("looks")
    assert settings.outbox is None
    assert _load(base_url="https://x.example/").site("https://news.example") == "https://x.example"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("port", "8o00", "(example: 8000)."),
        ("port", "0", "greater than or equal to 1"),
        ("port", "65536", "less than or equal to 65535"),
        ("lease_seconds", "1", "(example: 30)."),
        ("log_level", "loud", "'debug', 'info'"),
        ("database_url", "mysql://db", "must start with sqlite:/// or postgresql://"),
        ("broker_url", "amqp://mq", "must be memory:// or start with redis://"),
        ("mail_url", "relay:587", "must start with maildir:, smtp:// or smtps://"),
        ("base_url", "news.example", "absolute http:// or https:// address"),
        ("database_url", "postgresql://h:abc/db", "port that is no number from 1 to 65535"),
        ("database_url", "postgresql://u:p@h:99999/db", "port that is no number"),
        ("database_url", "sqlite://", "sqlite:///var/colporteur.db"),
        ("database_url", "sqlite:///", "must name a file"),
        ("database_url", "sqlite:///:memory:", "must name a file"),
        ("database_url", "sqlite://var/colporteur.db", "three slashes"),
        ("broker_url", "redis://h:abc", "port that is no number"),
        ("mail_url", "smtp://", "names no host"),
        ("mail_url", "smtp://h:99999", "port that is no number"),
        ("mail_url", "smtp://me:pa/ss@h", "%2F"),
        ("mail_url", "smtp://h:25?starttls=maybe", "neither require nor no"),
        ("mail_url", "smtp://h:25?startls=no", "unknown option startls"),
        ("mail_url", "smtps://[::1", "is no address"),
        ("mail_url", "smtp://h?weight=0", "weight that is no number from 1"),
        ("mail_url", "smtp://h?messages=many", "messages that is no number from 1"),
        ("mail_url", "smtp://h?weight=1&weight=2", "option weight twice"),
        ("mail_url", "smtp://h?limit=300", "300/day"),
        ("mail_url", "smtp://h?limit=0/day", "300/day"),
        ("mail_url", "smtp://h?limit=3/fortnight", "300/day"),
        ("mail_url", "smtp://h smtp://h:587?weight=2", "names h:587 twice"),
        ("mail_url", "smtp://h relay.example", "must start with maildir:, smtp:// or smtps://"),
        ("mail_url", "maildir:box smtp://h", "a Maildir and a relay"),
        ("mail_url", "smtp://me:secret@relay.example?starttls=no", "would go out in clear"),
        ("mail_url", "maildir:", "maildir:var/outbox"),
        ("mail_url", "maildir:  ", "must name a folder"),
        ("mail_url", "maildir://var/outbox", "without //: maildir:var/outbox"),
        ("base_url", "https://news.example/a b", "no space"),
        ("base_url", "https://news.example/?a=b", "no ?"),
        ("base_url", "https://news.example/#top", "no #"),
        ("base_url", "https://news.example:port", "port that is no number"),
        ("bounce_domain", "b@example.org", "a domain in ASCII"),
        ("feedback_listen", "http://0.0.0.0:25", "lmtp:// or smtp://"),
        ("feedback_listen", "lmtp://0.0.0.0", "an address of this machine and a port"),
        ("feedback_listen", "smtp://me@0.0.0.0:25", "and no more"),
        ("feedback_mailbox", "pop3://me@mail.example", "imaps://, imap:// or maildir:"),
        ("feedback_mailbox", "imaps://mail.example", "a user and a host"),
        ("feedback_mailbox", "imaps://me:secret@mail.example?x=y", "there is moved_to=Folder"),
        ("feedback_mailbox", "maildir:", "must name a folder"),
        ("feedback_ses_topics", "arn:aws:sqs:eu-west-3:1:x", "ARNs of SNS topics"),
        ("feedback_postmark", "postmark:secret", "at least 16"),
        ("alert_webhook", "ftp://hooks.example/x", "must be an absolute http"),
        ("alert_webhook", "https://me:hunter2@hooks.example/x", "must have no user"),
        ("heartbeat_url", "hc-ping.com/x", "must be an absolute http"),
        ("alert_limits", "errors=5% lateness=3m", "knows no 'lateness'; it knows late, queue"),
        ("alert_limits", "late=30", "late=30m, 2h or 1d"),
        ("alert_limits", "errors=5", "errors=5%"),
        ("alert_limits", "late=1m late=2m", "has late twice"),
        ("trusted_proxies", "10.0.0.2, proxy", "'proxy' is neither"),
        ("trusted_proxies", "10.0.0.2/8", "IP addresses or networks"),
        ("trusted_proxies", "*, 10.0.0.2", "* alone"),
        ("feeds", "nowhere", "names no folder that exists"),
        ("templates", "nowhere", "names no folder that exists"),
        ("base_url", "http://[", "(example: https://news.example.org)."),
        ("secret_key", "short", "at least 32 characters"),
    ],
)
def test_a_bad_value_is_told_with_its_name_and_an_example(name, value, said):
    message = _problem(**{name: value})
    assert message.startswith(f"COLPORTEUR_{name.upper()}: ")
    assert said in message
    assert "(example: " in message
    assert message.endswith(").")


def test_bad_values_are_told_at_once_and_never_shown():
    message = _problem(port="x", mail_url="ftp://user:hunter2@relay", secret_key="hunter2")
    assert [line.partition(":")[0] for line in message.splitlines()] == [
        "COLPORTEUR_MAIL_URL",
        "COLPORTEUR_SECRET_KEY",
        "COLPORTEUR_PORT",
    ]
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", "sqlite:////srv/colporteur.db"),
        ("database_url", "postgresql:///colporteur"),
        ("database_url", "postgresql://me:p#s/s?@h:5432/db"),
        ("mail_url", "maildir:/srv/outbox"),
        ("mail_url", "smtp://me:p%2Fss@relay.example:2525?starttls=require"),
        ("mail_url", "smtp://me:p%2Fss@127.0.0.1:2525?starttls=no"),
        ("mail_url", "smtp://a?weight=3&limit=300/day&limit=10/second\n smtps://b?messages=100"),
        ("bounce_domain", "bounces.example.org"),
        ("feedback_listen", "smtp://[::1]:2525"),
        ("feedback_mailbox", "imaps://me:p%2Fss@mail.example:9993/In%20box?moved_to=Heard"),
        ("feedback_mailbox", "maildir:/var/mail/bounces"),
        ("base_url", "https://news.example:8443/paper"),
        ("alert_webhook", "http://10.0.0.7:8065/hooks/x?y={{.text}}"),
        ("trusted_proxies", "*"),
        ("trusted_proxies", "10.0.0.2,192.168.0.0/16,::1"),
    ],
)
def test_a_right_value_is_taken_as_it_is(name, value):
    assert getattr(_load(**{name: value}), name) == value


def test_limits_of_alerts_keep_their_defaults_where_nothing_is_said():
    limits = _load(alert_limits=" errors=2.5%  late=2h ").limits_of_alerts
    assert limits == AlertLimits(errors=0.025, late=timedelta(hours=2))


def test_several_relays_are_read_with_what_each_takes():
    url = "smtp://me:hunter2@a?weight=3&limit=300/day&limit=10/second  smtps://[::2]?messages=100"
    first, second = _load(mail_url=f"{url}&connections=4").relays
    assert (first.name, first.weight, first.messages) == ("a:587", 3, None)
    assert first.limits == (Limit(300, 86_400), Limit(10, 1))
    assert [str(limit) for limit in first.limits] == ["300/day", "10/second"]
    assert (second.name, second.weight, second.limits) == ("[::2]:465", 1, ())
    assert (second.messages, second.connections) == (100, 4)
    assert "hunter2" not in repr(first)
    assert _load(mail_url="maildir:my outbox").relays == ()


def test_spaces_between_proxies_are_left_out():
    assert _load(trusted_proxies="10.0.0.2, 10.0.0.3").trusted_proxies == "10.0.0.2,10.0.0.3"


@pytest.mark.parametrize("name", ["feeds", "templates"])
def test_a_file_in_place_of_a_folder_is_told(tmp_path, name):
    (tmp_path / "file").write_text("")
    assert "names no folder" in _problem(**{name: "file"})


def test_a_bad_address_is_told_without_its_password():
    message = _problem(
        database_url="postgresql://me:hunter2@h:x/db",
        broker_url="redis://:hunter2@h:x",
        mail_url="smtp://me:hunter2@h?starttls=x",
    )
    assert len(message.splitlines()) == 3
    assert "hunter2" not in message


def test_an_unknown_variable_is_told_with_the_one_meant():
    message = _problem(databse_url="sqlite:///x")
    assert "COLPORTEUR_DATABSE_URL is no setting" in message
    assert "Did you mean COLPORTEUR_DATABASE_URL?" in message


def test_settings_are_read_from_a_dotenv_file_and_the_environment_wins(tmp_path):
    (tmp_path / ".env").write_text("COLPORTEUR_PORT=8100\nCOLPORTEUR_HOST='0.0.0.0'\nOTHER=1\n")
    assert (_load().port, _load().host) == (8100, "0.0.0.0")
    assert _load(port=8200).port == 8200


def test_a_dotenv_file_that_is_not_utf_8_is_told(tmp_path):
    (tmp_path / ".env").write_bytes("COLPORTEUR_HOST=é".encode("latin-1"))
    assert ".env is not UTF-8" in _problem()


def test_a_secret_is_read_from_a_file(tmp_path):
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    assert _load(secret_key_file=tmp_path / "secret").secret_key == SECRET


@pytest.mark.parametrize(("data", "why"), [(None, "No such file"), (b"\xff" * 40, "not UTF-8")])
def test_a_file_of_a_secret_that_cannot_be_read_is_told(tmp_path, data, why):
    if data:
        (tmp_path / "secret").write_bytes(data)
    message = _problem(secret_key_file=tmp_path / "secret")
    assert "COLPORTEUR_SECRET_KEY_FILE" in message
    assert why in message


def test_an_embedded_installation_makes_a_secret_once_for_its_owner_only(tmp_path):
    first = _load().secret_key
    path = tmp_path / "var" / "secret_key"
    assert len(first) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert _load().secret_key == first == path.read_text()


def test_the_secret_is_not_shown_with_the_settings():
    assert SECRET not in repr(_load(secret_key=SECRET))


def test_two_installations_have_two_secrets():
    assert _load(data_dir="one").secret_key != _load(data_dir="two").secret_key


def test_many_machines_must_be_given_their_secret():
    message = _problem(broker_url="redis://redis:6379/0")
    assert message == "COLPORTEUR_SECRET_KEY is not set."
    assert not _load(broker_url="redis://redis:6379/0", secret_key=SECRET).embedded
    assert not Path("var").exists()


def test_a_data_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "var").write_text("")
    assert "the data folder var" in _problem()


@pytest.mark.parametrize("text", ["", "é", "abc"])
def test_a_damaged_secret_is_told_and_never_used(tmp_path, text):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret_key").write_text(text)
    assert "holds no secret key" in _problem()
