"""What a message that came back reports: the corpus of these tests, message by message."""

import pytest
from bounce_corpus import Sample, samples

from colporteur.feedback.reading import read_report

BOUNCES = samples("standard", "own_words")
OTHERS = samples("answers")


@pytest.mark.parametrize("sample", BOUNCES, ids=lambda one: one.name)
def test_a_bounce_tells_whom_it_did_not_reach_and_why(sample: Sample):
    report = read_report(sample.message)
    assert report.kind == sample.kind
    assert {one.address: one.verdict for one in report.failures} == sample.verdicts


@pytest.mark.parametrize("sample", OTHERS, ids=lambda one: one.name)
def test_what_is_no_bounce_is_told_apart(sample: Sample):
    report = read_report(sample.message)
    assert report.kind == sample.kind
    assert {one.address for one in report.failures} == set(sample.verdicts)
