from pathlib import Path

import pytest

MAIN = """\
title = "Le Relais"
languages = ["fr", "ar"]
timezone = "Europe/Paris"
base_url = "https://relais.example"
channels = ["actualites", "nashra"]
reply_to = "redaction@relais.example"

[sender]
name = "Le Relais"
address = "bonjour@relais.example"

[postal_address]
fr = "1 rue du Test, 75001 Paris"
ar = "باريس"

[topics.health]
name = { fr = "Santé", ar = "الصحة" }

[topics.law]
name = { fr = "Droit", ar = "القانون" }
formerly = ["justice"]
"""
FRENCH = """\
title = "Actualités"
language = "fr"
topics = ["health", "law"]

[feed]
limit = 30

[digest]
max_age = "7d"
freeze = "10m"

[digest.cadences.matin]
rule = "daily"
at = ["07:00"]

[digest.cadences.semaine]
rule = "weekly"
at = ["09:00"]
weekdays = ["sun"]
"""
ARABIC = """\
title = "النشرة"
language = "ar"
"""


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    """A folder of publication files without a mistake."""
    folder = tmp_path / "feeds"
    folder.mkdir()
    for name, text in (("publication", MAIN), ("actualites", FRENCH), ("nashra", ARABIC)):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder
