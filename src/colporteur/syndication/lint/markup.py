"""The HTML in an entry: nothing that runs, nothing that points nowhere in a reader's program."""

import functools
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from lxml import etree

from colporteur.articles.cleaning import is_web_address
from colporteur.syndication.lint.fault import Fault, fault, quoted

_NEVER = frozenset(
    ["script", "iframe", "style", "object", "embed", "applet", "frame", "frameset", "base"]
)
_ADDRESSES = frozenset(["href", "src", "srcset", "poster"])
_ONE_ADDRESS = frozenset(["href", "src"])
_PLAINLY_WHOLE = ("https://", "http://")  # most are, and need no closer look
_RUNS = ("javascript:", "vbscript:", "data:text")
_UNSEEN = re.compile(r"[\x00-\x20]+")  # browsers skip it in java\nscript:
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_LOADED_FROM = ("http:", "https:", "data:", "cid:")
_PARSER = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True)
_TOO_DEEP = etree.ErrorTypes.ERR_RESOURCE_LIMIT
_one_at_a_time = threading.Lock()
Found = dict[str, list[str]]


def lint_html(text: str, name: str) -> Iterator[Fault]:
    """HTML as a reader's program will parse it; ``name`` is the element or key that holds it."""
    if "<" not in text:
        return
    try:
        with _one_at_a_time:  # the log is the parser's, and of its last text
            root = etree.fromstring(text, _PARSER)
            cut = any(error.type == _TOO_DEEP for error in _PARSER.error_log)
    except (etree.XMLSyntaxError, ValueError):  # characters that other rules name
        return
    if cut:
        yield fault("content-nesting", f"{name} nests elements more than 250 deep.")
    if root is not None:
        yield from lint_elements(root, name)


def lint_elements(root: Any, name: str) -> Iterator[Fault]:
    """The same for elements that are parsed already, as in Atom's XHTML; one fault a rule."""
    found: Found = defaultdict(list)
    for element in root.iter(etree.Element):
        tag = _bare(element.tag)
        if tag in _NEVER:
            found["content-element"].append(f"<{tag}>")
        for attribute, value in element.items():
            if not value.startswith(_PLAINLY_WHOLE) or attribute not in _ONE_ADDRESS:
                _judge(_bare(attribute), value, found)
    for rule, examples in found.items():
        more = f" and {len(examples) - 1} more" if len(examples) > 1 else ""
        yield fault(rule, f"{name} holds {examples[0]}{more}.")


@functools.lru_cache(maxsize=500)
def _bare(name: str) -> str:
    return name.rpartition("}")[2].lower()


def _judge(attribute: str, value: str, found: Found) -> None:
    if attribute.startswith("on"):
        found["content-handler"].append(attribute)
        return
    if attribute not in _ADDRESSES:
        return
    bare = _UNSEEN.sub("", value).lower()
    if bare.startswith(_RUNS):
        found["content-script-address"].append(f"{attribute}={quoted(value)}")
    elif not _stands_alone(attribute, value):
        found["content-address-not-absolute"].append(f"{attribute}={quoted(value)}")


def _stands_alone(attribute: str, value: str) -> bool:
    """Whether an address means the same wherever it is read."""
    if attribute == "srcset":
        # A comma in an address is followed by no space; what parts two candidates is.
        candidates = re.split(r",\s+", value.strip().rstrip(","))
        return all(is_web_address(one.strip().partition(" ")[0]) for one in candidates)
    value = value.strip()
    scheme = _SCHEME.match(value)
    if scheme is None:
        return False
    if scheme[0].lower() in {"http:", "https:"}:
        return "://" in value[:8]
    return attribute == "href" or scheme[0].lower() in _LOADED_FROM
