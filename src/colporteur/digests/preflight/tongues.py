"""Whether an article is in the language of the digest: one language per edition."""

from collections.abc import Iterator

from colporteur.digests.preflight.finding import WARNING, Finding
from colporteur.digests.preflight.material import Piece

_SURE = 0.8
_SCRIPTS = {"ar": "arab", "fa": "arab", "ur": "arab"}
_ARABIC = (("\u0600", "\u06ff"), ("\u0750", "\u077f"), ("\ufb50", "\ufdff"), ("\ufe70", "\ufeff"))
_FEW = 12  # letters: too few to tell anything by


def check(piece: Piece, language: str) -> Iterator[Finding]:
    """A warning: names, quotations and poems may well be in another one."""
    base = language.partition("-")[0]
    cure = "Correct the article's language, or leave it out of this edition."
    script = _script(f"{piece.name} {piece.teaser}")
    if script and script != _SCRIPTS.get(base, "latn"):
        said = f"“{piece.name}” is written in other letters than those of {language!r}."
        yield Finding(WARNING, "language", said, cure, piece.url)
    elif piece.spoken and piece.spoken[1] >= _SURE and piece.spoken[0] != base:
        said = f"“{piece.name}” seems to be in {piece.spoken[0]!r}; the digest is in {language!r}."
        yield Finding(WARNING, "language", said, cure, piece.url)


def _script(text: str) -> str:
    """The script of most letters, of those that we tell apart; empty in doubt."""
    letters = [one for one in text if one.isalpha()]
    if len(letters) < _FEW:
        return ""
    arabic = sum(any(low <= one <= high for low, high in _ARABIC) for one in letters)
    latin = sum(one < "\u0250" or "\u1e00" <= one <= "\u1eff" for one in letters)
    most = max(arabic, latin)
    if most * 2 <= len(letters):
        return ""
    return "arab" if arabic == most else "latn"
