"""Loads ``templates/``: sandboxed Jinja2 environments and the gettext catalogues beside them.

Mails and pages share it. An operator's folder comes in front of the shipped one, file by file.
"""

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations
from jinja2 import (
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment

from colporteur.exceptions import TemplateBroken
from colporteur.typography import fine, shorten

# A page's or mail's locale is the full one: ar-MA writes the digits 0-9 and غشت.
_USUAL_TERRITORY = {"fr": "FR", "en": "GB", "ar": "MA"}
_WHAT_TEMPLATES_RAISE = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True)
class Language:
    """A language as readers meet it: ``tag`` is BCP 47, ``direction`` is ltr or rtl."""

    tag: str
    direction: str
    locale: Locale


@lru_cache
def language(tag: str) -> Language:
    """The language of a BCP 47 tag such as ``fr`` or ``ar-MA``."""
    base, _, territory = tag.partition("-")
    locale = Locale(base, territory or _USUAL_TERRITORY.get(base))
    return Language(tag, locale.text_direction, locale)


class Templates:
    """The templates of one installation; an environment for each language, made once."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        self._environments: dict[str, SandboxedEnvironment] = {}

    def render(self, name: str, tag: str, /, **context: Any) -> str:
        """Render ``templates/<name>`` in a language.

        Raises:
            TemplateBroken: names the file, the line and the problem.
        """
        try:
            return self.environment(tag).get_template(name).render(**context)
        except _WHAT_TEMPLATES_RAISE as error:
            raise TemplateBroken(
                f"The template {_place(error, name)}: {_sentence(error)}",
                cure="Mend it, or remove your copy: the shipped template then serves.",
            ) from error

    def environment(self, tag: str) -> SandboxedEnvironment:
        """The sandboxed environment whose ``_()`` speaks the language."""
        if tag not in self._environments:
            self._environments[tag] = self._build(tag)
        return self._environments[tag]

    def catalogue(self, tag: str) -> NullTranslations:
        """The language's messages; English ones are their own keys."""
        base = tag.partition("-")[0]
        merged: NullTranslations = NullTranslations()
        for folder in reversed(self.folders):
            path = folder / "locale" / f"{base}.po"
            if path.is_file():
                found = _read_catalogue(path)
                if isinstance(merged, Translations):
                    found = merged.merge(found)
                merged = found
        return merged

    def _build(self, tag: str) -> SandboxedEnvironment:
        environment = SandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in self.folders]),
            extensions=["jinja2.ext.i18n"],
            autoescape=lambda name: name is not None and ".html" in name,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        environment.filters["wrap"] = wrap
        environment.filters["fine"] = fine
        environment.filters["shorten"] = shorten
        environment.install_gettext_translations(  # type: ignore[attr-defined]
            self.catalogue(tag), newstyle=True
        )
        return environment


def wrap(text: str, width: int = 72, indent: str = "") -> str:
    """Plain text in lines of at most ``width`` characters; links and words stay whole."""
    return textwrap.fill(
        " ".join(str(text).split(" ")),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _read_catalogue(path: Path) -> Translations:
    try:
        with path.open("rb") as source:
            catalogue = read_po(source, abort_invalid=True)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        return Translations(compiled)
    except (PoFileError, OSError, ValueError, LookupError) as error:
        place, problem = f"{path}", _sentence(error)
        if isinstance(error, PoFileError):  # its own text counts lines from 0
            place = f"{path}, line {error.lineno + 1}"
            problem = f"{str(error).rpartition(' on ')[0]}."
        raise TemplateBroken(
            f"The catalogue {place}: {problem}",
            cure="Mend it, or remove your copy: the shipped words then serve.",
        ) from error


def _sentence(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text if text.endswith(".") else f"{text}."


def _place(error: BaseException, name: str) -> str:
    """The file and line in the innermost template, which may be one that ``name`` includes."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name or name}, line {error.lineno}"
    place, trace = name, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith(".j2"):
            place = f"{file}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
