from typing import Any

import pytest

ADDRESS = "lea@example.org"


@pytest.fixture
def reader(applied: Any) -> Any:
    """The sample, with a reader."""
    done = applied.run("subscribers", "add", ADDRESS, "--channel", "dispatch")
    assert done.returncode == 0, done.stderr
    return applied


def test_a_reader_is_forgotten_once_their_address_was_typed_again(reader: Any):
    reader.typed = "noe@example.org\n"
    refused = reader.run("subscribers", "erase", ADDRESS)
    assert refused.returncode == 1
    assert "nobody was forgotten" in refused.stderr
    assert reader.run("subscribers", "show", ADDRESS).returncode == 0
    reader.typed = "LEA@example.org\n"
    done = reader.run("subscribers", "erase", ADDRESS)
    assert (done.returncode, "They are forgotten." in done.stdout) == (0, True)
    assert reader.run("subscribers", "show", ADDRESS).returncode == 2
    gone = reader.run("subscribers", "erase", ADDRESS, "--yes")
    assert "No subscriber has the address" in gone.stderr
    barred = reader.run("subscribers", "add", ADDRESS, "--channel", "dispatch")
    assert "do-not-mail list (erased)" in barred.stderr
