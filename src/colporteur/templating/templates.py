"""The templates of one installation, the operator's before the shipped ones."""

import logging
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, nodes
from jinja2.meta import find_referenced_templates
from jinja2.sandbox import SandboxedEnvironment

from colporteur.exceptions import TemplateBroken
from colporteur.templating.catalogues import read_catalogue
from colporteur.templating.faults import named
from colporteur.typography import fine, isolated, shorten

_FAULTS_KEPT = 100
_log = logging.getLogger(__name__)


class Templates:
    """The templates of one installation; an environment for each language, made once.

    The last of the ``folders`` is the shipped one. ``strict`` ones never let it stand in for a
    broken file in front of it: for those who look for mistakes.
    """

    def __init__(self, folders: Sequence[Path], *, strict: bool = False) -> None:
        self.folders = tuple(folders)
        alone = strict or len(self.folders) == 1
        self._shipped = None if alone else Templates(self.folders[-1:])
        self._faults: dict[str, TemplateBroken] = {}
        self._told: set[str] = set()
        self._environments: dict[str, SandboxedEnvironment] = {}
        self._catalogues: dict[str, NullTranslations] = {}

    @property
    def faults(self) -> Mapping[str, TemplateBroken]:
        """What is broken in the operator's folder, by the template or catalogue it was met in.

        Of this process, and of what it rendered last; at most 100.
        """
        return dict(self._faults)

    def strict(self) -> "Templates":
        """The same, but a broken file of the operator's is an error."""
        return Templates(self.folders, strict=True)

    def render(self, name: str, tag: str, /, **context: Any) -> str:
        """Render ``templates/<name>`` in a language.

        Raises:
            TemplateBroken: names the file, the line and the problem.
        """
        return self.render_into(name, tag, str, **context)

    def render_into(
        self, name: str, tag: str, finish: Callable[[str], str], /, **context: Any
    ) -> str:
        """The same, finished: where ``finish`` refuses an operator's file, the shipped one serves.

        Raises:
            TemplateBroken: as above; the shipped file, too, if there are two.
        """
        try:
            made = self._finished(name, tag, finish, context)
        except TemplateBroken as fault:
            if self._shipped is None:
                raise
            made = self._shipped_instead(name, tag, finish, context, fault)
            self._note(name, fault)
        else:
            self._faults.pop(name, None)
        return made

    def environment(self, tag: str) -> SandboxedEnvironment:
        """The sandboxed environment whose ``_()`` speaks the language."""
        if tag not in self._environments:
            self._environments[tag] = self._build(tag)
        return self._environments[tag]

    def catalogue(self, tag: str) -> NullTranslations:
        """The language's messages; English ones are their own keys. Read once."""
        base = tag.partition("-")[0]
        if base not in self._catalogues:
            self._catalogues[base] = self._merged(f"locale/{base}.po")
        return self._catalogues[base]

    def static(self, path: str) -> bytes | None:
        """A file of ``site/static/``, the operator's before ours; None where there is none."""
        for folder in self.folders:
            whole = (folder / "site" / "static").resolve()
            file = (whole / path).resolve()
            if file.is_relative_to(whole) and file.is_file():
                return file.read_bytes()
        return None

    def parts(self, name: str, tag: str) -> Iterator[tuple[Path, nodes.Template]]:
        """A template and all that it extends, includes and imports, each once: file and syntax.

        Raises:
            TemplateBroken: one is not there, or is no template.
        """
        environment, waiting, seen = self.environment(tag), [name], {name}
        while waiting:
            one = waiting.pop(0)
            with named(one):
                assert environment.loader is not None
                source, file, _ = environment.loader.get_source(environment, one)
                syntax = environment.parse(source, one, file)
            yield Path(file or one), syntax
            found = {part for part in find_referenced_templates(syntax) if part} - seen
            seen |= found
            waiting += sorted(found)

    def _finished(
        self, name: str, tag: str, finish: Callable[[str], str], context: Mapping[str, Any]
    ) -> str:
        environment = self.environment(tag)
        with named(name):
            rendered = environment.get_template(name).render(**context)
        try:
            return finish(rendered)
        except TemplateBroken as fault:
            raise self._placed(name, tag, fault) from fault

    def _placed(self, name: str, tag: str, fault: TemplateBroken) -> TemplateBroken:
        """What was wrong with a rendered template, with the file and line it stands in."""
        files = [file for file, _ in self.parts(name, tag)]
        place = str(files[0])
        for file in files if fault.offending else []:
            lines = file.read_text(encoding="utf-8").splitlines()
            found = [number for number, line in enumerate(lines, 1) if fault.offending in line]
            if found:
                place = f"{file}, line {found[0]}"
                break
        return TemplateBroken(f"The template {place}: {fault.message}", cure=fault.cure)

    def _shipped_instead(
        self,
        name: str,
        tag: str,
        finish: Callable[[str], str],
        context: Mapping[str, Any],
        fault: TemplateBroken,
    ) -> str:
        assert self._shipped is not None
        try:
            return self._shipped.render_into(name, tag, finish, **context)
        except TemplateBroken as second:
            if second.message == fault.message:
                raise
            raise TemplateBroken(f"{fault.message} {second.message}", cure=fault.cure) from second

    def _note(self, name: str, fault: TemplateBroken) -> None:
        """Keep a fault for those who ask, and log it the first time."""
        self._faults.pop(name, None)
        self._faults[name] = fault
        if len(self._faults) > _FAULTS_KEPT:
            self._faults.pop(next(iter(self._faults)), None)
        if fault.message in self._told:
            return
        if len(self._told) >= _FAULTS_KEPT:
            self._told.clear()
        self._told.add(fault.message)
        _log.error("%s Meanwhile the shipped one serves. %s", fault.message, fault.cure)

    def _merged(self, name: str) -> NullTranslations:
        """The messages of every folder that has this catalogue, the operator's before ours."""
        merged: NullTranslations = NullTranslations()
        for folder in reversed(self.folders):
            if not (folder / name).is_file():
                continue
            try:
                found, mistakes = read_catalogue(folder / name)
            except TemplateBroken as fault:
                if self._shipped is None or folder == self.folders[-1]:
                    raise
                self._note(name, fault)
                continue
            if mistakes and self._shipped is None:
                raise mistakes[0]
            for mistake in mistakes:
                self._note(name, mistake)
            merged = merged.merge(found) if isinstance(merged, Translations) else found
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
        environment.filters["isolated"] = isolated
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
