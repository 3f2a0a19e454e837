import json
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

SOMEBODY = ("users", "add", "leila@example.org")


def everything_stored(desk: Any) -> str:
    engine = create_engine(f"sqlite:///{desk.folder}/var/colporteur.db")
    with engine.connect() as connection:
        found = [
            str(connection.execute(text(f'SELECT * FROM "{name}"')).all())
            for name in inspect(engine).get_table_names()
        ]
    engine.dispose()
    return "\n".join(found)


def test_a_token_is_shown_once_alone_on_standard_output_and_stored_nowhere(applied: Any):
    assert applied.run(*SOMEBODY, "--name", "Leïla", "--role", "admin").returncode == 0
    done = applied.run("users", "token", "LEILA@example.org", "--name", "cms", "--days", "30")
    assert done.returncode == 0, done.stderr
    token = done.stdout.strip()
    assert len(token) == 47
    assert "only time" in done.stderr
    assert token not in everything_stored(applied)
    listed = applied.run("users", "list", "--json")
    assert token not in listed.stdout
    (person,) = json.loads(listed.stdout)
    assert (person["name"], person["role"]) == ("Leïla", "admin")
    (known,) = person["tokens"]
    assert token.startswith(known["hint"])
    assert known["scopes"] == ["articles:read", "articles:write"]
    assert known["hint"] in applied.run("users", "list").stdout


def test_a_token_for_editions_has_the_scopes_that_were_named(applied: Any):
    applied.run(*SOMEBODY)
    wanted = ("editions:read", "editions:write", "editions:approve")
    scopes = [word for one in wanted for word in ("--scope", one)]
    done = applied.run("users", "token", "leila@example.org", "--name", "desk", *scopes)
    assert done.returncode == 0, done.stderr
    (person,) = json.loads(applied.run("users", "list", "--json").stdout)
    assert person["tokens"][0]["scopes"] == sorted(wanted)


def test_a_revoked_token_is_listed_as_such(applied: Any):
    applied.run(*SOMEBODY)
    token = applied.run("users", "token", "leila@example.org", "--name", "cms").stdout.strip()
    assert "It is revoked." in applied.run("users", "revoke", token[:12]).stdout
    assert "It was revoked already." in applied.run("users", "revoke", token[:12]).stdout
    assert "cms (revoked)" in applied.run("users", "list").stdout
    assert applied.run("users", "revoke", "col_nothing0").returncode == 2


def test_for_ghost_an_address_and_a_secret_are_shown_and_not_stored(applied: Any):
    applied.run(*SOMEBODY)
    done = applied.run("users", "token", "leila@example.org", "--name", "blog", "--ghost")
    address, secret = done.stdout.split()
    hint = json.loads(applied.run("users", "list", "--json").stdout)[0]["tokens"][0]["hint"]
    assert address.endswith(f"/api/v1/ghost/{hint}")
    assert secret not in everything_stored(applied)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("users", "add", "leila"), "no e-mail address"),
        (("users", "token", "nobody@example.org", "--name", "cms"), "Nobody here"),
        (("users", "token", "leila@example.org", "--name", "cms", "--scope", "x"), "none of"),
        (("users", "token", "leila@example.org", "--name", ""), "token's name"),
        (
            ("users", "token", "leila@example.org", "--name", "b", "--ghost", "--scope", "x"),
            "nothing else",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(applied: Any, words: tuple[str, ...], said: str):
    applied.run(*SOMEBODY)
    done = applied.run(*words)
    assert done.returncode in {1, 2}
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_what_an_import_refused_is_listed_until_the_file_is_mended(applied: Any):
    path = applied.folder / "a.json"
    path.write_text('[{"title": "Un", "body": "a"}, {"title": "Deux", "body": "a", "topics": "x"}]')
    applied.run("articles", "import", "a.json")
    (row,) = json.loads(applied.run("articles", "list", "--refused", "--json").stdout)
    assert (row["origin"], row["entry"], row["title"]) == ("file", str(path), "Deux")
    assert "There is no topic 'x'." in row["reason"]
    assert row["cure"]
    assert "Deux" in applied.run("articles", "list", "--refused").stdout
    path.write_text('[{"title": "Un", "body": "a"}, {"title": "Deux", "body": "a"}]')
    applied.run("articles", "import", "a.json")
    assert "Nothing stands refused" in applied.run("articles", "list", "--refused").stdout


def test_who_has_no_password_gets_a_link_to_choose_one_and_a_newer_one_ends_it(applied: Any):
    added = applied.run(*SOMEBODY, "--role", "admin")
    first = added.stdout.split()[-1]
    assert "/newsroom/password/" in first
    made = applied.run("users", "link", "LEILA@example.org")
    link = made.stdout.strip()
    assert "opens once" in made.stderr
    assert link != first
    stored = everything_stored(applied)
    assert link.rpartition("/")[2] not in stored
    assert "person.link_made" in stored
    assert applied.run("users", "link", "nobody@example.org").returncode == 2


def test_who_is_shut_out_is_listed_as_such_and_gets_no_link(applied: Any):
    applied.run(*SOMEBODY)
    assert "They are shut out." in applied.run("users", "disable", "leila@example.org").stdout
    assert "already" in applied.run("users", "disable", "leila@example.org").stdout
    (person,) = json.loads(applied.run("users", "list", "--json").stdout)
    assert person["state"] == "disabled"
    assert applied.run("users", "link", "leila@example.org").returncode == 1
    assert "/newsroom/" not in applied.run(*SOMEBODY).stdout
    assert "sign in again" in applied.run("users", "enable", "leila@example.org").stdout
    assert "It was off" in applied.run("users", "no-second-factor", "leila@example.org").stdout
    (person,) = json.loads(applied.run("users", "list", "--json").stdout)
    assert person["state"] == "invited"
