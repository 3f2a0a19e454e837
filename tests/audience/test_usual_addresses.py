from contextlib import suppress

from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from colporteur.audience.addresses import EmailAddress, _usual

_LETTERS = "abzABZ09._+-"
near = st.builds(
    "{}@{}.{}".format,
    st.text(_LETTERS, max_size=70) | st.sampled_from(["News", "POSTMASTER", "a\n", "é", '"a"']),
    st.text("abzABZ09.-", max_size=70) | st.sampled_from(["xn--t-9fab", "été", "a" * 63]),
    st.sampled_from(["org", "COM", "test", "Local", "localhost", "onion", "c", "o-g", "xn--p1ai"]),
)


def closely(text: str) -> EmailAddress | None:
    """What a close look makes of an address; None where it is none."""
    with suppress(EmailNotValidError):
        found = validate_email(text, check_deliverability=False, strict=True, test_environment=True)
        key = f"{found.local_part}@{found.ascii_domain}".casefold()
        return EmailAddress(found.normalized, key, found.ascii_domain.lower())
    return None


@settings(max_examples=400)
@given(near)
@example(f"{'a' * 64}@{'b' * 60}.org")
@example(f"{'a' * 65}@example.org")
@example("a@" + ".".join(["b" * 60] * 4) + ".org")
@example("Webmaster@Example.ORG")
def test_the_quick_look_at_an_address_says_what_the_close_one_says(text: str):
    quick = _usual(text)
    if quick is not None:
        assert quick == closely(text)


def test_nearly_all_addresses_need_no_close_look():
    usual = ["lea@example.org", "L.Roux+relais@mail.Example.co.uk", "x_1-2@a-b.fr"]
    assert all(_usual(one) for one in usual)
