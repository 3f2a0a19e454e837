import csv
import io
import time

from hypothesis import given
from hypothesis import strategies as st

from colporteur.audience.importing.records import LINE_AT_MOST, csv_records, json_records

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


def rows(text: str, delimiter: str = ",") -> list[tuple[int, list[str], str]]:
    found = csv_records(io.StringIO(text, newline=""), delimiter)
    return [(one.line, list(one.cells), one.trouble) for one in found]


@given(st.lists(st.lists(cells, min_size=1, max_size=4).filter(any), max_size=8))
def test_whatever_a_cell_holds_is_read_back(wanted):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL).writerows(wanted)
    assert [found for _, found, _ in rows(out.getvalue(), ";")] == wanted


def test_line_ends_within_quotes_are_part_of_their_cell():
    text = 'nom,email\r\n"Roux\r\nLéa",lea@example.org\r\nNoé,noe@example.org\r\n'
    assert rows(text)[1:] == [
        (2, ["Roux\r\nLéa", "lea@example.org"], ""),
        (4, ["Noé", "noe@example.org"], ""),
    ]


def test_a_quote_that_nothing_closes_costs_its_own_line_only():
    before, after = "a,a@example.org\n", "".join(f"x,x{n}@example.org\n" for n in range(3000))
    found = rows(f'{before}"b,b@example.org\n{after}"c" d,d@example.org\ne,e@example.org')
    assert [line for line, _, trouble in found if trouble] == [2, 3003]
    assert len(found) == 3004
    assert found[-1] == (3004, ["e", "e@example.org"], "")


def test_ten_thousand_malformed_lines_are_told_one_by_one_in_a_moment():
    start = time.perf_counter()
    found = rows('"x" y,z\n' * 10_000)
    assert [line for line, _, trouble in found if trouble] == list(range(1, 10_001))
    assert time.perf_counter() - start < 5


def test_a_line_without_an_end_is_not_held_whole():
    (found,) = rows("x" * (3 * LINE_AT_MOST))
    assert "quotation" in found[2]
    assert len(found[1][0]) == LINE_AT_MOST
    assert rows(f"{'x' * LINE_AT_MOST}yyy\na,b")[1] == (2, ["a", "b"], "")


def test_objects_are_read_a_line_each_and_what_is_none_is_told():
    text = '{"email": "a@example.org"}\n\n{"email": \n["b"]\n{"email": "c@example.org"}'
    found = list(json_records(io.StringIO(text)))
    assert [(record.line, bool(record.trouble)) for record, _ in found] == [
        (1, False),
        (3, True),
        (4, True),
        (5, False),
    ]
    deep = "[" * 100_000
    (record, _), *_ = json_records(io.StringIO(deep))
    assert record.trouble
