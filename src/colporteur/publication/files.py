"""Reads a publication from its folder, and finds every mistake in it at once.

A mistake names the file, the line, the key and the cure.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from colporteur.exceptions import PublicationInvalid, UnknownName
from colporteur.publication.consistency import inconsistencies
from colporteur.publication.known import Table, known_publication
from colporteur.publication.locating import line_of
from colporteur.publication.mistakes import mistakes_of
from colporteur.publication.model import Channel, Publication

Model = TypeVar("Model", bound=BaseModel)
_MAIN = "publication.toml"
_NO_CHANNELS = 'is missing. Add it, such as channels = ["news"]'
_FILE_ONLY = {"channels", "based_on"}
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass
class _Source:
    path: Path
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    read: bool = False
    mistaken: list[tuple[str | int, ...]] = field(default_factory=list)

    @property
    def table(self) -> Table:
        """What can be relied upon of it."""
        return Table(self.data if self.read else None, self.mistaken)


@dataclass(frozen=True)
class PublicationFiles:
    """What a folder says: the publication, and the revision that an export based it on."""

    publication: Publication
    based_on: int | None


def read_publication(folder: Path) -> PublicationFiles:
    """Read ``publication.toml`` and the channel files it names.

    Raises:
        PublicationInvalid: with every mistake, each as "file:line: key: problem. Cure".
        UnknownName: the path is a file's.
    """
    if folder.is_file():
        cure = f"Name the folder, not the file: {folder.parent}"
        raise UnknownName(f"{folder} is a file.", cure=cure)
    mistakes: list[str] = []
    main = _load(folder / _MAIN, mistakes)
    sources = {
        name: _load(folder / f"{name}.toml", mistakes) for name in _listed(folder, main, mistakes)
    }
    _validate_channels(sources, mistakes)
    publication = _validate_whole(main, sources, mistakes)
    known = known_publication(main.table, {name: one.table for name, one in sources.items()})
    mistakes += _located(inconsistencies(known), main, sources)
    based_on = main.data.get("based_on")
    if based_on is not None and type(based_on) is not int:
        mistakes.append(_at(main, ["based_on"], "is no revision's number. Export again"))
    if mistakes or publication is None:
        raise PublicationInvalid(mistakes)
    return PublicationFiles(publication, based_on)


def _load(path: Path, mistakes: list[str]) -> _Source:
    source = _Source(path)
    try:
        source.text = path.read_text(encoding="utf-8")
        source.data = tomllib.loads(source.text)
        source.read = True
    except FileNotFoundError:
        mistakes.append(
            f"{path}: there is no such file. Write it, or start with `colporteur init`."
        )
    except OSError as error:
        mistakes.append(f"{path}: cannot be read ({error.strerror}). Mend its permissions.")
    except UnicodeDecodeError:
        mistakes.append(f"{path}: is not UTF-8. Save it as UTF-8.")
    except tomllib.TOMLDecodeError as error:
        mistakes.append(_not_toml(source, str(error)))
    return source


def _not_toml(source: _Source, said: str) -> str:
    place = _TOML_PLACE.search(said)
    line = (place and place[1]) or max(1, len(source.text.splitlines()))
    reason = _TOML_PLACE.sub("", said)
    cure = "Mend that line: texts stand in quotes, lists in brackets"
    return f"{source.path}:{line}: is not valid TOML: {reason}. {cure}."


def _listed(folder: Path, main: _Source, mistakes: list[str]) -> list[str]:
    """The names of the channels in order; where the list is wrong, those that have a file."""
    there = [path.stem for path in sorted(folder.glob("*.toml")) if path.name != _MAIN]
    if not main.read:
        return there if main.path.exists() else []
    order = main.data.get("channels")
    if not isinstance(order, list) or not all(isinstance(name, str) for name in order):
        problem = 'must be a list of names, such as ["news"]'
        mistakes.append(_at(main, ["channels"], problem if order is not None else _NO_CHANNELS))
        return there
    if len(set(order)) < len(order):
        mistakes.append(_at(main, ["channels"], "names a channel twice. Keep one of them"))
    for name in there:
        if name not in order:
            cure = f'is in no list; add "{name}" to channels in {_MAIN}, or remove it'
            mistakes.append(f"{folder / name}.toml: {cure}.")
    return order


def _validate_channels(sources: dict[str, _Source], mistakes: list[str]) -> None:
    for name, source in sources.items():
        if "slug" in source.data:
            problem = f"is an unknown key. The file's name is the short name: {name}"
            mistakes.append(_at(source, ["slug"], problem))
        if source.read:
            _validate(Channel, {**source.data, "slug": name}, source, mistakes)


def _validate_whole(
    main: _Source, sources: dict[str, _Source], mistakes: list[str]
) -> Publication | None:
    if not main.read:
        return None
    own = {key: value for key, value in main.data.items() if key not in _FILE_ONLY}
    channels = [{**source.data, "slug": name} for name, source in sources.items()]
    return _validate(Publication, {**own, "channels": channels}, main, mistakes)


def _validate(
    model: type[Model], data: dict[str, Any], source: _Source, mistakes: list[str]
) -> Model | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for path, problem in mistakes_of(model, error):
            nested = model is Publication and path[0] == "channels" and len(path) > 1
            if not nested:  # the channel's own file reports it, with its own lines
                mistakes.append(_at(source, path, problem))
                source.mistaken.append(path)
        return None


def _at(source: _Source, path: Sequence[str | int], problem: str) -> str:
    key = ".".join(str(part) for part in path if part != "[key]")  # pydantic's, of a bad key
    line = line_of(source.text, path)
    end = "" if problem.endswith(("?", ".")) else "."
    return f"{source.path}:{line}: {key + ': ' if key else ''}{problem}{end}"


def _located(
    found: Sequence[tuple[str | None, Sequence[str | int], str]],
    main: _Source,
    sources: dict[str, _Source],
) -> list[str]:
    return [_at(sources[slug] if slug else main, path, problem) for slug, path, problem in found]
