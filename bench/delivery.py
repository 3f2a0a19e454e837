"""Section delivery: a mail's way to the relay by its parts and whole, beside Postfix and the stock stack.

All go to Postfix's ``smtp-sink`` on this machine, which takes a message and forgets it. "Whole" is
a real edition: PostgreSQL (fsync on), Redis, ``celery -A worker worker`` with one and two
processes; its rate is from the first message that was marked in flight to the last answer that
was recorded. ``BENCH_LONG=1`` also sends 200,000 through one process and looks at its memory.
"""

import contextlib
import itertools
import os
import smtplib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select

from bench.faults import workers
from bench.faults.house import House, address_of, house_at
from bench.faults.servers import PostgreSQL, Redis, environment_for, folder_for
from bench.faults.stage import ready, wait_until
from bench.faults.workers import Supervisor
from bench.measuring import median_us
from bench.relaying import postfix, smtp_sink, smtp_source
from colporteur.config import Settings
from colporteur.db import database_now, writing
from colporteur.db.tables.editions import editions, variants
from colporteur.delivery.composing import Compiled, Post, Recipient, compile_post
from colporteur.delivery.dkim import signer_of
from colporteur.delivery.message import Envelope
from colporteur.delivery.transports import Parcel, Relays
from colporteur.digests.rendering import Rendering
from colporteur.digests.variants import render_variant
from colporteur.publication.revisions import frozen_channel
from colporteur.templating import Templates

_ARTICLES = {"45 KB": 13, "10 KB": 1}
_RUNS = 3
_MESSAGES = 6_000  # of each run
_CONNECTIONS = (1, 2, 4)
_SLOW = 120  # of the stock stack, which signs 62 a second
_LONG = 200_000
_AIMS = {"whole": 0.70, "signed": 0.35, "stock": 12.0, "sender": 0.95}
_OVERHEAD_AIM_US = 150.0
_MEMORY_AIM_MB = 150.0
_DOMAIN, _SELECTOR = "relais.example", "bench"


@dataclass(frozen=True)
class _Material:
    """One variant of one edition, and what composes and signs it."""

    rendering: Rendering
    plain: Compiled
    signed: Compiled
    key: bytes

    def message(self, number: int) -> bytes:
        return self.plain.message(Recipient(number, number, address_of(number)))


@dataclass
class _Whole:
    """Rates of whole editions, by the number of worker processes; memory of one of them."""

    rates: dict[int, float]
    megabytes: tuple[float, float] = (0.0, 0.0)


def section() -> None:
    """Both sizes of messages, by parts and whole."""
    if postfix("smtp-sink") is None:
        print("\nDelivery: not measured, since Postfix's smtp-sink is not here.")
        return
    with tempfile.TemporaryDirectory() as name:
        key = _key(Path(name))
        for size, articles in _ARTICLES.items():
            _measure(size, articles, key)
        if os.environ.get("BENCH_LONG"):  # noqa: TID251 - asked of this bench alone
            _long(key)


def _measure(size: str, articles: int, key: Path) -> None:
    with smtp_sink() as port:
        material = _material(articles, key, port)
        octets = len(material.message(1))
        source = statistics.median(smtp_source(port, octets, _MESSAGES) for _ in range(_RUNS))
        print(f"\nDelivery of messages of {size} ({octets:,} octets with their head)")
        _line("smtp-source, the best number of sessions", source)
        sender = _median(lambda: _send(material, port))
        _line("Colporteur's sender alone", sender, sender / source, _AIMS["sender"])
        stock = _median(lambda: _stock(material, port))
        _line("EmailMessage + dkimpy + smtplib, RSA", stock, stock / source)
        plain_us = _composing(material.plain)
        signed_us = _composing(material.signed)
        print(
            f"  {'composing a message, unsigned / RSA-signed':<52}{plain_us:>7.0f} µs{signed_us:>7.0f} µs"
        )
        for kind, own, aim in (("unsigned", None, "whole"), ("RSA-signed", key, "signed")):
            found = _whole(articles, own, port)
            for processes, rate in found.rates.items():
                name = f"Colporteur whole, {kind}, {processes} process{'es' * (processes > 1)}"
                _line(name, rate, rate / source, _AIMS[aim])
            if own is None:
                over = 1e6 / found.rates[1] - 1e6 / sender - plain_us
                told = f"{over:>9.0f} µs{'aim under':>20} {_OVERHEAD_AIM_US:.0f} µs"
                print(f"  {'ledger and Celery, a message':<50}{told}")
            else:
                best = max(found.rates.values())
                print(
                    f"  {'  its ratio to the stock stack':<50}{best / stock:>9.1f} x{'aim at least':>20} {_AIMS['stock']:.0f} x"
                )
            _memory("  memory of a sending process, start and end", found.megabytes)


def _line(name: str, rate: float, ratio: float = 1.0, aim: float | None = None) -> None:
    told = f"aim at least {aim:.2f}" if aim else ""
    print(f"  {name:<46}{rate:>10,.0f} /s{ratio:>8.2f} of smtp-source   {told}", flush=True)


def _memory(name: str, megabytes: tuple[float, float]) -> None:
    start, end = megabytes
    told = f"aim under {_MEMORY_AIM_MB:.0f} MB"
    print(f"  {name:<46}{start:>7.0f} MB{end:>7.0f} MB   {told}", flush=True)


def _median(work: Callable[[], float]) -> float:
    return statistics.median(work() for _ in range(_RUNS))


def _composing(compiled: Compiled) -> float:
    numbers = itertools.count(1)

    def one() -> bytes:
        number = next(numbers)
        return compiled.message(Recipient(number, number, address_of(number)))

    return median_us(one, 500)


def _send(material: _Material, port: int) -> float:
    """Messages a second of the transport, which are made before; the best number of connections."""
    made = [material.message(number) for number in range(1, 51)]
    relays = Relays(_settings(port))
    try:
        return max(_send_over(relays, made, connections) for connections in _CONNECTIONS)
    finally:
        relays.close()


def _send_over(relays: Relays, made: list[bytes], connections: int) -> float:
    def send(count: int) -> int:
        parcels = (
            Parcel(number, Envelope(f"bonjour@{_DOMAIN}", address_of(number)), made[number % 50])
            for number in range(1, count + 1)
        )
        with relays.borrow() as transport:
            found = list(transport.deliver(parcels))
        return sum(one.reply is not None and one.reply.taken for one in found)

    each = _MESSAGES // connections
    with ThreadPoolExecutor(connections) as pool:
        began = time.perf_counter()
        taken = sum(pool.map(send, [each] * connections))
        spent = time.perf_counter() - began
    assert taken == each * connections
    return taken / spent


def _stock(material: _Material, port: int) -> float:
    """Messages a second of the standard library and dkimpy, one connection kept."""
    client = smtplib.SMTP("127.0.0.1", port)
    client.ehlo()
    began = time.perf_counter()
    for number in range(1, _SLOW + 1):
        whom = address_of(number)
        message = _stdlib(material.rendering, whom)
        own = dkim.sign(
            message,
            _SELECTOR.encode(),
            _DOMAIN.encode(),
            material.key,
            canonicalize=(b"relaxed",) * 2,
        )
        client.sendmail(f"bonjour@{_DOMAIN}", [whom], own + message)
    spent = time.perf_counter() - began
    client.quit()
    return _SLOW / spent


def _stdlib(rendering: Rendering, whom: str) -> bytes:
    built = EmailMessage(policy=SMTP)
    built["From"] = f"Le Relais <bonjour@{_DOMAIN}>"
    built["To"] = whom
    built["Subject"] = rendering.subject
    built["Message-ID"] = f"<{whom}>"
    built["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    built.set_content(rendering.text, cte="quoted-printable")
    built.add_alternative(rendering.html, subtype="html", cte="quoted-printable")
    return built.as_bytes()


def _whole(articles: int, key: Path | None, port: int) -> _Whole:
    """Editions through one worker process, then through two."""
    with _installed(_MESSAGES, key, port) as (house, processes):
        found = _Whole({})
        processes.start("worker0", workers.worker(0, children=1))
        processes.start("beat", workers.beat())
        ready(processes, "worker0")
        _edition(house, articles)  # warm, and what a process weighs once it has sent
        (sender,) = workers.children(processes.kept["worker0"].process.pid)
        start = _resident_mb(sender)
        found.rates[1] = _median(lambda: _edition(house, articles))
        found.megabytes = (start, _resident_mb(sender))
        processes.start("worker1", workers.worker(1, children=1))
        ready(processes, "worker1")
        found.rates[2] = _median(lambda: _edition(house, articles))
        return found


def _long(key: Path) -> None:
    """One edition of very many through one process: what it weighs as it goes."""
    with smtp_sink() as port, _installed(_LONG, key, port) as (house, processes):
        processes.start("worker0", workers.worker(0, children=1))
        processes.start("beat", workers.beat())
        ready(processes, "worker0")
        house.publish(_ARTICLES["45 KB"])
        house.send()
        wait_until(lambda: house.counts().get("sent", 0) > _LONG // 20, 600, "a twentieth")
        (sender,) = workers.children(processes.kept["worker0"].process.pid)
        start = _resident_mb(sender)
        wait_until(lambda: house.counts().get("sent", 0) == _LONG, 3600, "the end")
        left = workers.children(processes.kept["worker0"].process.pid)
        end = max(map(_resident_mb, left))
        print(
            f"\nDelivery of {_LONG:,} messages of 45 KB, signed, one process: {_LONG / house.seconds():,.0f} /s"
        )
        _memory("memory of it, at a twentieth and at the end", (start, end))
        if left != [sender]:
            print("  (it was recycled meanwhile)")


@contextlib.contextmanager
def _installed(readers: int, key: Path | None, port: int) -> Iterator[tuple[House, Supervisor]]:
    with folder_for(postgresql=True) as folder, contextlib.ExitStack() as ends:
        postgresql, redis = PostgreSQL(folder), Redis(folder)
        for server in (redis, postgresql):
            ends.callback(server.kill)
            server.start()
        house = house_at(postgresql.url, readers)
        ends.callback(house.engine.dispose)
        house.make()
        relay = f"smtp://127.0.0.1:{port}"
        more = _dkim(key) if key else {}
        own = environment_for(folder, postgresql.url, redis.url, relay, **more)
        processes = Supervisor(folder, own | {"COLPORTEUR_LEASE_SECONDS": "30"})
        ends.callback(processes.close)
        yield house, processes


def _edition(house: House, articles: int) -> float:
    """Have an edition of new articles leave; messages a second."""
    house.publish(articles)
    house.send()
    wait_until(lambda: house.counts().get("sent", 0) == house.readers, 900, "the edition")
    return house.readers / house.seconds()


def _material(articles: int, key: Path, port: int) -> _Material:
    """What a worker makes of an edition, without a worker."""
    with tempfile.TemporaryDirectory() as name:
        house = house_at(f"sqlite:///{name}/bench.db", 1)
        house.make()
        house.publish(articles)
        house.send()
        rendering, post = _rendered(house)
        house.engine.dispose()
    settings = _settings(
        port, dkim_domain=_DOMAIN, dkim_selector=_SELECTOR, dkim_key=key.read_text()
    )
    signer = signer_of(settings)
    return _Material(
        rendering,
        compile_post(post, rendering, None),
        compile_post(post, rendering, signer),
        key.read_bytes(),
    )


def _rendered(house: House) -> tuple[Rendering, Post]:
    templates = Templates(Settings().template_folders)
    with writing(house.engine) as connection:
        variant = connection.scalars(select(variants.c.id)).one()
        edition = connection.execute(select(editions)).one()
        publication, channel = frozen_channel(connection, edition.revision, edition.channel_id)
        site = publication.base_url
        now = database_now(connection)
        rendering = render_variant(connection, templates, variant, site, now, secret_key="k" * 32)
    post = Post(publication, channel, edition.public_id, site, "k" * 32, edition.send_at, 1)
    return rendering, post


def _settings(port: int, **more: object) -> Settings:
    return Settings.model_validate(
        {"mail_url": f"smtp://127.0.0.1:{port}", "secret_key": "k" * 32, **more}
    )


def _key(folder: Path) -> Path:
    path = folder / "dkim.pem"
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(
        made.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    return path


def _dkim(key: Path) -> dict[str, str]:
    return {
        "COLPORTEUR_DKIM_DOMAIN": _DOMAIN,
        "COLPORTEUR_DKIM_SELECTOR": _SELECTOR,
        "COLPORTEUR_DKIM_KEY_FILE": str(key),
    }


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
