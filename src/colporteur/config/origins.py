"""Where each setting's value came from: the environment, ``.env``, or a file that one names."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from colporteur.config.settings import Settings
from colporteur.config.variables import PREFIX

SECRETS = frozenset(
    {"database_url", "broker_url", "mail_url"}
    | {name for name, field in Settings.model_fields.items() if not field.repr}
)
"""Settings whose value is a secret, or an address that may hold a password."""
_DOTENV = Path(".env")


@dataclass(frozen=True)
class Origin:
    """A setting's variable, and the file that held its value; None: the environment did."""

    variable: str
    file: Path | None

    @property
    def secret(self) -> bool:
        """Whether what it holds must not be read by others."""
        name = self.variable.removeprefix(PREFIX).lower()
        return name in SECRETS or name.removesuffix("_file") in SECRETS

    @property
    def named(self) -> bool:
        """Whether the variable names a file rather than the value (``…_FILE``)."""
        own = self.variable.removeprefix(PREFIX).lower()
        return own.endswith("_file") and own.removesuffix("_file") in Settings.model_fields


def origins(environ: Mapping[str, str] | None = None, dotenv: Path = _DOTENV) -> tuple[Origin, ...]:
    """Every variable of ours that is set, by name; what the environment says goes first."""
    outer = os.environ if environ is None else environ  # noqa: TID251 - this is the place
    inner = dotenv_values(dotenv)
    found = {name: Origin(name, dotenv) for name in inner if name.startswith(PREFIX)}
    found |= {name: Origin(name, None) for name in outer if name.startswith(PREFIX)}
    for name, origin in found.items():
        if origin.named:
            found[name] = Origin(name, Path(outer.get(name) or inner.get(name) or ""))
    return tuple(found[name] for name in sorted(found))
