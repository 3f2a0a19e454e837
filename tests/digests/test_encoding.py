import base64
import quopri

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from colporteur.digests.encoding import Part, encode_around, encode_part

latin = st.lists(
    st.sampled_from([".", "From ", "=", "é", "a" * 74, " ", "\t", "\n", "\r", "\x00", "mot "])
).map("".join)
arabic = st.text("نشرة الصباح، \n.", min_size=20)
tokens = st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,74}", fullmatch=True)
text = latin | arabic | st.text(st.characters(codec="utf-8"), max_size=9)
run = st.lists(st.tuples(tokens, text))
"""What follows a first text: a token and the text after it, again and again."""


def decoded(encoding: str, lines: bytes) -> str:
    """As Python's MIME codecs read it."""
    decode = {"base64": base64.b64decode, "quoted-printable": quopri.decodestring}[encoding]
    return decode(lines).decode()


def expected(text: str) -> str:
    whole = text.replace("\r\n", "\n").removesuffix("\n") + "\n"
    return whole.replace("\n", "\r\n")


def encoded(first: str, rest: list[tuple[str, str]]) -> Part:
    return encode_around([first, *(after for _, after in rest)], [len(one) for one, _ in rest])


def joined(part: Part, rest: list[tuple[str, str]]) -> bytes:
    return b"".join(part.around([one.encode() for one, _ in rest]))


@given(text, run)
@example("نشرة الصباح", [("a", ""), ("a", ""), ("a", "ي")])
@example("نشرة", [("ab", "x"), ("abcdef", "الصباح"), ("a", "\n")])
@example("", [("abc", "")])
def test_a_part_joined_with_tokens_is_the_text_with_the_tokens_in_it(
    first: str, rest: list[tuple[str, str]]
):
    first = first.replace("\r\n", "\n")
    rest = [(token, after.replace("\r\n", "\n")) for token, after in rest]
    part = encoded(first, rest)
    # Where one piece ends with \r and the next begins with \n they stay two characters.
    whole = first + "".join(f"\0{token}\0{after}" for token, after in rest)
    wanted = expected(whole)
    for token, _ in rest:
        wanted = wanted.replace(f"\0{token}\0", token, 1)
    assert decoded(part.encoding, joined(part, rest)) == wanted


@given(text, run)
def test_lines_fit_and_need_no_change_on_the_way_nor_for_dkim(
    first: str, rest: list[tuple[str, str]]
):
    for line in joined(encoded(first, rest), rest).split(b"\r\n"):
        assert len(line) <= 76
        assert line.isascii()
        assert not line.startswith((b".", b"From "))
        assert not line.endswith((b" ", b"\t"))
        assert b"  " not in line
        assert not set(line) & {*range(32), 127}


@given(arabic, arabic, tokens)
def test_a_token_in_base64_changes_nothing_but_its_own_lines(one: str, two: str, token: str):
    part = encode_around([one, two], [len(token)])
    assert part.encoding == "base64"
    first, _, last = part.around([token.encode()])
    assert (first, last) == part.fixed


@pytest.mark.parametrize("token", ["", "a b", "a=b", "é", "a\r\nb", "a" * 76])
def test_what_would_have_to_be_encoded_is_no_token(token: str):
    with pytest.raises(ValueError, match="a token is"):
        encode_around(["a", "b"], [len(token)]).around([token.encode()])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Un lycée écrit ses propres règles. ", "quoted-printable"), ("نشرة الصباح", "base64")],
)
def test_each_script_gets_the_shorter_encoding(text: str, encoding: str):
    assert encode_part(text * 20).encoding == encoding
