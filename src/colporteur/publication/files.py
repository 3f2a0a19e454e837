"""Reads a publication from its folder, and finds every mistake in it at once.

A mistake names the file, the line, the key and the cure.
"""

import difflib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from colporteur.exceptions import PublicationInvalid
from colporteur.publication.consistency import inconsistencies
from colporteur.publication.locating import line_of
from colporteur.publication.model import (
    Cadence,
    Channel,
    DigestRules,
    FeedRules,
    Publication,
    Sender,
    Topic,
)

Model = TypeVar("Model", bound=BaseModel)
_FILE_ONLY = {"channels", "based_on"}
_MODELS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("sender", Sender),
    ("topics", Topic),
    ("cadences", Cadence),
    ("feed", FeedRules),
    ("digest", DigestRules),
)


@dataclass
class _Source:
    path: Path
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    read: bool = False


@dataclass(frozen=True)
class PublicationFiles:
    """What a folder says: the publication, and the revision that an export based it on."""

    publication: Publication
    based_on: int | None


def read_publication(folder: Path) -> PublicationFiles:
    """Read ``publication.toml`` and the channel files it names.

    Raises:
        PublicationInvalid: with every mistake, each as "file:line: key: problem. Cure".
    """
    mistakes: list[str] = []
    main = _load(folder / "publication.toml", mistakes)
    order = main.data.get("channels", [])
    if not isinstance(order, list) or not all(isinstance(name, str) for name in order):
        mistakes.append(_at(main, ["channels"], 'must be a list of names, such as ["news"]'))
        order = []
    if len(set(order)) < len(order):
        mistakes.append(_at(main, ["channels"], "names a channel twice. Keep one of them"))
    sources = {name: _load(folder / f"{name}.toml", mistakes) for name in order}
    _report_unlisted(folder, main, order, mistakes)
    _validate_channels(sources, mistakes)
    publication = _validate_whole(main, sources, mistakes)
    if publication is not None:
        mistakes += _located(inconsistencies(publication), main, sources)
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
        mistakes.append(f"{path}: is not valid TOML: {error}.")
    return source


def _report_unlisted(
    folder: Path, main: _Source, order: Sequence[str], mistakes: list[str]
) -> None:
    for path in sorted(folder.glob("*.toml")):
        if path.stem not in order and path.name != "publication.toml" and main.read:
            cure = f'is in no list; add "{path.stem}" to channels in {main.path.name}, or remove it'
            mistakes.append(f"{path}: {cure}.")


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
        for mistake in error.errors():
            path = mistake["loc"]
            nested = model is Publication and path[0] == "channels" and len(path) > 1
            if not nested:  # the channel's own file reports it, with its own lines
                mistakes.append(_at(source, path, _say(model, dict(mistake))))
        return None


def _say(model: type[BaseModel], mistake: dict[str, Any]) -> str:
    key = str(mistake["loc"][-1]) if mistake["loc"] else ""
    holder = _holder(model, mistake["loc"])
    match mistake["type"]:
        case "missing":
            known = holder.model_fields.get(key)
            example = (known.examples or [None])[0] if known else None
            return f"is missing. Add it{f', such as {example!r}' if example else ''}"
        case "extra_forbidden":
            near = difflib.get_close_matches(key, holder.model_fields, 1)
            known_keys = ", ".join(name for name in holder.model_fields if name != "slug")
            hint = f"Did you mean {near[0]}?" if near else f"Known here: {known_keys}"
            return f"is an unknown key. {hint}"
        case _:
            given = mistake["input"]
            shown = f" (given: {given!r})" if isinstance(given, str | int | float) else ""
            return str(mistake["msg"]).removeprefix("Value error, ") + shown


def _holder(model: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel]:
    for part in reversed(path[:-1]):
        for name, inner in _MODELS:
            if part == name:
                return inner
    return model


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
