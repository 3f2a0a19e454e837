import json
from typing import Any


def test_a_webhook_is_added_listed_and_removed_and_its_secret_shown_once(applied: Any):
    url = "https://crm.example.org/hook"
    done = applied.run("webhooks", "add", url, "--event", "edition.sent", "--name", "crm")
    assert done.returncode == 0, done.stderr
    secret = done.stdout.strip()
    assert secret.startswith("whsec_")
    listed = applied.run("webhooks", "list", "--json").stdout
    assert secret not in listed
    (one,) = json.loads(listed)
    assert (one["name"], one["url"], one["state"]) == ("crm", url, "on")
    assert (one["kinds"], one["addresses"]) == (["edition.sent"], False)
    assert applied.run("webhooks", "log", "--json").stdout.strip() == "[]"
    assert applied.run("webhooks", "resend", "7").returncode == 2
    assert applied.run("webhooks", "remove", "1").returncode == 0
    assert "No program is told" in applied.run("webhooks", "list").stdout
