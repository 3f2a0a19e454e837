"""``colporteur doctor``, as people and programs call it."""

import json
from typing import Any

from nameserver import nameserver_running
from servers import free_port

SERVER = {
    "COLPORTEUR_DATABASE_URL": "postgresql://colporteur:tr0ub4dor@127.0.0.1:1/colporteur",
    "COLPORTEUR_BROKER_URL": "redis://:s3same@127.0.0.1:1/0",
    "COLPORTEUR_MAIL_URL": "smtp://me:hunter22@127.0.0.1:1",
    "COLPORTEUR_SECRET_KEY": "change-me-change-me-change-me-change-me",
}


def test_a_sample_gets_a_calm_report(applied: Any):
    done = applied.run("doctor")
    assert done.returncode == 0, done.stdout
    assert "All is well." in done.stdout
    assert "✗" not in done.stdout
    assert "!" not in done.stdout


def test_what_must_be_mended_is_told_with_its_cure_and_no_secret_and_exit_1(installation: Any):
    installation.settings |= SERVER
    with nameserver_running(free_port(), []) as names:
        done = installation.run("doctor", "--json", "--nameserver", names.address)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    wrong = {one["check"] for one in told["findings"] if one["severity"] == "wrong"}
    assert wrong >= {"secrets.key", "database.version", "broker.version", "relay.login"}
    assert told["worst"] == "wrong"
    assert told["counts"]["wrong"] == sum(one["severity"] == "wrong" for one in told["findings"])
    assert all(one["cure"] for one in told["findings"] if one["severity"] in {"wrong", "warning"})
    for secret in ("tr0ub4dor", "s3same", "hunter22", "change-me"):
        assert secret not in done.stdout + done.stderr


def test_a_name_server_that_is_none_is_refused_before_anything_is_asked(applied: Any):
    done = applied.run("doctor", "--nameserver", "nine")
    assert done.returncode == 2
    assert "is no name server" in done.stderr


def test_it_helps_with_an_example(installation: Any):
    assert "Example: " in installation.run("doctor", "--help").stdout
