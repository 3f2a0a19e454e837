"""Backups of small houses, and places to restore them to."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from house import House

from colporteur.care.keeping import keep
from colporteur.care.manifest import Manifest
from colporteur.clock import utcnow
from colporteur.config import Settings

KEY = "k" * 40


@dataclass
class Care:
    """A house whose archives are made, and settings of other places."""

    house: House
    settings: Settings
    folder: Path
    elsewhere: Callable[[], str]  # a new, empty database of the same kind

    def keep(self, name: str = "kept.tar.gz", *, with_keys: bool = True) -> tuple[Path, Manifest]:
        path = self.folder / name
        made = keep(
            self.house.engine,
            self.settings,
            path,
            with_keys=with_keys,
            copying=lambda *_: None,
            packing=lambda _: None,
            now=utcnow(),
        )
        return path, made

    def place(self, name: str = "place", **changes: object) -> Settings:
        """The settings of a place where nothing is yet."""
        folder = self.folder / name
        given = {"database_url": self.elsewhere(), "data_dir": folder, "secret_key": ""}
        return Settings.model_validate(given | changes)
