"""Typed settings, read once from the environment and ``.env`` and passed down.

Every setting is an environment variable named ``COLPORTEUR_`` and its name in capitals;
``COLPORTEUR_…_FILE`` names a file that holds the value (for secrets). No other module
reads the environment.
"""

import contextlib
import difflib
import os
import secrets
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from colporteur.exceptions import ConfigurationError

PREFIX = "COLPORTEUR_"
SECRET_AT_LEAST = 32  # characters; 256 bits as hex are 64, as base64 43
CHECKOUT = Path(__file__).resolve().parents[2]


class Settings(BaseModel):
    """How this installation runs. Paths are relative to the folder the command starts in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Annotated[
        Path, Field(description="Folder of an embedded run's data.", examples=["var"])
    ] = Path("var")
    database_url: Annotated[
        str,
        Field(
            description="SQLite file or PostgreSQL database; empty: a file in the data folder.",
            examples=["postgresql://colporteur:secret@db/colporteur"],
        ),
    ] = ""
    broker_url: Annotated[
        str,
        Field(
            description="Celery's broker: memory:// (embedded) or Redis.",
            examples=["redis://:secret@redis:6379/0"],
        ),
    ] = "memory://"
    mail_url: Annotated[
        str,
        Field(
            description="Where mail goes: a Maildir seen at /outbox, or an SMTP relay.",
            examples=["smtp://user:secret@relay.example.org:587?starttls=require"],
        ),
    ] = ""
    base_url: Annotated[
        str,
        Field(
            description="The site's public address; empty: the publication's, else this machine's.",
            examples=["https://news.example.org"],
        ),
    ] = ""
    secret_key: Annotated[
        str,
        Field(
            description="Signs links; at least 32 characters. Embedded: made and kept in var/.",
            examples=["the output of: openssl rand -hex 32"],
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
        Field(
            description="Proxies whose X-Forwarded-* headers are believed, comma-separated.",
            examples=["10.0.0.2"],
        ),
    ] = ""
    feeds: Annotated[
        str,
        Field(description="Folder with publication.toml; empty: the sample.", examples=["feeds"]),
    ] = ""
    templates: Annotated[
        str,
        Field(
            description="Folder whose templates come before the shipped ones.",
            examples=["my-templates"],
        ),
    ] = ""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(description="How much is logged.", examples=["info"]),
    ] = "info"
    lease_seconds: Annotated[
        int,
        Field(
            description="How long a worker holds a batch before another may take it, in seconds.",
            ge=5,
            le=600,
            examples=[30],
        ),
    ] = 30

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"sqlite", "postgresql"}:
            raise ValueError("must start with sqlite:/// or postgresql://")
        return value

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, value: str) -> str:
        if urlsplit(value).scheme not in {"memory", "redis", "rediss"}:
            raise ValueError("must be memory:// or start with redis:// or rediss://")
        return value

    @field_validator("mail_url")
    @classmethod
    def _known_mail(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"maildir", "smtp", "smtps"}:
            raise ValueError("must start with maildir:, smtp:// or smtps://")
        return value

    @field_validator("base_url")
    @classmethod
    def _absolute_base(cls, value: str) -> str:
        if value and (
            urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc
        ):
            raise ValueError("must be an absolute http:// or https:// address")
        return value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _long_secret(cls, value: str) -> str:
        if value and len(value) < SECRET_AT_LEAST:
            raise ValueError(f"must be at least {SECRET_AT_LEAST} characters")
        return value

    @property
    def embedded(self) -> bool:
        """Whether the broker lives inside the one process of ``colporteur up``."""
        return self.broker_url.startswith("memory:")

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
    def own_feeds(self) -> bool:
        """Whether a publication of one's own is set rather than the shipped sample."""
        return bool(self.feeds)

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


def load_settings(environ: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Settings:
    """Read the settings; an embedded installation gets a secret key of its own.

    Raises:
        ConfigurationError: names each bad variable, its problem and an example.
    """
    try:
        in_file = dotenv_values(dotenv or Path(".env"))
    except UnicodeDecodeError:
        raise ConfigurationError("The file .env is not UTF-8.", cure="Save it as UTF-8.") from None
    values: dict[str, str] = {
        **{name: value for name, value in in_file.items() if value is not None},
        **(os.environ if environ is None else environ),  # noqa: TID251 - this is the place
    }
    try:
        settings = Settings.model_validate(_own_variables(values))
    except ValidationError as error:
        raise ConfigurationError(_describe(error), cure="Correct it and start again.") from None
    return settings if settings.secret_key else _with_secret(settings)


def _own_variables(values: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for variable, value in values.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name.endswith("_file") and name.removesuffix("_file") in Settings.model_fields:
            found[name.removesuffix("_file")] = _read_value(variable, Path(value))
        elif name in Settings.model_fields:
            found[name] = value
        else:
            near = difflib.get_close_matches(name, Settings.model_fields, 1)
            hint = f" Did you mean {PREFIX}{near[0].upper()}?" if near else ""
            raise ConfigurationError(
                f"{variable} is no setting of Colporteur.{hint}",
                cure="`colporteur up --help` names the settings; remove or rename this one.",
            )
    return found


def _read_value(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ConfigurationError(
            f"{variable} names {path}, which cannot be read: {reason}.",
            cure="Give the path of a readable file that holds the value.",
        ) from None


def _describe(error: ValidationError) -> str:
    lines = []
    for mistake in error.errors():
        name = str(mistake["loc"][0])
        example = (Settings.model_fields[name].examples or [""])[0]
        problem = mistake["msg"].removeprefix("Value error, ")
        lines.append(f"{PREFIX}{name.upper()}: {problem}. Example: {example}")
    return "\n".join(lines)


def _with_secret(settings: Settings) -> Settings:
    if not settings.embedded:
        raise ConfigurationError(
            "COLPORTEUR_SECRET_KEY is not set.",
            cure="Set the same one on every machine. Make it with: openssl rand -hex 32",
        )
    path = settings.data_dir / "secret_key"
    try:
        if not path.exists():
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            _write_secret(path)
        secret = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise ConfigurationError(
            f"Cannot keep a secret key in the data folder {settings.data_dir}: {error.strerror}.",
            cure="Start in a folder you may write to, or set COLPORTEUR_DATA_DIR.",
        ) from None
    if len(secret) < SECRET_AT_LEAST:
        raise ConfigurationError(
            f"{path} holds no secret key of {SECRET_AT_LEAST} characters.",
            cure="Restore it from a backup; or remove it, and links sent before stop working.",
        )
    return settings.model_copy(update={"secret_key": secret})


def _write_secret(path: Path) -> None:
    with contextlib.suppress(FileExistsError):  # another process was faster
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
