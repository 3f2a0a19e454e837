"""The synthetic publication: channels in three languages, with every kind of cadence."""

from typing import Any

from colporteur.publication import Publication

TOPICS = ("health", "law", "schools", "work", "climate")
ZONES = (
    "Africa/Casablanca",
    "Europe/Paris",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Auckland",
)


def publication() -> Publication:
    """Channels of one language and of others, of which two share their hour."""
    return Publication.model_validate(
        {
            "title": "Le Relais",
            "languages": ["fr", "en", "ar"],
            "timezone": "Europe/Paris",
            "base_url": "https://relais.example",
            "sender": {"name": "Le Relais", "address": "bonjour@relais.example"},
            "postal_address": dict.fromkeys(("fr", "en", "ar"), "1 rue du Test, Paris"),
            "topics": {one: {"name": {"fr": one, "en": one, "ar": one}} for one in TOPICS},
            "channels": [_journal(), _revue(), _lettre(), _dispatch(), _nashra()],
            "specials": {"hold": "40m"},
            "quiet_hours": "22:30-06:45",
        }
    )


def _journal() -> dict[str, Any]:
    cadences = {
        "matin": {"rule": "daily", "at": ["07:00"]},
        "deux": {"rule": "daily", "at": ["06:30", "18:15"]},
        "semaine": {
            "rule": "daily",
            "at": ["08:00"],
            "weekdays": ["mon", "tue", "wed", "thu", "fri"],
        },
        "hebdo": {"rule": "weekly", "at": ["07:00"], "weekdays": ["sun"]},
        "vite": {"rule": "instant"},
    }
    skip = ["2026-09-24", "2026-02-20", "2027-03-12", "2027-03-13"]
    rules = {"max_age": "9d", "max_items": 4, "cadences": cadences, "skip": skip}
    return _channel("journal", "fr", rules)


def _revue() -> dict[str, Any]:
    cadences = {
        "matin": {"rule": "daily", "at": ["07:00"]},
        "mois": {"rule": "monthly", "at": ["09:00"], "day": 31},
        "quinze": {"rule": "every", "at": ["19:00"], "every": "2w", "starting": "2026-02-05"},
    }
    rules = {"max_age": "40d", "min_items": 2, "max_items": 9, "cadences": cadences}
    rules["quiet_hours"] = "none"
    return _channel("revue", "fr", rules)


def _lettre() -> dict[str, Any]:
    cadences = {"midi": {"rule": "daily", "at": ["12:00"]}}
    rules = {"max_age": "9d", "cadences": cadences, "approval": True}
    return _channel("lettre", "fr", rules)


def _dispatch() -> dict[str, Any]:
    cadences = {
        "morning": {"rule": "daily", "at": ["02:30"], "timezone": "America/New_York"},
        "friday": {"rule": "weekly", "at": ["16:00"], "weekdays": ["fri"]},
    }
    rules = {"max_age": "21d", "min_items": 3, "cadences": cadences, "catch_up": "1d"}
    return _channel("dispatch", "en", rules)


def _nashra() -> dict[str, Any]:
    cadences = {
        "sabah": {"rule": "daily", "at": ["06:00"], "timezone": "Africa/Casablanca"},
        "awwal": {"rule": "monthly", "at": ["10:00"], "on": "first monday"},
        "yawm": {"rule": "every", "at": ["21:00"], "every": "3d", "starting": "2026-02-05"},
    }
    rules = {"max_age": "35d", "cadences": cadences, "freeze": "1h", "quiet_hours": "20:30-21:40"}
    return _channel("nashra", "ar", rules)


def _channel(slug: str, language: str, rules: dict[str, Any]) -> dict[str, Any]:
    return {"slug": slug, "title": slug.title(), "language": language, "digest": rules}
