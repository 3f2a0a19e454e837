"""All checks in a row. Pure: what a message links to was asked for before."""

from collections.abc import Iterable

from colporteur.digests.preflight import (
    contrast,
    letterhead,
    links,
    parts,
    pictures,
    placeholders,
    subjects,
    support,
    tongues,
    weight,
)
from colporteur.digests.preflight.finding import ERROR, WARNING, Finding
from colporteur.digests.preflight.material import Answers, Material, Message

_AT_MOST = 100  # findings: who reads so many reads no more
_OF_MESSAGES = (
    weight.check,
    placeholders.check,
    subjects.check,
    pictures.check_markup,
    contrast.check,
    support.check,
)


def judge(material: Material, answers: Answers) -> list[Finding]:
    """What is wrong with an edition, each thing once, errors first."""
    found = [_broken(ERROR, one) for one in material.broken]
    found += [_broken(WARNING, one) for one in material.replaced]
    found += letterhead.check(material.letterhead)
    for message in material.messages:
        found += _of_message(message)
        found += parts.check(message, material.pieces)
    found += links.check(material, answers)
    for piece in material.pieces.values():
        found += pictures.check_piece(piece)
        found += tongues.check(piece, material.letterhead.language)
    return _once(found)


def _of_message(message: Message) -> list[Finding]:
    return [one for check in _OF_MESSAGES for one in check(message.rendering)]


def _broken(severity: str, said: str) -> Finding:
    cure = "Mend the template, or remove your copy: the shipped one serves."
    return Finding(severity, "template", said, cure)


def _once(found: Iterable[Finding]) -> list[Finding]:
    """Each finding once, whichever message showed it."""
    distinct = list(dict.fromkeys(found))
    distinct.sort(key=lambda one: one.severity != ERROR)
    return distinct[:_AT_MOST]
