"""What the API's description (OpenAPI 3.1) says of bodies, which intake itself reads."""

from typing import Any

from pydantic import BaseModel

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_FLAG = {"type": "boolean"}
_MOMENT = {"type": "string", "description": "ISO 8601, or -PT3H: three hours ago."}
_PROPERTIES: dict[str, Any] = {
    "id": {
        "type": "string",
        "maxLength": 500,
        "description": "The caller's own; decides what is updated.",
    },
    "title": {"type": "string", "maxLength": 500},
    "teaser": {"type": "string", "maxLength": 2000, "description": "Else cut from the text."},
    "body": {"type": "string", "description": "Markdown."},
    "body_html": {"type": "string", "description": "HTML, in place of body."},
    "language": _TEXT,
    "url": {"type": "string", "format": "uri", "description": "Where it lives, if not here."},
    "feed_id": {"type": "string", "description": "Kept as the guid in feeds."},
    "date": _MOMENT,
    "publish_at": _MOMENT,
    "topics": _TEXTS,
    "authors": _TEXTS,
    "author": _TEXT,
    "image": {
        "oneOf": [
            _TEXT,
            {
                "type": "object",
                "required": ["url"],
                "properties": {
                    "url": {"type": "string", "format": "uri"},
                    "alt": _TEXT,
                    "width": {"type": "integer", "minimum": 1},
                    "height": {"type": "integer", "minimum": 1},
                },
            },
        ]
    },
    "enclosure": {
        "type": "object",
        "description": "A sound or film that feeds offer.",
        "properties": {
            "url": {"type": "string", "format": "uri"},
            "type": _TEXT,
            "length": {"type": "integer", "minimum": 0},
        },
    },
    "source": {
        "type": "object",
        "description": "The feed that it came from.",
        "properties": {"title": _TEXT, "url": {"type": "string", "format": "uri"}},
    },
    "body_public": _FLAG,
    "channels": _TEXTS,
    "significant": {"type": "boolean", "description": "false: a typo, readers are not told."},
}
_REMOVE = {
    "type": "array",
    "items": {"enum": ["teaser", "image", "enclosure", "source"]},
    "description": "What the article loses.",
}
_WHOLE: dict[str, Any] = {
    "type": "object",
    "properties": _PROPERTIES,
    "additionalProperties": False,
    "required": ["title"],
}
_PART: dict[str, Any] = {
    "type": "object",
    "properties": _PROPERTIES | {"remove": _REMOVE},
    "additionalProperties": False,
}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def body_of(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """The description of a body that a model reads."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": required, "content": content}}


ARTICLE_BODY = _body(_WHOLE)
PART_BODY = _body(_PART)
BULK_BODY = _body({"type": "array", "maxItems": 500, "items": _WHOLE})
SUSPEND_BODY = _body(
    {
        "type": "object",
        "properties": {"why": {"type": "string", "minLength": 1, "maxLength": 500}},
        "required": ["why"],
        "additionalProperties": False,
    }
)
GHOST_BODY = _body({"type": "object", "description": "As Ghost sends it."})
_PROBLEM: dict[str, Any] = {
    "description": "What is wrong, and what to do about it (RFC 9457)",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail", "instance"],
                "properties": {
                    "type": {"type": "string", "format": "uri"},
                    "title": _TEXT,
                    "status": {"type": "integer"},
                    "detail": _TEXT,
                    "instance": {"type": "string", "format": "uri-reference"},
                    "cure": _TEXT,
                    "errors": {"type": "array", "items": {"type": "object"}},
                },
            }
        }
    },
}


def made(model: type[BaseModel], what: str) -> dict[int | str, dict[str, Any]]:
    """The description of a 201 beside a 200: ``what`` is new."""
    location = {"description": "Where it is.", "schema": {"type": "string"}}
    return {201: {"model": model, "description": what, "headers": {"Location": location}}}


PROBLEMS: dict[int | str, dict[str, Any]] = {"default": _PROBLEM}
"""What any route may answer."""
