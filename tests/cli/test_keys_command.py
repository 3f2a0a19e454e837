"""``colporteur keys``: names of keys, a new one, and what it does to what was sealed."""

import json
import tarfile
from typing import Any

from colporteur.care.resealing import name_of


def test_a_new_key_signs_the_old_one_opens_until_all_is_sealed_anew(applied: Any):
    assert applied.run("webhooks", "add", "https://hook.example/").returncode == 0
    before = json.loads(applied.run("keys", "show", "--json").stdout)
    assert before["keys"][0]["opens"] == {"second factors": 0, "secrets of webhooks": 1}
    made = applied.run("keys", "new")
    assert made.returncode == 0, made.stderr
    kept = (applied.folder / "var" / "secret_key").read_text(encoding="ascii").split()
    assert not any(one in made.stdout for one in kept)
    shown = json.loads(applied.run("keys", "show", "--json").stdout)
    assert [one["key"] for one in shown["keys"]] == [name_of(one) for one in kept]
    assert [one["opens"]["secrets of webhooks"] for one in shown["keys"]] == [0, 1]
    archive = applied.folder / "copy.tar"
    assert applied.run("backup", str(archive)).returncode == 0  # the old key is worth keeping too
    with tarfile.open(archive) as held:
        (name,) = (one for one in held.getnames() if one.endswith("keys/secret_key"))
        member = held.extractfile(name)
        assert member is not None
        assert member.read().decode().split() == kept
    done = applied.run("keys", "reseal", "--json")
    assert json.loads(done.stdout) == {"second factors": 0, "secrets of webhooks": 1}
    assert (
        "signs and seals; opens 0 second factors, 1 secrets" in applied.run("keys", "show").stdout
    )


def test_what_no_key_opens_is_told(applied: Any):
    applied.run("webhooks", "add", "https://hook.example/")
    applied.settings["COLPORTEUR_SECRET_KEY"] = "another-key-" * 4
    said = applied.run("keys", "show").stdout
    assert "None of these opens 1 secrets of webhooks" in said
    refused = applied.run("keys", "new")
    assert refused.returncode == 2
    assert "set by hand" in refused.stderr
