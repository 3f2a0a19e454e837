"""What programs say of readers, read and bounded."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from colporteur.web.api.edition_bodies import Line, Moment, Text

TOPICS_AT_MOST = 100


def _one_line(text: str) -> str:
    if len(text.splitlines()) > 1 or text != text.strip("\r\n"):
        raise ValueError("must be one line")
    return text


OneLine = Annotated[Line, AfterValidator(_one_line)]
Slugs = Annotated[list[Line], Field(max_length=TOPICS_AT_MOST)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ChoiceBody(_Body):
    """What a reader wants of a channel; what is left out, or null, is the channel's usual."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"cadence": "matin", "topics": ["health"], "hour": "19:30"}]
        }
    )

    cadence: Line | None = Field(None, description="By name; the channel's first by default.")
    topics: Slugs = Field([], description="Only articles of these; empty: all.")
    without: Slugs = Field([], description="No article of these.")
    weekday: Line | None = Field(None, description="mon to sun, of a weekly or longer cadence.")
    hour: Line | None = Field(None, description="Such as 19:30.")
    timezone: Line | None = Field(None, description="An IANA name, such as Africa/Casablanca.")
    layout: Line | None = Field(None, description="briefing, headlines or text-first")
    specials: bool = Field(True, description="Whether special editions come too.")


class SubscriberBody(ChoiceBody):
    """Somebody who asked for a channel, on the caller's word: no letter asks them to confirm."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "address": "leila@example.org",
                    "channel": "actualites",
                    "wording": "Receive our morning digest.",
                    "form_url": "https://news.example.org/account",
                }
            ]
        }
    )

    address: Annotated[str, Field(max_length=1000)]
    channel: Line
    name: OneLine = ""
    language: Line | None = Field(None, description="Of letters and pages; else the channel's.")
    wording: Text = Field("", description="What they agreed to, kept as the record of consent.")
    form_url: OneLine = Field("", description="Where they did.")


class PauseBody(_Body):
    """Until when nothing is sent; ``backlog``: then also what came meanwhile."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"until": "2026-12-24T00:00:00+01:00"}]}
    )

    until: Moment
    backlog: bool = False
