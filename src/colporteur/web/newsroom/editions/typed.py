"""What the desk's form says: the articles in the order shown, what is left out, the words. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from colporteur.articles.cleaning import has_forbidden
from colporteur.editions.arrangement import Arrangement
from colporteur.editions.arranging import NO_LEAD, SUBJECT_AT_MOST, Wishes
from colporteur.web.bodies import Form
from colporteur.web.newsroom.numbers import whole

INTRO_AT_MOST = 20_000


@dataclass(frozen=True)
class Typed:
    """Articles by their ids: ``order`` has each that is in, as it is listed, a lead first."""

    order: tuple[int, ...] = ()
    left_out: tuple[int, ...] = ()
    lead: int | None = None
    intro: str = ""
    subject: str = ""
    preheader: str = ""


def read_typed(form: Form) -> Typed:
    """What a form says; what is no id is passed over."""
    lead = _ids([form.one("lead")])
    left_out = _ids(form.all("left_out"))
    order = tuple(one for one in _ids(form.all("order")) if one not in left_out)
    typed = Typed(
        order,
        left_out,
        next((one for one in lead if one in order), None),
        "\n".join(form.one("intro").splitlines()),
        form.one("subject"),
        form.one("preheader"),
    )
    return _lead_first(typed)


def typed_of(wished: Arrangement, newest: Sequence[int]) -> Typed:
    """What the form says at first: the edition as it is, of these articles, the newest first."""
    known = set(newest)
    pinned = [one for one in wished.pinned if one in known]
    others = [one for one in newest if one not in pinned and one not in wished.left_out]
    return Typed(
        (*pinned, *others),
        tuple(one for one in newest if one in wished.left_out),
        wished.lead if wished.lead in known else None,
        wished.intro,
        wished.subject,
        wished.preheader,
    )


def fitted(typed: Typed, newest: Sequence[int]) -> Typed:
    """What was typed, with the articles that there are now: those that came since fall in place."""
    known = set(newest)
    order = [one for one in typed.order if one in known]
    left_out = tuple(one for one in typed.left_out if one in known)
    fixed = order[: _fixed(order, newest)]
    others = [one for one in newest if one not in fixed and one not in left_out]
    lead = typed.lead if typed.lead in known else None
    return _lead_first(replace(typed, order=(*fixed, *others), left_out=left_out, lead=lead))


def vanished(typed: Typed, newest: Collection[int]) -> list[int]:
    """The articles of a form that are there no more."""
    return [one for one in (*typed.order, *typed.left_out) if one not in newest]


def moved(typed: Typed, what: str) -> Typed:
    """What was typed once a button was pressed, such as ``up 4711``; others change nothing."""
    verb, _, name = what.partition(" ")
    found = _ids([name])
    if verb in _MOVES and found:
        return _lead_first(_MOVES[verb](typed, found[0]))
    return typed


def wishes_of(typed: Typed, before: Arrangement, newest: Sequence[int]) -> Wishes:
    """What the form wishes for.

    Only what was moved is fixed in its place: what comes later follows that, the newest first.
    """
    return Wishes(
        lead=typed.lead or NO_LEAD,
        order=_order(typed, before, newest),
        left_out=typed.left_out,
        intro=typed.intro,
        subject=typed.subject,
        preheader=typed.preheader,
    )


def words_of(typed: Typed) -> Wishes:
    """Its words alone, for an edition whose articles are fixed."""
    return Wishes(intro=typed.intro, subject=typed.subject, preheader=typed.preheader)


def faults_in(typed: Typed, *, lead: bool) -> Mapping[str, str]:
    """What is wrong by field, as messages of the catalogues; ``lead``: whether one is pinned."""
    found: dict[str, str] = {}
    for name in ("subject", "preheader"):
        text: str = getattr(typed, name)
        if len(text) > SUBJECT_AT_MOST:
            found[name] = "This is too long: mail programs show about 60 characters of it."
        elif not text.isprintable() or has_forbidden(text):
            found[name] = "This holds characters that no text may have."
        elif text and not lead:
            found[name] = "These words speak of the lead. Pin one first, or leave this empty."
    if len(typed.intro) > INTRO_AT_MOST:
        found["intro"] = "This is too long for an introduction."
    elif has_forbidden(typed.intro):
        found["intro"] = "This holds characters that no text may have."
    return found


def _order(typed: Typed, before: Arrangement, newest: Sequence[int]) -> tuple[int, ...]:
    listed = [one for one in typed.order if one != typed.lead]
    as_before = typed_of(before, newest).order
    if listed == [one for one in as_before if one in listed]:
        return tuple(one for one in before.order if one in typed.order)
    return tuple(listed[: _fixed(listed, newest)])


def _fixed(order: Sequence[int], newest: Sequence[int]) -> int:
    """How many of the first stand elsewhere than they would by themselves."""
    for number in range(len(order)):
        rest = order[number:]
        if rest == [one for one in newest if one in set(rest)]:
            return number
    return len(order)


def _lead_first(typed: Typed) -> Typed:
    if typed.lead is None or typed.lead not in typed.order:
        return replace(typed, lead=None)
    others = (one for one in typed.order if one != typed.lead)
    return replace(typed, order=(typed.lead, *others))


def _up(typed: Typed, one: int) -> Typed:
    return _to(typed, one, -1)


def _down(typed: Typed, one: int) -> Typed:
    return _to(typed, one, 1)


def _to(typed: Typed, one: int, by: int) -> Typed:
    """An article some places on; the lead stays where it is."""
    if one not in typed.order or one == typed.lead:
        return typed
    order = list(typed.order)
    first = 0 if typed.lead is None else 1
    place = max(first, min(len(order) - 1, order.index(one) + by))
    order.remove(one)
    order.insert(place, one)
    return replace(typed, order=tuple(order))


def _first(typed: Typed, one: int) -> Typed:
    return _to(typed, one, -len(typed.order))


def _lead(typed: Typed, one: int) -> Typed:
    return replace(typed, lead=one) if one in typed.order else typed


def _unpin(typed: Typed, one: int) -> Typed:
    return replace(typed, lead=None) if one == typed.lead else typed


def _leave(typed: Typed, one: int) -> Typed:
    if one not in typed.order:
        return typed
    order = tuple(other for other in typed.order if other != one)
    return replace(typed, order=order, left_out=(*typed.left_out, one))


def _take(typed: Typed, one: int) -> Typed:
    if one not in typed.left_out:
        return typed
    left_out = tuple(other for other in typed.left_out if other != one)
    return replace(typed, left_out=left_out)  # it falls into its own place


def _ids(texts: Sequence[str]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(one for one in map(whole, texts) if one is not None))


_MOVES: Mapping[str, Callable[[Typed, int], Typed]] = {
    "up": _up,
    "down": _down,
    "first": _first,
    "lead": _lead,
    "unpin": _unpin,
    "leave": _leave,
    "take": _take,
}
