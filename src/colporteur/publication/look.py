"""How a publication's mails look: its colours, type and spacing, in a few lines of TOML."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from colporteur.publication.values import Colour, Fonts, Frozen, MailPicture

READABLE = 4.5
"""The least contrast of text with what is behind it (WCAG 2.2, 1.4.3, level AA)."""
_DARKEST = 0.04045  # below it, brightness and light go in step


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, contrast ratio)."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """The relative luminance of ``#rrggbb`` (WCAG 2.2, relative luminance)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        one / 12.92 if one <= _DARKEST else ((one + 0.055) / 1.055) ** 2.4 for one in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class Palette(Frozen):
    """Colours by their part: ``hair`` is that of thin lines, and carries no words."""

    paper: Annotated[Colour, Field(examples=["#fcfaf6"])]
    ink: Annotated[Colour, Field(examples=["#1b1c20"])]
    soft: Annotated[Colour, Field(examples=["#5c5a57"])]
    accent: Annotated[Colour, Field(examples=["#a5331b"])]
    hair: Annotated[Colour, Field(examples=["#d8d1c5"])]

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        for part in ("ink", "soft", "accent"):
            found = contrast(getattr(self, part), self.paper)
            if found < READABLE:
                raise ValueError(
                    f"{part} on paper has a contrast of {found:.1f}, and words need {READABLE}; "
                    f"choose a {part} that differs more from {self.paper}"
                )
        return self


_LIGHT = {
    "paper": "#fcfaf6",
    "ink": "#1b1c20",
    "soft": "#5c5a57",
    "accent": "#a5331b",
    "hair": "#d8d1c5",
}
_DARK = {
    "paper": "#17181b",
    "ink": "#ece7df",
    "soft": "#aca69c",
    "accent": "#f2977a",
    "hair": "#3e3d3c",
}


class Look(Frozen):
    """The design tokens of every mail. ``size`` is that of running text, in pixels.

    ``air`` multiplies the space between things; ``logo`` stands in the place of the name.
    """

    light: Annotated[Palette, Field(examples=[{"accent": "#a5331b"}])] = Palette(**_LIGHT)
    dark: Annotated[Palette, Field(examples=[{"accent": "#f2977a"}])] = Palette(**_DARK)
    text: Annotated[Fonts, Field(examples=["Georgia, serif"])] = (
        "Charter, 'Iowan Old Style', Georgia, 'Noto Serif', serif"
    )
    labels: Annotated[Fonts, Field(examples=["Arial, sans-serif"])] = (
        "-apple-system, 'Segoe UI', Roboto, 'Noto Sans', Helvetica, Arial, sans-serif"
    )
    arabic: Annotated[Fonts, Field(examples=["'Geeza Pro', serif"])] = (
        "'Noto Naskh Arabic', 'Geeza Pro', 'Segoe UI', Georgia, 'Noto Serif', serif"
    )
    size: Annotated[int, Field(ge=16, le=22, examples=[17])] = 17
    air: Annotated[float, Field(ge=0.6, le=1.6, examples=[1.0])] = 1.0
    logo: Annotated[MailPicture | None, Field(examples=["/static/logo.png"])] = None

    @model_validator(mode="before")
    @classmethod
    def _fill_up(cls, given: Any) -> Any:
        """A palette says what differs from the shipped one."""
        if not isinstance(given, dict):
            return given
        shipped = {"light": _LIGHT, "dark": _DARK}
        filled = {
            name: colours | given[name]
            for name, colours in shipped.items()
            if isinstance(given.get(name), dict)
        }
        return given | filled
