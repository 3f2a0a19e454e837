import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.audience.addresses import mask, parse_address
from colporteur.exceptions import AddressRefused


@pytest.mark.parametrize(
    ("typed", "text", "domain"),
    [
        ("lea@example.org", "lea@example.org", "example.org"),
        ("  lea@example.org\n", "lea@example.org", "example.org"),
        ("Lea.Roux@Example.ORG", "Lea.Roux@example.org", "example.org"),
        ("lea+relais@example.org", "lea+relais@example.org", "example.org"),
        ("lea@presse.été.example", "lea@presse.été.example", "presse.xn--t-9fab.example"),
        ("نور@مثال.example", "نور@مثال.example", "xn--mgbh0fb.example"),
    ],
)
def test_an_address_is_read_as_a_person_types_it(typed, text, domain):
    address = parse_address(typed)
    assert (address.text, address.domain) == (text, domain)


@pytest.mark.parametrize("other", ["LEA@EXAMPLE.ORG", "lea@Example.org ", "Lea@example.org"])
def test_spellings_of_one_mailbox_are_one_person(other):
    assert parse_address(other).key == parse_address("lea@example.org").key
    assert parse_address(other).hash == parse_address("lea@example.org").hash


def test_a_domain_in_letters_and_in_ascii_is_one():
    assert parse_address("a@été.example").key == parse_address("a@xn--t-9fab.example").key


@pytest.mark.parametrize("other", ["lea+x@example.org", "le.a@example.org", "lea@example.net"])
def test_other_mailboxes_are_other_people(other):
    assert parse_address(other).key != parse_address("lea@example.org").key


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "lea",
        "lea@",
        "@example.org",
        "lea@example",
        "lea@@example.org",
        "lea roux@example.org",
        "lea@exa mple.org",
        "lea@example.org, noe@example.org",
        "Léa <lea@example.org>",
        "lea@example.org\r\nBcc: noe@example.org",
        "lea\x00@example.org",
        "lea@-example.org",
        ".lea@example.org",
        "lea@[127.0.0.1]",
        "a" * 65 + "@example.org",
        "lea@" + "a." * 130 + "org",
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(typed):
    with pytest.raises(AddressRefused) as caught:
        parse_address(typed)
    assert "is no e-mail address: " in caught.value.message
    assert caught.value.cure


@given(st.text() | st.emails())
def test_any_text_is_an_address_or_refused(typed):
    try:
        address = parse_address(typed)
    except AddressRefused:
        return
    assert parse_address(address.text) == address
    assert address.domain.isascii()


def test_an_address_is_shown_masked():
    assert mask("lea@example.org") == parse_address("lea@example.org").masked == "l…@example.org"
