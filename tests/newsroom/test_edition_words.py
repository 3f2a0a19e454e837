"""What pages of editions say, and how a mail looks in a scheme that the frame has not: pure."""

import pytest
from house import TEMPLATES

from colporteur.editions.choosing import Fate
from colporteur.editions.explaining.reasons import Outcome, Rule
from colporteur.editions.skips import SkipReason
from colporteur.editions.states import State
from colporteur.web.newsroom import findings
from colporteur.web.newsroom.editions import telling, words
from colporteur.web.newsroom.editions.looks import SCHEMES, in_scheme, listed
from colporteur.web.newsroom.editions.steps import STEPS
from colporteur.web.newsroom.states import STATES

MAIL = """<html><head><meta name="color-scheme" content="light dark">
<style>@media (max-width: 480px) { p { margin: 0 } }</style>
<style>@media screen and ( PREFERS-COLOR-SCHEME : dark ) { p { color: white } }</style></head>
<body class="paper"><p>(prefers-color-scheme: dark)</p></body></html>"""


def test_everything_that_can_be_said_of_an_edition_is_said_in_each_language() -> None:
    assert {*State} <= STATES.keys() == words.IN_SENTENCES.keys()
    assert {*Outcome} == words.OUTCOMES.keys()
    assert {*Fate, *Rule} == words.FATES.keys()
    assert {*map(str, SkipReason)} == words.SKIPPED.keys()
    tables = [words.KINDS, STATES, words.IN_SENTENCES, words.OUTCOMES, words.DELIVERED]
    tables += [words.SKIPPED, words.FATES, words.BY_EDITION, telling.MACHINES, telling.DONE]
    said = {one for table in [*tables, findings.CHECKS] for one in table.values()}
    said |= {text for step in STEPS for text in (step.label, step.hint)}
    for tag in ("fr", "ar"):
        catalogue = TEMPLATES.catalogue(tag)
        # "Correction" is the same word in French.
        assert {one for one in said if catalogue.gettext(one) == one} <= {"Correction"}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_frame_shows_a_mail_in_either_scheme_whatever_its_screen_is(scheme: str) -> None:
    shown = in_scheme(MAIL, "dark" if scheme == "dark" else "light")
    holds = "(min-width: 0)" if scheme == "dark" else "(max-width: 0)"
    assert f"@media screen and {holds} {{ p {{ color: white }} }}" in shown
    assert f'content="{scheme}"' in shown
    assert "@media (max-width: 480px)" in shown
    assert "<p>(prefers-color-scheme: dark)</p>" in shown


def test_what_a_list_of_mails_shows_stands_above_the_mail_and_is_not_obeyed() -> None:
    shown = listed(MAIL, "light", "Le <b>Relais", "Un & deux", 'trois"><script>', "fr")
    body = shown.split('<body class="paper">')[1]
    assert body.startswith('<div lang="fr"')
    assert body.index("Le &lt;b&gt;Relais") < body.index("Un &amp; deux")
    assert "<script>" not in shown
