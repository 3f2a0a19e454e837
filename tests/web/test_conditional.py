from datetime import UTC, datetime

import pytest

from colporteur.web.conditional import choose_coding, http_date, not_modified

MODIFIED = datetime(2026, 11, 20, 7, 0, 0, tzinfo=UTC)
ETAG = 'W/"abc"'


@pytest.mark.parametrize(
    ("headers", "unchanged"),
    [
        ({}, False),
        ({"if-none-match": 'W/"abc"'}, True),
        ({"if-none-match": '"abc"'}, True),
        ({"if-none-match": '"x", W/"abc" , "y"'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": '"x"'}, False),
        ({"if-modified-since": "Fri, 20 Nov 2026 07:00:00 GMT"}, True),
        ({"if-modified-since": "Fri, 20 Nov 2026 06:59:59 GMT"}, False),
        ({"if-modified-since": "yesterday"}, False),
        ({"if-modified-since": "Sat, 01 Jan 2030 00:00:00 +99999999999999999"}, False),
        ({"if-modified-since": "Fri, 31 Dec 9999 23:59:59 -2359"}, True),
        ({"if-none-match": '"x"', "if-modified-since": "Fri, 20 Nov 2026 07:00:00 GMT"}, False),
    ],
)
def test_validators_are_compared_as_http_says(headers: dict[str, str], unchanged: bool):
    assert not_modified(headers, ETAG, MODIFIED) is unchanged


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("*", "br"),
        ("identity", ""),
        ("*;q=0", ""),
        ("GZIP ; q=nonsense", ""),
    ],
)
def test_the_best_coding_that_a_client_takes_is_chosen(accepted: str, coding: str):
    assert choose_coding(accepted, ("br", "gzip")) == coding


def test_dates_are_written_as_http_writes_them():
    assert http_date(MODIFIED) == "Fri, 20 Nov 2026 07:00:00 GMT"


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("br;q=0.1, gzip;q=1", "gzip"),
        ("identity;q=1, gzip;q=0.5", ""),
        ("gzip, br", "br"),
        ("x-gzip", "gzip"),
        ("*;q=0.5", "br"),
        ("gzip;q=0, *", "br"),
        ("identity", ""),
    ],
)
def test_what_is_accepted_most_is_chosen(accepted: str, chosen: str):
    assert choose_coding(accepted, ("br", "gzip")) == chosen
