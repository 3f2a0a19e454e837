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
texts = st.lists(latin | arabic | st.text(st.characters(codec="utf-8"), max_size=9), min_size=1)
tokens = st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,74}", fullmatch=True)


def decoded(encoding: str, lines: bytes) -> str:
    """As Python's MIME codecs read it."""
    decode = {"base64": base64.b64decode, "quoted-printable": quopri.decodestring}[encoding]
    return decode(lines).decode()


def expected(text: str) -> str:
    whole = text.replace("\r\n", "\n").removesuffix("\n") + "\n"
    return whole.replace("\n", "\r\n")


def joined(part: Part, token: str) -> bytes:
    return b"".join(part.around(token.encode()))


@given(texts, tokens)
@example(["نشرة الصباح", "", "", "ي"], "a")
@example(["نشرة", "x", "الصباح", "\n"], "ab")
@example(["", ""], "abc")
def test_a_part_joined_with_a_token_is_the_text_with_the_token_in_it(pieces: list[str], token: str):
    pieces = [one.replace("\r\n", "\n") for one in pieces]
    part = encode_around(pieces, len(token))
    # Where one piece ends with \r and the next begins with \n they stay two characters.
    whole = "".join(f"{one}\0{token}\0" for one in pieces[:-1]) + pieces[-1]
    found = decoded(part.encoding, joined(part, token))
    assert found == expected(whole).replace(f"\0{token}\0", token)


@given(texts, tokens)
def test_lines_fit_and_need_no_change_on_the_way_nor_for_dkim(pieces: list[str], token: str):
    lines = joined(encode_around(pieces, len(token)), token).split(b"\r\n")
    for line in lines:
        assert len(line) <= 76
        assert line.isascii()
        assert not line.startswith((b".", b"From "))
        assert not line.endswith((b" ", b"\t"))
        assert b"  " not in line
        assert not set(line) & {*range(32), 127}


@given(arabic, arabic, tokens)
def test_a_token_in_base64_changes_nothing_but_its_own_lines(one: str, two: str, token: str):
    part = encode_around([one, two], len(token))
    assert part.encoding == "base64"
    first, _, last = part.around(token.encode())
    assert (first, last) == part.fixed


@pytest.mark.parametrize("token", ["", "a b", "a=b", "é", "a\r\nb", "a" * 76])
def test_what_would_have_to_be_encoded_is_no_token(token: str):
    with pytest.raises(ValueError, match="a token is"):
        encode_around(["a", "b"], len(token)).around(token.encode())


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Un lycée écrit ses propres règles. ", "quoted-printable"), ("نشرة الصباح", "base64")],
)
def test_each_script_gets_the_shorter_encoding(text: str, encoding: str):
    assert encode_part(text * 20).encoding == encoding
