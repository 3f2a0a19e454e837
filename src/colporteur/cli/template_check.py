"""What ``colporteur check`` says of templates: every mistake, with its file and line."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import nodes
from jinja2.meta import find_undeclared_variables

from colporteur.config import Settings
from colporteur.db import make_engine
from colporteur.digests.inlining import fetched_in
from colporteur.digests.letters import render_letter
from colporteur.digests.rendering import render
from colporteur.digests.samples import KINDS, editions, letters
from colporteur.exceptions import TemplateBroken
from colporteur.publication import Publication
from colporteur.tasks import Runtime
from colporteur.templating import Templates
from colporteur.templating.catalogues import catalogue_mistakes, placeholders
from colporteur.web.pages import Pages
from colporteur.web.samples import sample_pages

_GETTEXT = {"_", "gettext", "ngettext"}
_OF_LETTERS = frozenset({"mail", "letter", "channels", "moment"})
_OF_EDITIONS = frozenset({"digest"})
_OF_PAGES = frozenset({"page", "publication", "channels"})


class _InlinedOnce(Templates):
    """Strict templates whose mails are inlined once in each layout: that is slow."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(folders, strict=True)
        self._inlined: set[tuple[str, str]] = set()

    def render_into(
        self, name: str, tag: str, finish: Callable[[str], str], /, **context: Any
    ) -> str:
        """As usual, but unfinished where it was done before."""
        once = (name, context["digest"].layout if "digest" in context else "")
        before = once in self._inlined
        self._inlined.add(once)
        return super().render_into(name, tag, str if before else finish, **context)


def template_mistakes(settings: Settings, publication: Publication) -> list[str]:
    """Every mistake in the templates, the operator's before ours, each told once.

    All of them are rendered with made-up content, in each language of the publication; what no
    made-up content reaches is read where some are the operator's. Ours alone were read in our
    tests.
    """
    templates = _InlinedOnce(settings.template_folders)
    found = dict.fromkeys(_in_catalogues(templates.folders, publication.languages))
    if found:
        return list(found)  # with them nothing renders, which would hide the rest
    if settings.templates:
        found |= dict.fromkeys(_fetching(templates.folders))
        first = publication.languages[0]
        found |= dict.fromkeys(_read(templates, first, _handed(publication, first)))
    for tag in publication.languages:
        found |= dict.fromkeys(_rendered(settings, templates, publication, tag))
    return list(found)


def _in_catalogues(folders: Iterable[Path], tags: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        for base in dict.fromkeys(tag.partition("-")[0] for tag in tags):
            path = folder / "locale" / f"{base}.po"
            if path.is_file():
                yield from (mistake.message for mistake in catalogue_mistakes(path))


def _fetching(folders: Iterable[Path]) -> Iterator[str]:
    """What in a mail's templates would be fetched, whether or not made-up content reaches it."""
    for path in (path for folder in folders for path in sorted(folder.glob("email/**/*.j2"))):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            if word := fetched_in(re.sub(r"\{#.*?#\}", "", line)):
                yield (
                    f"The template {path}, line {number}: a mail's HTML must not fetch anything, "
                    f"and this one has {word}."
                )


def _handed(publication: Publication, tag: str) -> dict[str, frozenset[str]]:
    """What each template that is rendered by itself is handed, by the path it begins with."""
    handed = {f"email/{kind}/": _OF_EDITIONS for kind in KINDS}
    handed |= {f"email/{message}/": _OF_LETTERS for message, _ in letters(publication, tag, "")}
    for name, context in sample_pages(publication, tag, ""):
        handed[f"site/{name}.html.j2"] = _OF_PAGES | context.keys()
    return handed


def _read(templates: Templates, tag: str, handed: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Mistakes in syntax, names that nobody defines and placeholders that nobody fills."""
    names = {
        path.relative_to(folder).as_posix()
        for folder in templates.folders
        for path in folder.rglob("*.j2")
    }
    for name in sorted(names):
        try:
            parts = list(templates.parts(name, tag))
        except TemplateBroken as error:
            yield error.message
            continue
        yield from _unfilled(*parts[0])
        area = next((given for start, given in handed.items() if name.startswith(start)), None)
        if area is not None and not Path(name).name.startswith("_"):
            globally = templates.environment(tag).globals.keys()
            yield from _undefined(parts, area | globally)


def _undefined(parts: list[tuple[Path, nodes.Template]], known: Iterable[str]) -> Iterator[str]:
    """Names that a template uses, and that neither it nor what it is made of defines."""
    defined = {*known, *(name for _, syntax in parts for name in _defined_in(syntax))}
    for file, syntax in parts:
        unknown = find_undeclared_variables(syntax) - defined
        for node in syntax.find_all(nodes.Name) if unknown else ():
            if node.name in unknown:
                unknown.discard(node.name)
                yield f"The template {file}, line {node.lineno}: {node.name!r} is undefined."


def _defined_in(syntax: nodes.Template) -> Iterator[str]:
    """Names that a template sets, imports or asks whether they are there."""
    for name in syntax.find_all(nodes.Name):
        if name.ctx == "store":
            yield name.name
    for macro in syntax.find_all(nodes.Macro):
        yield macro.name
    yield from _imported_by(syntax)
    for test in syntax.find_all((nodes.Test, nodes.Filter)):
        if test.name in {"defined", "default"} and isinstance(test.node, nodes.Name):
            yield test.node.name


def _imported_by(syntax: nodes.Template) -> Iterator[str]:
    for some in syntax.find_all(nodes.FromImport):
        yield from (one if isinstance(one, str) else one[1] for one in some.names)
    for whole in syntax.find_all(nodes.Import):
        yield whole.target


def _unfilled(file: Path, syntax: nodes.Template) -> Iterator[str]:
    for call in syntax.find_all(nodes.Call):
        said = [one.value for one in call.args if isinstance(one, nodes.Const)]
        if not (isinstance(call.node, nodes.Name) and call.node.name in _GETTEXT):
            continue
        filled = {one.key for one in call.kwargs} | {"num"}
        for name in sorted(placeholders(*filter(_is_text, said)) - filled):
            yield f"The template {file}, line {call.lineno}: nothing fills in %({name})s."


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _rendered(
    settings: Settings, templates: Templates, publication: Publication, tag: str
) -> Iterator[str]:
    site = settings.site(publication.base_url)
    for brought in editions(publication, tag, site):
        yield from _mistake_of(render, templates, brought)
    for message, content in letters(publication, tag, site):
        yield from _mistake_of(render_letter, templates, message, tag, content, publication, site)
    pages = Pages(Runtime(settings, make_engine("sqlite://"), templates))
    for name, context in sample_pages(publication, tag, site):
        yield from _mistake_of(pages.render, name, publication, tag, "A title", **context)


def _mistake_of(make: Callable[..., Any], *given: Any, **more: Any) -> Iterator[str]:
    try:
        make(*given, **more)
    except TemplateBroken as error:
        yield error.message
