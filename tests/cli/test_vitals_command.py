import json
from typing import Any

from colporteur.db import database_now, make_engine, writing
from colporteur.vitals.pulse import note_pulse


def test_vitals_say_what_is_wrong_and_end_with_one_while_it_is_critical(applied: Any):
    done = applied.run("vitals", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    (beat,) = [one for one in told["problems"] if one["kind"] == "beat"]
    assert (beat["severity"], beat["told_at"]) == ("critical", None)
    assert told["figures"]["waiting"]["letters"] == 0
    engine = make_engine(f"sqlite:///{applied.folder / 'var' / 'colporteur.db'}")
    with writing(engine) as connection:
        note_pulse(connection, database_now(connection), stale=False)
    engine.dispose()
    done = applied.run("vitals")
    assert "Nothing has ticked" not in done.stdout
    assert "Who is told" in done.stdout


def test_a_test_of_alerts_says_who_answered_and_shows_no_secret(applied: Any, elsewhere: Any):
    hook = elsewhere.says("/services/T0123/secret")
    applied.settings["COLPORTEUR_ALERT_WEBHOOK"] = hook
    applied.settings["COLPORTEUR_HEARTBEAT_URL"] = elsewhere.says("/ping/secret", status=404)
    done = applied.run("vitals", "--test")
    assert done.returncode == 1  # the heartbeat's address is wrong
    assert f"Webhook: 127.0.0.1:{elsewhere.port} answered 200." in done.stdout
    assert f"Heartbeat: 127.0.0.1:{elsewhere.port} answered 404." in done.stdout
    assert "secret" not in done.stdout + done.stderr
    (posted,) = [json.loads(body) for how, _, _, body in elsewhere.asked if how == "POST"]
    assert (posted["kind"], posted["event"]) == ("test", "test")
