"""Composes a digest's subject: the lead and how many more, within about 60 characters. Pure."""

from colporteur.typography import one_line, shorten

ABOUT = 60


def compose_subject(lead: str, ending: str) -> str:
    """The lead's title, shortened between words if need be, and an ending such as ``(+4)``.

    On one line, and never empty where one of both is not.
    """
    room = ABOUT - (len(ending) + 1 if ending else 0)
    return f"{shorten(one_line(lead), room)} {ending}".strip()
