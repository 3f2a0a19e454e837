"""The readers of strangers' bytes, given made-up ones: the short form of ``make fuzz``."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.fuzzing.__main__ import LONGEST, changed
from bench.fuzzing.targets import TARGETS, read, seeds

SLOW = {"page", "bounce"}  # they look at a text in many ways: 20 to 50 ms each
LONG_S = 2.0


@pytest.mark.parametrize("name", TARGETS)
def test_what_once_broke_a_reader_and_what_is_usual_is_read_or_refused(name: str):
    for data in seeds(name):
        began = time.process_time()
        read(TARGETS[name], data)
        assert time.process_time() - began < LONG_S


@pytest.mark.parametrize("name", sorted(set(TARGETS) - SLOW))
def test_made_up_bytes_are_read_or_refused_in_our_own_words(name: str):
    target, pool = TARGETS[name], seeds(name)

    @settings(max_examples=8, database=None)
    @given(st.randoms(use_true_random=False), st.sampled_from(pool))
    def reads(chance: random.Random, data: bytes) -> None:
        read(target, changed(data, pool, target.words, chance))

    reads()


def test_a_reader_that_breaks_is_noticed():
    with pytest.raises(AssertionError, match="it would run"):
        TARGETS["html"].run.__globals__["_harmless"]('<p><img src="x" onerror="x()">')


def test_what_is_made_up_stays_short():
    chance = random.Random(1)
    assert len(changed(b"x" * LONGEST, [b"y"], [b"word"], chance)) <= LONGEST
