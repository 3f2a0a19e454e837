"""What pages say of a password that cannot be chosen. Pure."""

from colporteur.staff.passwords import AT_LEAST, AT_MOST


def fault_of(password: str) -> str:
    """Why a password is refused: a word that templates put into a sentence."""
    if len(password) < AT_LEAST:
        return "short"
    return "long" if len(password) > AT_MOST else "easy"
