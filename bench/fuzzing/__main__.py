"""``make fuzz``: each reader of strangers' bytes is given made-up ones, for some minutes.

``python -m bench.fuzzing feed bounce --seconds 60`` tries some. Where atheris is installed it leads
(``pip install atheris``: it knows which bytes reach new lines of code), else chance does. What
breaks a reader, or takes it too long, is kept in ``bench/fuzzing/found/``; once mended it goes into
``corpus/``, which the tests read.
"""

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

FOUND = Path(__file__).parent / "found"
LONGEST = 16_384  # octets of an input
TOO_LONG_S = 2.0  # that a reader may take for one
_CHANGES = 8
_LED_THROUGH = (  # what reads strangers' bytes: all of the house would take minutes to instrument
    "colporteur.articles.formats",
    "colporteur.articles.sources",
    "colporteur.articles.cleaning",
    "colporteur.audience.addresses",
    "colporteur.audience.importing",
    "colporteur.delivery.transports.smtp.replies",
    "colporteur.feedback",
    "colporteur.fetch",
    "colporteur.sealing",
    "colporteur.syndication.hub.requests",
    "colporteur.syndication.lint",
    "colporteur.tokens",
    "colporteur.web.bodies",
    "colporteur.web.polling",
    "feedparser",
)


def main() -> int:
    """Try them, one process a target; 1 if one broke."""
    asked = argparse.ArgumentParser(prog="python -m bench.fuzzing", description=__doc__)
    asked.add_argument("target", nargs="*", help="all of them, if none is named")
    asked.add_argument("--seconds", type=int, default=30, help="for each target")
    asked.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    said = asked.parse_args()
    if said.alone:
        return _alone(said.target[0], said.seconds)
    from bench.fuzzing.targets import TARGETS  # noqa: PLC0415 - atheris must see it imported

    if unknown := sorted({*said.target} - {*TARGETS}):
        asked.error(f"There is no target {unknown[0]}; there are {', '.join(TARGETS)}.")
    guide = "atheris" if find_spec("atheris") else "chance (atheris is not installed)"
    wanted = said.target or [*TARGETS]
    print(f"{len(wanted)} targets, {said.seconds} s each, led by {guide}.")
    return max([_apart(name, said.seconds) for name in wanted], default=0)


def _apart(name: str, seconds: int) -> int:
    """A target in a process of its own: it may end for good, by memory or a library's fault."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "bench.fuzzing", name, "--alone", "--seconds", str(seconds)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    took = time.monotonic() - began
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    print(
        f"{'✗' if done.returncode else '✓'} {name:10} {took:5.0f} s  {_summary(said)}", flush=True
    )
    if done.returncode:
        print("\n".join(f"    {line}" for line in said[-25:]), flush=True)
    return int(done.returncode != 0)


def _summary(said: Sequence[str]) -> str:
    told = [line for line in said if line.startswith(("Done", "tried"))]
    return told[-1] if told else ""


def _alone(name: str, seconds: int) -> int:
    return _led(name, seconds) if find_spec("atheris") else _by_chance(name, seconds)


def _by_chance(name: str, seconds: int) -> int:
    from bench.fuzzing.targets import TARGETS, seeds  # noqa: PLC0415 - as above

    target, pool, tried = TARGETS[name], seeds(name), 0
    chance = random.Random(time.time_ns())
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        data = changed(chance.choice(pool), pool, target.words, chance)
        _once(name, data)
        tried += 1
    print(f"tried {tried}")
    return 0


def _led(name: str, seconds: int) -> int:
    import atheris  # noqa: PLC0415 - there are machines without it

    with atheris.instrument_imports(include=[*_LED_THROUGH]):
        from bench.fuzzing.targets import CORPUS, TARGETS  # noqa: PLC0415 - instrumented here

    FOUND.mkdir(exist_ok=True)
    words = FOUND / f"{name}.dict"
    lines = ["".join(f"\\x{octet:02x}" for octet in word) for word in TARGETS[name].words]
    words.write_text("".join(f'"{line}"\n' for line in lines if line), encoding="ascii")
    grown = FOUND / f"{name}.grown"
    grown.mkdir(exist_ok=True)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-dict={words}",
        "-verbosity=0",
    ]
    options += ["-rss_limit_mb=3000", "-print_final_stats=1", f"-artifact_prefix={FOUND}/"]
    folders = [str(grown), str(CORPUS / name)]
    atheris.Setup([sys.argv[0], *options, *folders], lambda data: _once(name, data))
    atheris.Fuzz()
    return 0


def _once(name: str, data: bytes) -> None:
    from bench.fuzzing.targets import TARGETS, read  # noqa: PLC0415 - as above

    began = time.process_time()
    try:
        read(TARGETS[name], data)
    except BaseException:
        print(f"It broke: {_keep(name, data)}")
        raise
    if (took := time.process_time() - began) > TOO_LONG_S:
        raise RuntimeError(f"It took {took:.1f} s: {_keep(name, data)}")


def _keep(name: str, data: bytes) -> Path:
    folder = FOUND / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / sha256(data).hexdigest()[:16]
    path.write_bytes(data)
    return path


def changed(
    data: bytes, pool: Sequence[bytes], words: Sequence[bytes], chance: random.Random
) -> bytes:
    """The bytes with some of them lost, doubled, turned, or replaced by others. Pure."""
    found = bytearray(data)
    for _ in range(chance.randint(1, _CHANGES)):
        at = chance.randint(0, len(found))
        length = min(chance.choice((0, 1, 1, 2, 8, 40, 400)), len(found) - at)
        match chance.randrange(5):
            case 0:
                found[at : at + length] = b""
            case 1:
                found[at:at] = found[at : at + length] * chance.choice((1, 2, 50))
            case 2:
                found[at : at + length] = chance.randbytes(length)
            case 3 if words:
                found[at : at + length] = chance.choice(words) * chance.choice((1, 1, 1, 30))
            case _:
                other = chance.choice(pool)
                begin = chance.randint(0, len(other))
                found[at : at + length] = other[begin : begin + 200]
    return bytes(found[:LONGEST])


if __name__ == "__main__":
    sys.exit(main())
