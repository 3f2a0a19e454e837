from typing import Any

ADDRESS = "lea@example.org"


def test_an_address_is_put_on_the_list_and_taken_off_with_a_reason_in_its_history(applied: Any):
    assert applied.run("subscribers", "add", ADDRESS, "--channel", "dispatch").returncode == 0
    barred = applied.run("subscribers", "suppress", ADDRESS, "--why", "asked by phone")
    assert (barred.returncode, "a reader's address" in barred.stdout) == (0, True)
    refused = applied.run("subscribers", "add", ADDRESS, "--channel", "dispatch")
    assert "do-not-mail list (manual)" in refused.stderr
    lifted = applied.run("subscribers", "lift", ADDRESS, "--why", "wrote to us again")
    assert lifted.returncode == 0, lifted.stderr
    again = applied.run("subscribers", "lift", ADDRESS, "--why", "wrote to us again")
    assert (again.returncode, "is not on the do-not-mail list" in again.stderr) == (2, True)
    shown = applied.run("subscribers", "show", ADDRESS, "--json").stdout
    assert "asked by phone" in shown
    assert "wrote to us again" in shown
    nobody = applied.run("subscribers", "suppress", "noe@example.org", "--why", " ")
    assert "no reason" in nobody.stderr
