"""What we ship must not make an editor's preflight complain."""

import pytest
from mails import KINDS, LANGUAGES, LAYOUTS, brought, rendered

from colporteur.digests.preflight import Material, judge
from colporteur.digests.preflight.material import Answers, Letterhead, Message, Piece
from colporteur.digests.rendering import UNSUBSCRIBE_MARK

MAILS = [(tag, layout, "digest") for tag in LANGUAGES for layout in LAYOUTS]
MAILS += [(tag, "briefing", kind) for tag in LANGUAGES for kind in KINDS if kind != "digest"]


@pytest.mark.parametrize(("language", "layout", "kind"), MAILS)
def test_a_shipped_mail_has_no_findings(language: str, layout: str, kind: str):
    made = brought(language, layout, kind)
    pieces = {
        number: Piece(number, one.title, one.teaser, one.url)
        for number, one in enumerate(made.cards)
        if one.language == language
    }
    mail = Message(rendered(language, layout, kind), tuple(pieces), layout)
    paths = {one.url.removeprefix(made.site) for one in made.cards}
    paths |= {"/", f"/{made.channel.slug}", "/editions/abc/def", "/articles/enquete"}
    head = Letterhead(language, "Le Relais", "1 rue du Test", made.site, real_relay=True)
    material = Material(head, (mail,), pieces, own_pages=frozenset(paths))
    assert UNSUBSCRIBE_MARK in mail.rendering.html
    assert judge(material, Answers({})) == []
