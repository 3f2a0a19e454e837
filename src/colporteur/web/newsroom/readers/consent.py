"""How readers said yes elsewhere, in the words of who adds them: asked for where they are stated."""

_AT_LEAST = 10  # characters: when, where and to what takes a sentence


def unstated(how: str, said: str) -> str:
    """What is wrong with it, as a message of the catalogues; empty where nothing is."""
    if how == "stated" and len(said) < _AT_LEAST:
        return "Say in a sentence when, where and to what they said yes."
    return ""
