"""What preflight paused can be mended: its words, a template, a wrong article."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from house import SITE
from preflights import WRONG, Newsroom
from sqlalchemy import func, insert, select, update

from colporteur import tasks
from colporteur.config import Settings, shipped
from colporteur.db import reading, writing
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import editions, variants
from colporteur.delivery import looking_over, preflighting
from colporteur.digests.preflight.gathering import chosen
from colporteur.digests.rendering import Rendering
from colporteur.digests.variants import render_variant
from colporteur.editions.freezing.moving import withdraw_from_frozen
from colporteur.editions.naming import Named
from colporteur.editions.states import State
from colporteur.editions.store import Edition
from colporteur.exceptions import ArrangementClosed
from colporteur.templating import Templates

TEXT = "email/digest/body.txt.j2"


def rendered(newsroom: Newsroom, templates: Templates, variant_id: int = 1) -> Rendering:
    with writing(newsroom.house.engine) as connection:
        return render_variant(
            connection, templates, variant_id, SITE, newsroom.house.now, secret_key="k" * 32
        )


def wrong_by_now(edition: Edition, settings: Settings | None = None) -> list[str]:
    """The mistakes that an editor sees who looks it over again."""
    run = tasks.runtime()
    settings = settings or run.settings
    assert edition.slot is not None
    at = edition.slot.astimezone(ZoneInfo("Europe/Paris"))
    named = Named("actualites", "matin", f"{at:%Y-%m-%dT%H:%M:%S}")
    templates = Templates(settings.template_folders)
    seen = looking_over.look_over(run.engine, settings, templates, named)
    return [one.text for one in seen.findings if one.severity == "error"]


def test_the_words_of_a_paused_edition_can_be_mended(newsroom: Newsroom):
    newsroom.take("Un port")
    edition = newsroom.send_now()
    newsroom.say(edition.id, "[TODO]")
    newsroom.check(edition.id)
    assert newsroom.edition(edition.id).state is State.PAUSED
    mended = newsroom.say(edition.id, "Bonjour à tous.")
    assert wrong_by_now(mended) == []
    assert newsroom.resume(edition.id) is State.FROZEN
    assert newsroom.check(edition.id)
    newsroom.advance()
    assert newsroom.edition(edition.id).state is State.SENDING
    assert "Bonjour à tous." in rendered(newsroom, tasks.runtime().templates).text


def test_words_that_somebody_has_got_stay_as_they_are(newsroom: Newsroom):
    newsroom.take("Un port")
    edition = newsroom.send_now()
    newsroom.pause(edition.id)
    with writing(newsroom.house.engine) as connection:
        connection.execute(update(editions).values(first_left_at=newsroom.house.now))
    with pytest.raises(ArrangementClosed, match="is paused"):
        newsroom.say(edition.id, "Trop tard.")


def test_a_mended_template_is_what_readers_get(newsroom: Newsroom, tmp_path: Path):
    mine, ours = tmp_path / "looks" / TEXT, (shipped("templates") / TEXT).read_text()
    mine.parent.mkdir(parents=True)
    mine.write_text("[TODO] un mot\n" + ours)
    run = tasks.runtime()
    own = run.settings.model_copy(update={"templates": tmp_path / "looks"})
    newsroom.take("Un port")
    edition = newsroom.send_now()
    preflighting.check_edition(run.engine, own, Templates(own.template_folders), edition.id)
    paused = newsroom.edition(edition.id)
    assert paused.state is State.PAUSED
    assert wrong_by_now(paused, own) != []
    mine.write_text(ours)
    assert wrong_by_now(paused, own) == []
    assert newsroom.resume(edition.id) is State.SENDING
    assert "[TODO]" not in rendered(newsroom, Templates(own.template_folders)).text


def test_what_somebody_has_got_is_not_rendered_anew(newsroom: Newsroom, tmp_path: Path):
    newsroom.take("Un port")
    edition = newsroom.send_now()
    before = rendered(newsroom, tasks.runtime().templates)
    newsroom.advance()
    with writing(newsroom.house.engine) as connection:
        connection.execute(update(editions).values(first_left_at=newsroom.house.now))
    newsroom.pause(edition.id)
    newsroom.resume(edition.id)
    mine = tmp_path / "looks" / TEXT
    mine.parent.mkdir(parents=True)
    mine.write_text("Un autre texte.")
    assert rendered(newsroom, Templates((tmp_path / "looks", shipped("templates")))) == before


def test_a_wrong_article_that_is_withdrawn_is_not_complained_of(newsroom: Newsroom):
    newsroom.take("Un port")
    wrong = newsroom.take(WRONG)
    edition = newsroom.send_now()
    newsroom.check(edition.id)
    assert wrong_by_now(newsroom.edition(edition.id)) != []
    newsroom.withdraw(wrong)
    with writing(newsroom.house.engine) as connection:
        assert withdraw_from_frozen(connection, newsroom.house.now) == 1
    assert wrong_by_now(newsroom.edition(edition.id)) == []


def test_what_a_special_left_of_a_digest_is_what_is_looked_at(newsroom: Newsroom):
    newsroom.take("Un port")
    wrong = newsroom.take(WRONG)
    edition = newsroom.send_now()
    newsroom.special(wrong)
    with reading(newsroom.house.engine) as connection:
        assert [len(one.articles) for one in chosen(connection, edition.id)] == [1]
    newsroom.check(edition.id)
    assert newsroom.edition(edition.id).state is State.FROZEN


def test_an_edition_that_was_sent_is_looked_at_as_it_was(newsroom: Newsroom):
    newsroom.take("Un port")
    edition = newsroom.send_now()
    newsroom.now_sent(edition.id)
    with reading(newsroom.house.engine) as connection:
        assert [one.id for one in chosen(connection, edition.id)] == [1]
    newsroom.now_sent(edition.id, "pending")


def test_the_readers_who_wait_are_counted_whatever_the_freeze_had_counted(newsroom: Newsroom):
    newsroom.take("Un port")
    edition = newsroom.send_now()
    with writing(newsroom.house.engine) as connection:
        variant: dict[str, Any] = dict(connection.execute(select(variants)).mappings().one())
        owed: dict[str, Any] = dict(connection.execute(select(deliveries)).mappings().one())
        del variant["id"], owed["id"]
        made = [{**variant, "key": f"{one:064}"} for one in range(100)]
        connection.execute(insert(variants), made)
        ids = list(connection.scalars(select(variants.c.id).order_by(variants.c.id)))[1:]
        connection.execute(
            insert(deliveries),
            [{**owed, "variant_id": one, "subscriber_id": -one} for one in ids],
        )
        connection.execute(
            update(deliveries)
            .where(deliveries.c.subscriber_id.in_([-ids[0], -ids[1]]))
            .values(variant_id=ids[-1])
        )
        assert connection.scalar(select(func.count()).select_from(deliveries)) == 101
        assert chosen(connection, edition.id)[1].id == ids[-1]  # of three readers


class Interrupted(Templates):
    """Templates in whose midst something else happens, as far as it gets in a moment."""

    def __init__(self, folders: Any, meanwhile: Callable[[], object]) -> None:
        super().__init__(folders)
        self.other = threading.Thread(target=meanwhile)

    def render_into(
        self, name: str, tag: str, finish: Callable[[str], str], /, **context: Any
    ) -> str:
        if self.other.ident is None:
            self.other.start()
            self.other.join(0.3)
        return super().render_into(name, tag, finish, **context)


def test_words_written_while_a_mail_is_rendered_are_those_that_leave(newsroom: Newsroom):
    newsroom.take("Un port")
    edition, ours = newsroom.send_now(), tasks.runtime().templates
    slow = Interrupted(ours.folders, lambda: newsroom.say(edition.id, "Les mots d’après."))
    assert "Les mots" not in rendered(newsroom, slow).text
    slow.other.join()
    assert "Les mots d’après." in rendered(newsroom, ours).text
