import configparser
import email.policy
import os
import re
import subprocess
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import httpx
import pytest
from paper import ARABIC, FRENCH, Paper
from servers import program
from sink import Sink

pytestmark = [pytest.mark.client, pytest.mark.smtp]


@dataclass
class Rss2email:
    """rss2email in a home of its own, which mails to the tests' own server."""

    home: Path
    sink: Sink

    def does(self, *words: str) -> None:
        """Run ``r2e``; what goes wrong it logs, and exits 0."""
        files = ["-c", "rss2email.cfg", "-d", "rss2email.json"]
        done = subprocess.run(
            [program("r2e", "rss2email"), *files, *words],
            cwd=self.home,
            env={"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},  # noqa: TID251 - of the test alone
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert not re.search("WARNING|ERROR", done.stderr), done.stderr

    def begins(self, url: str) -> None:
        """Follow one feed, mailing by SMTP."""
        self.does("new", "lecteur@example.org")
        kept = self.kept()
        own = {"email-protocol": "smtp", "smtp-server": f"127.0.0.1:{self.sink.port}"}
        kept["DEFAULT"].update(own)
        with (self.home / "rss2email.cfg").open("w", encoding="utf-8") as file:
            kept.write(file)
        self.does("add", "relais", url)

    def kept(self) -> configparser.ConfigParser:
        """Its configuration, as it last wrote it."""
        found = configparser.ConfigParser(interpolation=None)
        found.read(self.home / "rss2email.cfg", encoding="utf-8")
        return found

    def mailed(self) -> list[EmailMessage]:
        """What arrived, in order."""
        parser = BytesParser(policy=email.policy.default)
        return [parser.parsebytes(data) for _, data in self.sink.accepted]


@pytest.fixture
def rss2email(tmp_path: Path, smtp_sink: Sink) -> Rss2email:
    return Rss2email(tmp_path, smtp_sink)


def test_it_mails_each_article_once_and_an_edit_not_again(paper: Paper, rss2email: Rss2email):
    rss2email.begins(paper.url("actualites.atom"))
    rss2email.does("run")
    mails = rss2email.mailed()
    assert [one["Subject"] for one in mails] == [one["title"] for one in FRENCH]
    told = httpx.get(paper.url("actualites.json")).json()["items"]
    assert [one["X-RSS-ID"] for one in mails] == [one["id"] for one in reversed(told)]
    rss2email.does("run")
    paper.take([FRENCH[1] | {"title": "Réécouter la voix des machines"}])
    rss2email.does("run")
    assert len(rss2email.mailed()) == len(FRENCH)
    assert paper.answered("actualites.atom", 3) == {200: 2, 304: 1}


def test_it_takes_over_the_address_of_a_renamed_channel_and_mails_nothing_again(
    paper: Paper, rss2email: Rss2email
):
    rss2email.begins(paper.url("nashra.rss"))
    rss2email.does("run")
    assert len(rss2email.mailed()) == len(ARABIC)
    paper.rename("nashra", "akhbar")
    rss2email.does("run")
    assert rss2email.kept()["feed.relais"]["url"] == paper.url("akhbar.rss")
    rss2email.does("run")
    assert len(rss2email.mailed()) == len(ARABIC)
