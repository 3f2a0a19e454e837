"""``colporteur dkim new``, and what ``check`` and a start say of signing."""

import json
import logging
import re
import stat
from typing import Any

import dkim
from composed import message

from colporteur.cli.dkim import warn_of_signing
from colporteur.config import load_settings
from colporteur.delivery.dkim import signer_of
from colporteur.delivery.message import compose

NEW = ("dkim", "new", "relais.example", "--selector", "col1", "--out", "dkim.pem")


def test_a_new_key_is_secret_and_what_it_prints_is_all_that_signing_takes(installation: Any):
    done = installation.run(*NEW, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    file = installation.folder / "dkim.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert told["record"]["name"] == "col1._domainkey.relais.example"
    assert all(len(one) <= 255 for one in told["record"]["strings"])
    signer = signer_of(load_settings({**told["settings"], "COLPORTEUR_DATA_DIR": str(file.parent)}))
    record = "".join(told["record"]["strings"]).encode()
    signed = compose(message(), signer)
    assert dkim.verify(signed, dnsfunc=lambda *_, **__: record)
    assert "PRIVATE KEY" not in done.stdout


def test_in_words_too_it_prints_a_line_for_the_zone_and_the_settings(installation: Any):
    done = installation.run(*NEW)
    (line,) = re.findall(
        r"^col1\._domainkey\.relais\.example\. IN TXT .*$", done.stdout, re.MULTILINE
    )
    strings = re.findall(r'"([^"]*)"', line)
    assert "".join(strings).startswith("v=DKIM1; k=rsa; p=MII")
    assert "COLPORTEUR_DKIM_SELECTOR=col1" in done.stdout.splitlines()


def test_a_key_is_never_overwritten(installation: Any):
    installation.run(*NEW)
    before = (installation.folder / "dkim.pem").read_bytes()
    done = installation.run(*NEW)
    assert done.returncode == 1
    assert "exists already" in done.stderr
    assert (installation.folder / "dkim.pem").read_bytes() == before


def test_what_is_no_domain_or_file_is_refused_before_a_key_is_made(installation: Any):
    for words, said in (
        (("dkim", "new", "a b", "--out", "k.pem"), "is no domain"),
        (("dkim", "new", "été.example.", "--out", "k.pem"), "is no domain"),
        (("dkim", "new", "a.example", "--selector", "a_b", "--out", "k.pem"), "must be letters"),
        (("dkim", "new", "a.example", "--out", "no/such/k.pem"), "cannot be written"),
    ):
        done = installation.run(*words)
        assert done.returncode in {1, 2}
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert not list(installation.folder.glob("*.pem"))


def test_the_command_helps_with_an_example(installation: Any):
    assert "Example: " in installation.run("dkim", "new", "--help").stdout


def test_check_and_a_start_say_what_receivers_would_not_honour(newsroom: Any, caplog: Any):
    from colporteur import tasks  # noqa: PLC0415 - as commands leave it

    told = newsroom.told("dkim", "new", "autre.example", "--out", "dkim.pem")
    settings = newsroom.desk.settings | told["settings"]
    settings["COLPORTEUR_DATA_DIR"] = str(newsroom.desk.folder)
    tasks.configure(load_settings(settings))
    with caplog.at_level(logging.WARNING):
        warn_of_signing(tasks.runtime())
    assert "relais.example is signed by autre.example" in caplog.text
    tasks.runtime().engine.dispose()


def test_the_key_in_use_is_shown_and_a_new_one_gets_a_selector_of_its_own(installation: Any):
    told = json.loads(installation.run(*NEW, "--json").stdout)
    assert installation.run("dkim", "show").returncode == 1
    installation.settings.update(told["settings"])
    assert json.loads(installation.run("dkim", "show", "--json").stdout) == told["record"]
    assert told["record"]["name"] in installation.run("dkim", "show").stdout
    again = ("dkim", "new", "relais.example", "--out", "new.pem", "--selector")
    refused = installation.run(*again, "col1")
    assert refused.returncode == 1
    assert "col2" in refused.stderr
    assert not (installation.folder / "new.pem").exists()
    other = installation.run(*again, "col2", "--json")
    assert json.loads(other.stdout)["record"]["value"] != told["record"]["value"]
