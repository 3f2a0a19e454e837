"""Which language a page of the newsroom speaks. Pure."""

SPOKEN = ("fr", "en", "ar")


def spoken(asked: str, usual: str) -> str:
    """The first language of an ``Accept-Language`` (RFC 9110, section 12.5.4) that we speak."""
    weighed = []
    for place, one in enumerate(asked[:500].split(",")):
        tag, _, weight = one.partition(";")
        base = tag.strip().partition("-")[0].lower()
        if base in SPOKEN and (quality := _quality(weight)) > 0:
            weighed.append((-quality, place, base))
    if weighed:
        return min(weighed)[2]
    return usual.partition("-")[0] if usual.partition("-")[0] in SPOKEN else SPOKEN[0]


def _quality(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
