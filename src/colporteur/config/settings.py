"""The settings: their names, what they are, and which values are right."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from colporteur.config import addresses, alerting, dkim, hooks, keys, listening
from colporteur.config.alerting import AlertLimits, parse_alert_limits
from colporteur.config.listening import Listening, Mailbox, read_listening, read_mailbox
from colporteur.config.relay import Relay, parse_relays

CHECKOUT = Path(__file__).resolve().parents[3]


def _folder(value: str) -> str:
    if value and not Path(value).is_dir():
        raise ValueError("names no folder that exists")
    return value


class Settings(BaseModel):
    """How this installation runs. Paths are relative to the folder the command starts in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Annotated[
        Path, Field(description="Folder of an embedded run's data.", examples=["var"])
    ] = Path("var")
    database_url: Annotated[
        str,
        AfterValidator(addresses.database),
        Field(
            description="SQLite file or PostgreSQL database; empty: a file in the data folder.",
            examples=["postgresql://colporteur:secret@db/colporteur"],
            repr=False,
        ),
    ] = ""
    broker_url: Annotated[
        str,
        AfterValidator(addresses.broker),
        Field(
            description="Celery's broker: memory:// (embedded) or Redis.",
            examples=["redis://:secret@redis:6379/0"],
            repr=False,
        ),
    ] = "memory://"
    mail_url: Annotated[
        str,
        AfterValidator(addresses.mail),
        Field(
            description="Where mail goes: a Maildir seen at /outbox, or SMTP relays.",
            examples=["smtp://user:secret@relay.example.org:587?starttls=require"],
            repr=False,
        ),
    ] = ""
    dkim_domain: Annotated[
        str,
        AfterValidator(dkim.domain),
        Field(
            description="The domain that signs mail (DKIM); that of the senders.",
            examples=["news.example.org"],
        ),
    ] = ""
    dkim_selector: Annotated[
        str,
        AfterValidator(dkim.selector),
        Field(
            description="Where DNS has its key: before ._domainkey and the domain.",
            examples=["col1"],
            validate_default=True,
        ),
    ] = ""
    dkim_key: Annotated[
        str,
        AfterValidator(dkim.key),
        Field(
            description="Its private RSA key, in PEM; `colporteur dkim new` makes one.",
            examples=["COLPORTEUR_DKIM_KEY_FILE=dkim.pem"],
            validate_default=True,
            repr=False,
        ),
    ] = ""
    bounce_domain: Annotated[
        str,
        AfterValidator(dkim.domain),
        Field(
            description="The domain whose mail we read: bounces come back to addresses in it.",
            examples=["bounces.news.example.org"],
        ),
    ] = ""
    feedback_listen: Annotated[
        str,
        AfterValidator(listening.listening),
        Field(
            description="Where a server of ours takes bounces: lmtp:// or smtp://; empty: none.",
            examples=["lmtp://0.0.0.0:2424"],
        ),
    ] = ""
    feedback_mailbox: Annotated[
        str,
        AfterValidator(listening.mailbox),
        Field(
            description="The mailbox in which bounces arrive: IMAP or a Maildir.",
            examples=["imaps://bounces:secret@mail.example.org/INBOX"],
            repr=False,
        ),
    ] = ""
    feedback_ses_topics: Annotated[
        str,
        AfterValidator(hooks.topics),
        Field(
            description="ARNs of the SNS topics to which Amazon SES reports, comma-separated.",
            examples=["arn:aws:sns:eu-west-3:123456789012:bounces"],
        ),
    ] = ""
    feedback_postmark: Annotated[
        str,
        AfterValidator(hooks.credentials),
        Field(
            description="The user:password with which Postmark calls /feedback/postmark.",
            examples=["postmark:the output of openssl rand -hex 16"],
            repr=False,
        ),
    ] = ""
    base_url: Annotated[
        str,
        AfterValidator(addresses.site),
        Field(
            description="The site's public address; empty: the publication's, else this machine's.",
            examples=["https://news.example.org"],
        ),
    ] = ""
    security_contact: Annotated[
        str,
        AfterValidator(addresses.contact),
        Field(
            description="Whom /.well-known/security.txt names; empty: the address of replies.",
            examples=["mailto:security@example.org"],
        ),
    ] = ""
    secret_key: Annotated[
        str,
        AfterValidator(keys.secret),
        Field(
            description="Signs links; at least 32 characters. Embedded: made and kept in var/.",
            examples=["the output of: openssl rand -hex 32"],
            repr=False,
        ),
    ] = ""
    secret_key_fallbacks: Annotated[
        str,
        AfterValidator(keys.fallbacks),
        Field(
            description="Keys of before, whose links still work; separated by spaces or lines.",
            examples=["the key that COLPORTEUR_SECRET_KEY held before"],
            repr=False,
        ),
    ] = ""
    host: Annotated[
        str, Field(description="Address the web server listens on.", examples=["0.0.0.0"])  # noqa: S104
    ] = "127.0.0.1"
    port: Annotated[
        int, Field(description="The web server's port.", ge=1, le=65535, examples=[8000])
    ] = 8000
    trusted_proxies: Annotated[
        str,
        AfterValidator(addresses.proxies),
        Field(
            description="Proxies whose X-Forwarded-* headers are believed, comma-separated.",
            examples=["10.0.0.2"],
        ),
    ] = ""
    feeds: Annotated[
        str,
        AfterValidator(_folder),
        Field(description="Folder with publication.toml; empty: the sample.", examples=["feeds"]),
    ] = ""
    templates: Annotated[
        str,
        AfterValidator(_folder),
        Field(
            description="Folder whose templates come before the shipped ones.",
            examples=["my-templates"],
        ),
    ] = ""
    metrics_token: Annotated[
        str,
        AfterValidator(keys.secret),
        Field(
            description="Who gives it as a bearer token may read /metrics; empty: private networks.",
            examples=["the output of: openssl rand -hex 32"],
            repr=False,
        ),
    ] = ""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(description="How much is logged.", examples=["info"]),
    ] = "info"
    log_format: Annotated[
        Literal["people", "json"],
        Field(description="How lines of the log are written.", examples=["json"]),
    ] = "people"
    log_addresses: Annotated[
        bool,
        Field(
            description="Write addresses of people into the log whole, to look for one.",
            examples=["false"],
        ),
    ] = False
    alert_webhook: Annotated[
        str,
        AfterValidator(alerting.hook),
        Field(
            description="Where operators are told what is wrong, by a POST of JSON; empty: nowhere.",
            examples=["https://hooks.slack.com/services/…"],
            repr=False,
        ),
    ] = ""
    heartbeat_url: Annotated[
        str,
        AfterValidator(alerting.hook),
        Field(
            description="Asked each minute while all is well: whoever is there misses us otherwise.",
            examples=["https://hc-ping.com/…"],
            repr=False,
        ),
    ] = ""
    alert_limits: Annotated[
        str,
        AfterValidator(alerting.alert_limits),
        Field(
            description="From where on something is a problem; what is not named has its default.",
            examples=["late=30m errors=20% disk=5%"],
        ),
    ] = ""
    lease_seconds: Annotated[
        int,
        Field(
            description="How long a worker holds a batch before another may take it, in seconds.",
            ge=5,
            le=600,
            examples=[30],
        ),
    ] = 30
    fetch_loopback: Annotated[
        bool,
        Field(
            description="Let sources and hub callbacks be on this machine: for trying out and tests.",
            examples=["false"],
        ),
    ] = False

    @property
    def embedded(self) -> bool:
        """Whether the broker lives inside the one process of ``colporteur up``."""
        return self.broker_url.startswith("memory:")

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The key that signs, and those of before, whose signatures are believed."""
        return (self.secret_key, *self.secret_key_fallbacks.split())

    @property
    def database(self) -> str:
        """The database's URL, SQLite in the data folder when none is set."""
        return self.database_url or f"sqlite:///{self.data_dir / 'colporteur.db'}"

    @property
    def mail(self) -> str:
        """The mail's URL, a Maildir in the data folder when none is set."""
        return self.mail_url or f"maildir:{self.data_dir / 'outbox'}"

    @property
    def outbox(self) -> Path | None:
        """The Maildir's folder, or None when mail goes to a relay."""
        return (
            Path(self.mail.removeprefix("maildir:")) if self.mail.startswith("maildir:") else None
        )

    @property
    def relays(self) -> tuple[Relay, ...]:
        """The relays that mail goes to; none when it goes to the outbox."""
        return () if self.outbox is not None else parse_relays(self.mail)

    @property
    def listening(self) -> Listening | None:
        """Where a server of ours takes what comes back, if anywhere."""
        return read_listening(self.feedback_listen) if self.feedback_listen else None

    @property
    def mailbox(self) -> Mailbox | Path | None:
        """The IMAP folder or Maildir in which it arrives, if in any."""
        return read_mailbox(self.feedback_mailbox) if self.feedback_mailbox else None

    @property
    def limits_of_alerts(self) -> AlertLimits:
        """From where on operators are told that something is wrong."""
        return parse_alert_limits(self.alert_limits)

    @property
    def own_feeds(self) -> bool:
        """Whether a publication of one's own is set rather than the shipped sample."""
        return bool(self.feeds)

    @property
    def has_site(self) -> bool:
        """Whether the site has an address of its own, wherever this process listens."""
        return bool(self.base_url) or self.own_feeds

    def site(self, publication_url: str) -> str:
        """The site's public address, without a slash at its end.

        The shipped sample stands wherever this process listens.
        """
        own = publication_url if self.own_feeds else f"http://localhost:{self.port}"
        return self.base_url or own

    @property
    def feeds_folder(self) -> Path:
        """The folder that holds ``publication.toml``."""
        return Path(self.feeds) if self.feeds else shipped("feeds")

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """Template folders in order of preference: the operator's, then the shipped."""
        own = (Path(self.templates),) if self.templates else ()
        return (*own, shipped("templates"))


def shipped(name: str) -> Path:
    """The folder ``feeds`` or ``templates``: the wheel's copy, else the checkout's."""
    in_wheel = Path(str(files("colporteur"))) / "_share" / name
    return in_wheel if in_wheel.is_dir() else CHECKOUT / name
