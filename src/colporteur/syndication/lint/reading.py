"""Reads a document of unknown origin: no entities, no DTD, no network, no huge tree."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from colporteur.syndication.lint.fault import Fault, fault, quoted
from colporteur.syndication.lint.values import FORBIDDEN

AT_MOST = 10 * 1024 * 1024
_PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    load_dtd=False,
    no_network=True,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_UTF_8_BOM = b"\xef\xbb\xbf"
_BOMS = {_UTF_8_BOM: "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_DECLARED = re.compile(r"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([^"']{1,40})["']""")
# Others that Python knows are no encodings of texts, or take ages (punycode).
_KNOWN = re.compile(
    r"utf-?8|utf-?16(?:[bl]e)?|us-ascii|ascii|iso-8859-\d{1,2}|latin-?1|windows-\d{3,4}|cp\d{3,4}"
    r"|koi8-[ru]|shift_jis|euc-(?:jp|kr)|big5|gbk|gb2312|gb18030|iso-2022-jp|macintosh|tis-620",
    re.IGNORECASE,
)
_BEFORE_ROOT = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_HTML = re.compile(
    r"(?:<!doctype\s+html|<(?:html|head|body|script|meta|title)[\s>])", re.IGNORECASE
)
_CHALLENGE = re.compile(
    r"just a moment|cf-chl|challenge-platform|checking your browser|attention required!"
    r"|_incapsula_|captcha|datadome|ddos protection|enable javascript and cookies|are you (?:a )?human",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"&#(?:([0-9]{1,7})|x([0-9a-fA-F]{1,6}));")


@dataclass(frozen=True)
class Read:
    """A document that could be read: ``root`` is an element or a JSON object."""

    root: Any
    faults: tuple[Fault, ...] = ()


def read(body: bytes) -> Read | Fault:
    """A document as elements or as a JSON value, or the one fault that keeps it from being read."""
    if not body.strip():
        return fault("document-empty", "There is nothing in it.")
    if len(body) > AT_MOST:
        return fault("document-too-large", f"It is {len(body) / 1_048_576:.1f} MiB; 10 at most.")
    text = _text(body)
    if isinstance(text, Fault):
        return text
    first = text.content.lstrip()[:1]
    if first in {"{", "["}:
        return _read_json(text)
    if first != "<":
        return fault("document-unknown", f"It begins with {quoted(text.content.strip()[:40])}.")
    return _read_xml(text)


def parse_xml(text: str) -> Any | Fault:
    """The root of an XML text without a declaration of its encoding, or why there is none."""
    try:
        return etree.fromstring(text.encode("utf-8", "surrogatepass"), _PARSER)
    except etree.XMLSyntaxError as error:
        return _why(text, str(error.msg))


def parse_json(text: str) -> Any | Fault:
    """A JSON text's value, or why it has none."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except ValueError as error:  # also a number of too many digits
        return fault("json-not-well-formed", f"It is not JSON: {error}.")
    except RecursionError:
        return fault("json-not-well-formed", "It nests lists and objects without end.")


def forbidden(text: str) -> Fault | None:
    """The fault of a text that holds a character which XML 1.0 section 2.2 forbids."""
    found = FORBIDDEN.search(text)
    if found is None:
        return None
    near = text[max(0, found.start() - 20) : found.end() + 20]
    told = f"U+{ord(found[0]):04X} in {quoted(near)}"
    return fault("text-forbidden-character", f"There is the character {told}.")


def strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value, keys too, however deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]


@dataclass(frozen=True)
class _Text:
    content: str
    encoding: str


def _text(body: bytes) -> _Text | Fault:
    """The characters of a document: a byte order mark says how, or the declaration, or UTF-8."""
    mark = next((mark for mark in _BOMS if body.startswith(mark)), b"")
    found = _DECLARED.match(body[:300].decode("latin-1").lstrip()) if not mark else None
    declared = found[1] if found else ""
    if declared and not _KNOWN.fullmatch(declared):
        return fault("encoding-wrong", f"It declares the encoding {quoted(declared)}.")
    encoding = (declared or _BOMS.get(mark, "utf-8")).lower()
    try:
        content = body.decode(encoding).removeprefix("\ufeff")
    except (LookupError, UnicodeDecodeError) as error:
        return fault("encoding-wrong", f"It is not {encoding}: {error}.")
    said = _DECLARED.match(content[:300].lstrip())
    if mark and said and not said[1].lower().startswith(encoding):
        told = f"It declares {quoted(said[1])}, and begins with the mark of {encoding}."
        return fault("encoding-wrong", told)
    return _Text(content, encoding)


def _read_xml(text: _Text) -> Read | Fault:
    content = text.content.lstrip()
    at, styled = _root_at(content)
    if _HTML.match(content, at):
        return _page(content)
    if content.startswith("<!DOCTYPE", at):
        return fault("xml-doctype", f"It has a DOCTYPE: {quoted(content[at : at + 60])}.")
    if text.content != content and content.startswith("<?xml"):
        return fault("xml-not-well-formed", "Something stands before the XML declaration.")
    root = parse_xml(_DECLARATION.sub("", content, count=1))
    if isinstance(root, Fault):
        return root
    if str(root.tag).rpartition("}")[2].lower() == "html":
        return _page(content)
    notes = [_not_utf_8(text.encoding)] if not _is_utf_8(text.encoding) else []
    if styled:
        notes.append(fault("xml-stylesheet", "It names a stylesheet."))
    return Read(root, tuple(notes))


_DECLARATION = re.compile(r"^<\?xml\s.*?\?>", re.DOTALL)


def _root_at(content: str) -> tuple[int, bool]:
    """Where declaration, comments and instructions end; whether one names a stylesheet."""
    at, styled = 0, False
    while found := _BEFORE_ROOT.match(content, at):
        styled = styled or found[0].startswith("<?xml-stylesheet")
        at = found.end()
    return at, styled


def _read_json(text: _Text) -> Read | Fault:
    if not _is_utf_8(text.encoding):
        return fault("encoding-wrong", f"It is {text.encoding}; JSON is UTF-8 (RFC 8259 8.1).")
    value = parse_json(text.content)
    return value if isinstance(value, Fault) else Read(value)


def _page(content: str) -> Fault:
    if _CHALLENGE.search(content[:100_000]):
        return fault("document-challenge", "It is a page that asks whether a human reads it.")
    return fault("document-html", "It is an HTML page, no feed.")


def _why(text: str, said: str) -> Fault:
    if found := forbidden(text):
        return found
    for reference in _REFERENCE.finditer(text):
        code = int(reference[1]) if reference[1] else int(reference[2], 16)
        if code > 0x10FFFF or FORBIDDEN.match(chr(code)):  # noqa: PLR2004 - the last there is
            told = f"There is the reference {reference[0]}."
            return fault("text-forbidden-character", told)
    if "Entity '" in said:
        return fault("xml-entity", f"{said}.")
    return fault("xml-not-well-formed", f"It is not well-formed XML: {said}.")


def _is_utf_8(encoding: str) -> bool:
    return encoding in {"utf-8", "utf8", "us-ascii", "ascii"}


def _not_utf_8(encoding: str) -> Fault:
    return fault("encoding-not-utf-8", f"It is in {encoding}.")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
