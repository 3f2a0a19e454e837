"""Reads the settings' variables from the environment, ``.env`` and files of secrets."""

import contextlib
import difflib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import ValidationError

from colporteur.config.keys import AT_LEAST
from colporteur.config.settings import Settings
from colporteur.exceptions import ConfigurationError

PREFIX = "COLPORTEUR_"
SECRET_FILE = "secret_key"  # noqa: S105 - its name
"""The file of an embedded run's keys in its data folder: the one that signs, then those before."""


def load_settings(
    environ: Mapping[str, str] | None = None,
    dotenv: Path | None = None,
    *,
    make_secret: bool = True,
) -> Settings:
    """Read the settings; an embedded installation gets a secret key of its own.

    Not so without ``make_secret``: a restore brings the one that was. It is empty then, if no
    variable and no file has one.

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
        settings = Settings.model_validate(_with_former_keys(_own_variables(values)))
    except ValidationError as error:
        raise ConfigurationError(_describe(error), cure="Correct it and start again.") from None
    if settings.secret_key or not (make_secret or (settings.data_dir / SECRET_FILE).exists()):
        return settings
    return _with_secret(settings)


def with_variables(more: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with more in it: for a program that reads a password there.

    On its command line everybody on the machine would see it.
    """
    return {**os.environ, **more}  # noqa: TID251 - this is the place


def renew_secret(settings: Settings) -> Path:
    """Put a new secret key in front of those in the data folder; the file.

    Processes that run go on with the keys that they have read.

    Raises:
        ConfigurationError: the key of this installation does not come from there.
    """
    path = settings.data_dir / SECRET_FILE
    try:
        kept = path.read_text(encoding="ascii", errors="replace").split()
        if not settings.embedded or kept[:1] != [settings.secret_key]:
            raise _set_by_hand()
        anew = path.with_suffix(".new")
        anew.unlink(missing_ok=True)
        _write_secret(anew, "\n".join([secrets.token_hex(32), *kept]))
        anew.replace(path)
    except FileNotFoundError:
        raise _set_by_hand() from None
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {error.strerror}.", cure="Call it as who runs Colporteur."
        ) from None
    return path


def _set_by_hand() -> ConfigurationError:
    return ConfigurationError(
        "COLPORTEUR_SECRET_KEY is set by hand, so the new one must be too.",
        cure='docs/upgrading.md, "A new secret key", says in which order.',
    )


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


def _with_former_keys(found: Mapping[str, str]) -> dict[str, str]:
    """A secret key of several lines is one that signs, and those before it."""
    key, *former = found.get("secret_key", "").split("\n")
    if not former:
        return dict(found)
    kept = "\n".join([*former, found.get("secret_key_fallbacks", "")])
    return {**found, "secret_key": key.strip(), "secret_key_fallbacks": kept.strip()}


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
        lines.append(f"{PREFIX}{name.upper()}: {problem} (example: {example}).")
    return "\n".join(lines)


def _with_secret(settings: Settings) -> Settings:
    if not settings.embedded:
        raise ConfigurationError(
            "COLPORTEUR_SECRET_KEY is not set.",
            cure="Set the same one on every machine. Make it with: openssl rand -hex 32",
        )
    path = settings.data_dir / SECRET_FILE
    try:
        if not path.exists():
            settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):  # another process was faster
                _write_secret(path, secrets.token_hex(32))
        kept = path.read_text(encoding="ascii", errors="replace").split()
    except OSError as error:
        raise ConfigurationError(
            f"Cannot keep a secret key in the data folder {settings.data_dir}: {error.strerror}.",
            cure="Start in a folder you may write to, or set COLPORTEUR_DATA_DIR.",
        ) from None
    if not kept or any(len(one) < AT_LEAST for one in kept):
        raise ConfigurationError(
            f"{path} holds no secret key of {AT_LEAST} characters.",
            cure="Restore it from a backup; or remove it, and links sent before stop working.",
        )
    former = " ".join([*kept[1:], *settings.secret_key_fallbacks.split()])
    return settings.model_copy(update={"secret_key": kept[0], "secret_key_fallbacks": former})


def _write_secret(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
