"""HTML Tidy on every message; what it is not to mind is what mail programs ask for."""

import subprocess

import pytest
from mails import KINDS, LANGUAGES, LAYOUTS, LETTERS, letter, rendered

MEANT = (
    '<td> attribute "align" not allowed for HTML5',  # Outlook centres by nothing else
    'proprietary attribute "aria-roledescription"',  # of WAI-ARIA 1.1, which Tidy does not know
)


def complaints(html: str) -> list[str]:
    command = ["tidy", "-quiet", "-errors", "-utf8", "--show-warnings", "yes"]
    done = subprocess.run(command, input=html.encode(), capture_output=True, check=False)
    said = done.stderr.decode().splitlines()
    return [line for line in said if not line.endswith(MEANT)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_valid(language: str, kind: str):
    assert [complaints(rendered(language, layout, kind).html) for layout in LAYOUTS] == [[], [], []]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_valid(language: str):
    assert [complaints(letter(message, language).html) for message in LETTERS] == [[]] * 5


def test_what_is_not_valid_is_complained_of():
    broken = rendered().html.replace("</h1>", "", 1)
    assert complaints(broken) != []
