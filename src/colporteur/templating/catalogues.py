"""Reads gettext catalogues (``.po``), and tells what is wrong with them."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import Translations

from colporteur.exceptions import TemplateBroken
from colporteur.templating.faults import sentence

_PLACEHOLDER = re.compile(r"%\((\w+)\)[ds]|%%")
_WORDS_CURE = "Mend it, or remove your copy, and restart."


def catalogue_mistakes(path: Path) -> list[TemplateBroken]:
    """What is wrong with a catalogue; nothing of it serves where it cannot be read at all."""
    try:
        return read_catalogue(path)[1]
    except TemplateBroken as error:
        return [error]


def read_catalogue(path: Path) -> tuple[Translations, list[TemplateBroken]]:
    """The messages of a catalogue that can be said, and what is wrong with the others."""
    try:
        with path.open("rb") as source:
            catalogue = read_po(source, abort_invalid=True)
        mistakes = _unsayable(path, catalogue)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        return Translations(compiled), mistakes
    except (PoFileError, OSError, ValueError, LookupError) as error:
        place, problem = f"{path}", sentence(error)
        if isinstance(error, PoFileError):  # its own text counts lines from 0
            place = f"{path}, line {error.lineno + 1}"
            problem = f"{str(error).rpartition(' on ')[0]}."
        raise TemplateBroken(f"The catalogue {place}: {problem}", cure=_WORDS_CURE) from error


def _unsayable(path: Path, catalogue: Catalog) -> list[TemplateBroken]:
    """Take the messages out whose placeholders are not those of what they translate."""
    mistakes = []
    for message in [one for one in catalogue if one.id]:
        if problem := _mistake(message):
            catalogue.delete(message.id, message.context)
            place = f"{path}, line {message.lineno}"
            mistakes.append(TemplateBroken(f"The catalogue {place}: {problem}", cure=_WORDS_CURE))
    return mistakes


def _mistake(message: Message) -> str:
    """What keeps a translation from being said; empty if nothing does."""
    asked, said = _texts(message.id), _texts(message.string)
    strange = placeholders(*said) - placeholders(*asked)
    if strange:
        return f"{asked[0]!r} has no placeholder {', '.join(sorted(strange))}."
    if any("%" in _PLACEHOLDER.sub("", text) for text in said):
        return f"a % in the translation of {asked[0]!r} is no placeholder; write %%."
    return ""


def placeholders(*texts: str) -> set[str]:
    """The names in messages' ``%(name)s``."""
    return {name for text in texts for name in _PLACEHOLDER.findall(text) if name}


def _texts(text: str | Sequence[str] | None) -> Sequence[str]:
    return [text] if isinstance(text, str) else text or []
