"""The brake's page after a restore asks what becomes of what was due since the backup."""

import re
from datetime import timedelta
from pathlib import Path

from asking import asker, make_app
from house import House
from newsroom import sign_in
from sqlalchemy import select

from colporteur.db import reading
from colporteur.db.tables.audience import subscriptions
from colporteur.editions import brakes
from colporteur.editions.since_backup import hold_restored
from colporteur.staff import audit
from colporteur.staff.people import Role


def test_the_page_asks_and_notes_what_was_chosen(sqlite_house: House, tmp_path: Path):
    house = sqlite_house
    house.take("Un port mesure")
    house.subscribe("leila@example.org")
    with house.open() as (connection, _, _):
        hold_restored(connection, house.now - timedelta(hours=3), house.now)
    admin = sign_in(house, asker(make_app(house, tmp_path)), Role.ADMIN)
    page = admin.get("/newsroom/brakes").text
    assert "A backup was restored." in page
    french = admin.get("/newsroom/brakes", headers={"Accept-Language": "fr"}).text
    assert french.count("Une sauvegarde a été restaurée.") == 2
    assert "was restored" not in french
    assert re.findall(r'name="since" value="(\w+)"( checked)?', page) == [
        ("missed", " checked"),
        ("sent", ""),
        ("due", ""),
    ]
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen
    admin.post("/newsroom/brakes/release", {"seen": seen[1], "since": "sent"})
    with reading(house.engine) as connection:
        assert brakes.suspension(connection) is None
        assert connection.scalar(select(subscriptions.c.start_number)) == 1
        noted = audit.noted(connection, limit=1)[0]
    assert noted.detail["since_backup"] == "sent"
    assert 'name="since"' not in admin.get("/newsroom/brakes").text
