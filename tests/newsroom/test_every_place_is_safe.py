"""What holds for every place of the newsroom, whoever wrote it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from grading import grade
from house import TEMPLATES, House
from newsroom import ON_SQLITE, Editor, sign_in
from sqlalchemy import text

from colporteur.config import Settings
from colporteur.config.settings import CHECKOUT
from colporteur.db import reading
from colporteur.staff.people import Role
from colporteur.tasks import Runtime
from colporteur.web.newsroom.people.sentences import FAMILIES, SENTENCES
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.routes import places
from colporteur.web.pages import Pages

KEY = "k" * 32
_INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)
_SECRETS = re.compile(r"\$argon2|password_hash|token_hash|col_[\w-]{43}")


@pytest.fixture
def everywhere(house: House, tmp_path: Path) -> list[Place]:
    settings = Settings(secret_key=KEY, mail_url=f"maildir:{tmp_path}")
    runtime = Runtime(settings, house.engine, TEMPLATES)
    return places(Room(runtime, Pages(runtime)))


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    return asker(make_app(house, tmp_path))


@pytest.fixture
def ada(house: House, ask: Ask) -> Editor:
    return sign_in(house, ask, Role.ADMIN)


def path_of(place: Place) -> str:
    return re.sub(r"\{[^}]+\}", "1", place.path)


def everything(house: House) -> str:
    """All that a form could have changed; when a session was seen is no change."""
    with reading(house.engine) as connection:
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        kept = sorted(name for name in names if name != "sessions")
        return "".join(
            str(connection.execute(text(f'SELECT * FROM "{one}"')).all()) for one in kept
        )


@ON_SQLITE
def test_no_form_does_anything_without_the_mark_of_its_session(
    house: House, everywhere: list[Place], ada: Editor
):
    forms = [one for one in everywhere if one.method == "POST"]
    assert len(forms) > 20
    before = everything(house)
    ada.csrf = "of another"
    answers = {path_of(one): ada.post(path_of(one), {"name": "x"}).status_code for one in forms}
    assert {path: code for path, code in answers.items() if code != 403} == {}
    assert everything(house) == before


@ON_SQLITE
def test_looking_changes_nothing_and_no_answer_has_script_style_or_a_secret_in_it(
    house: House, everywhere: list[Place], ada: Editor
):
    before = everything(house)
    for place in everywhere:
        if place.method != "GET":
            continue
        answer = ada.get(path_of(place))
        assert answer.status_code < 500, place.path
        found = answer.headers["content-security-policy"]
        policy = dict(part.strip().partition(" ")[::2] for part in found.split(";"))
        framed = "sandbox" in policy
        assert policy["default-src"] == "'none'", place.path
        assert policy["frame-ancestors"] == ("'self'" if framed else "'none'"), place.path
        assert framed or "unsafe" not in found, place.path
        assert grade(answer.headers, [], https=False).lost == {}, place.path
        assert "public" not in answer.headers.get("cache-control", ""), place.path
        if not framed:
            assert _INLINE.search(answer.text) is None, place.path
        assert _SECRETS.search(answer.text) is None, place.path
        assert ada.cookie not in answer.text, place.path
        assert KEY not in answer.text, place.path
    assert everything(house) == before


@ON_SQLITE
@pytest.mark.parametrize(
    "path",
    ["sign-in", "sign-in/code", "forgotten", "password/x", "nowhere", "people", "live/1"],
)
def test_answers_to_strangers_are_as_strict(ask: Ask, path: str):
    for method in ("GET", "POST"):
        answer = ask(method, f"/newsroom/{path}")
        assert answer.status_code < 500
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert grade(answer.headers, answer.headers.get_list("set-cookie"), https=False).lost == {}
        assert _INLINE.search(answer.text) is None
        for cookie in answer.headers.get_list("set-cookie"):
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie


@ON_SQLITE
def test_signing_out_empties_what_the_browser_kept(ada: Editor):
    answer = ada.post("/newsroom/sign-out")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert 'newsroom=""; expires=' in answer.headers["set-cookie"]
    assert ada.get("/newsroom/profile").status_code == 303


def test_every_action_that_is_noted_is_told_in_a_sentence():
    told = [*SENTENCES, *(f"{first}.x" for _, firsts in FAMILIES.values() for first in firsts)]
    assert {one.partition(".")[0] for one in told} == {
        one for _, firsts in FAMILIES.values() for one in firsts
    }
    assert sorted({one for one in _noted() if one not in SENTENCES}) == []


@pytest.mark.parametrize("tag", ["fr", "ar"])
def test_the_log_speaks_the_newsrooms_languages(tag: str):
    known = TEMPLATES.catalogue(tag)._catalog  # type: ignore[attr-defined]
    said = [*SENTENCES.values(), *(label for label, _ in FAMILIES.values())]
    assert [one for one in said if one not in known] == []


def _noted() -> Iterator[str]:
    for path in (CHECKOUT / "src" / "colporteur").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if ".note(" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "note":
                for one in node.args:
                    if isinstance(one, ast.Constant) and re.fullmatch(
                        r"[a-z]+\.[a-z_]+", str(one.value)
                    ):
                        yield str(one.value)
