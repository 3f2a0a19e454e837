"""What programs say of editions, read and bounded before the engine sees it."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from colporteur.articles.cleaning import has_forbidden
from colporteur.web.api.bodies import read_json
from colporteur.web.api.problems import Problem

ARTICLES_AT_MOST = 100
_KEY_AT_MOST = 150
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_YEARS = range(2000, 2200)
_QUOTED_KEY = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])+)"')  # RFC 9651, section 3.3.3
_BARE_KEY = re.compile(r"[!#-\[\]-~]+")


def read_moment(text: object) -> datetime:
    """An instant with its zone (RFC 3339; seconds may be left out), in UTC.

    Raises:
        ValueError: it is none, or not of the years 2000 to 2199.
    """
    wrong = "must be a time with its zone, such as 2026-11-23T07:00:00+01:00"
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError(wrong)
    try:
        found = datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError(wrong) from None
    if found.year not in _YEARS:
        raise ValueError(f"must be of the years {_YEARS[0]} to {_YEARS[-1]}")
    return found.astimezone(UTC)


def _plain(text: str) -> str:
    if has_forbidden(text):
        raise ValueError("holds characters that no text may have")
    return text


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Model = TypeVar("Model", bound=BaseModel)
Moment = Annotated[datetime, BeforeValidator(read_moment)]
Text = Annotated[str, AfterValidator(_plain), Field(max_length=20_000)]
Line = Annotated[str, AfterValidator(_plain), Field(max_length=500)]
Name = Annotated[str, BeforeValidator(_as_text), Field(min_length=1, max_length=500)]
Names = Annotated[list[Name], Field(max_length=ARTICLES_AT_MOST)]
Part = Literal["lead", "order", "left_out", "intro", "subject", "preheader"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ArrangingBody(_Body):
    """What changes of an edition; what is left out, or null, stays. Articles by id or slug."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"lead": "cms-4711", "subject": "Un port mesure", "left_out": ["cms-17"]}]
        }
    )

    lead: Name | None = None
    order: Names | None = None
    left_out: Names | None = None
    intro: Text | None = None
    subject: Line | None = None
    preheader: Line | None = None
    remove: list[Part] = []


class SpecialBody(_Body):
    """A draft: articles or a note (Markdown), or both, for some channels' readers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "channels": ["actualites"],
                    "articles": ["cms-4711"],
                    "subject": "Ce que l’on sait",
                }
            ]
        }
    )

    channels: Names = Field(description="Whose readers get it.")
    topics: Names = Field(default=[], description="Who wants one of these; else all.")
    articles: Names = Field(default=[], description="By id or slug, the first leads.")
    home: Name | None = Field(default=None, description="Gives language and sender: a channel.")
    note: Text = ""
    subject: Line = ""
    preheader: Line = ""


class CorrectionBody(_Body):
    """A note (Markdown) for those who received an edition."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"note": "Il fallait lire 12.", "subject": "Erratum"}]}
    )

    note: Text
    subject: Line
    preheader: Line = ""


class ConfirmingBody(_Body):
    """``readers`` is their number, which many need; ``at`` a time to come, else now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"readers": 4120, "at": None}]})

    readers: Annotated[int, Field(strict=True, ge=0)] | None = None
    at: Moment | None = None


class WhyBody(_Body):
    """The reason, which the edition's history keeps."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"why": "Le titre est faux."}]})

    why: Line = ""


def read_as(model: type[Model], data: bytes) -> Model:
    """What a body says, as a model reads it.

    Raises:
        Problem: 400 or 422, with each thing that is wrong.
    """
    found = read_json(data)
    keys = ", ".join(model.model_fields)
    if not isinstance(found, dict):
        raise Problem(422, "The body is no object.", f"Its keys are: {keys}.", kind="no-object")
    try:
        return model.model_validate(found)
    except ValidationError as error:
        errors = [_told(one) for one in error.errors(include_context=False, include_input=False)]
    first = errors[0]
    said = f"{first['parameter']}: {first['detail']}"
    raise Problem(422, said, f"Correct it; the keys are: {keys}.", kind="invalid", errors=errors)


def read_time(name: str, text: str | None) -> datetime | None:
    """An instant that an address says; None where it says none.

    Raises:
        Problem: 422, it is no time.
    """
    if text is None:
        return None
    try:
        return read_moment(text)
    except ValueError as error:
        said = f"{name} {error}."
        raise Problem(
            422,
            said,
            "Correct it; in a question, write + as %2B.",
            kind="invalid",
            errors=[{"parameter": name, "detail": said}],
        ) from None


def read_key(header: str | None) -> str:
    """What an ``Idempotency-Key`` header says (draft-ietf-httpapi-idempotency-key-header).

    A string in quotes, as the draft has it, or bare, as most programs write it.

    Raises:
        Problem: 400, there is none or it cannot be one.
    """
    text = (header or "").strip()
    if quoted := _QUOTED_KEY.fullmatch(text):
        text = re.sub(r"\\(.)", r"\1", quoted[1])
    elif not _BARE_KEY.fullmatch(text):
        text = ""
    if 0 < len(text) <= _KEY_AT_MOST:
        return text
    raise Problem(
        400,
        "There is no Idempotency-Key." if not header else "This is no Idempotency-Key.",
        'Send the header Idempotency-Key: "…" with a new UUID for each new edition, and the same '
        f"when you try again; at most {_KEY_AT_MOST} ASCII characters.",
        kind="key-missing",
    )


def _told(error: Any) -> dict[str, str]:
    where = ".".join(str(one) for one in error["loc"]) or "body"
    return {"parameter": where[:200], "detail": f"{error['msg'].removeprefix('Value error, ')}."}
