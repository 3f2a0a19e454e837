import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.audience.addresses import parse_address
from colporteur.audience.doubts import is_disposable, likely_meant
from colporteur.publication.subscribing import Subscribing

RULES = Subscribing()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmial.con", "gmail.com"),
        ("hotmial.fr", "hotmail.fr"),
        ("yaho.fr", "yahoo.fr"),
        ("wanado.fr", "wanadoo.fr"),
        ("orage.fr", "orange.fr"),
        ("outlok.com", "outlook.com"),
        ("protonmal.com", "protonmail.com"),
        ("relais.con", "relais.com"),
    ],
)
def test_a_domain_that_is_a_slip_away_from_a_known_one_is_asked_about(typed, meant):
    address = parse_address(f"lea+news@{typed}")
    assert likely_meant(address, RULES) == f"lea+news@{meant}"


@pytest.mark.parametrize(
    "domain",
    ["gmail.com", "gmx.de", "gmx.ch", "relais.example", "mail.fr", "outlook.es", "münchen.example"],
)
def test_a_domain_that_may_well_be_meant_is_not(domain):
    assert likely_meant(parse_address(f"lea@{domain}"), RULES) is None


def test_a_publication_adds_typos_of_its_own_and_turns_hints_off():
    address = parse_address("lea@relai.example")
    own = Subscribing(typos={"relai.example": "relais.example"})
    assert likely_meant(address, own) == "lea@relais.example"
    assert likely_meant(parse_address("lea@gmial.com"), Subscribing(hints=False)) is None


@given(st.from_regex(r"[a-z]{1,12}\.(com|fr|con|de)", fullmatch=True))
def test_what_is_meant_is_never_asked_about_again(domain):
    meant = likely_meant(parse_address(f"lea@{domain}"), RULES)
    assert meant is None or likely_meant(parse_address(meant), RULES) is None


def test_domains_that_last_some_minutes_are_told_and_so_are_those_under_them():
    assert is_disposable(parse_address("a@yopmail.com"), RULES)
    assert is_disposable(parse_address("a@x.Mailinator.com"), RULES)
    assert not is_disposable(parse_address("a@notyopmail.com"), RULES)
    assert not is_disposable(parse_address("a@relais.example"), RULES)


def test_a_publication_decides_which_domains_do():
    own = Subscribing(disposable_domains=("trash.example",), lasting_domains=("yopmail.com",))
    assert is_disposable(parse_address("a@trash.example"), own)
    assert not is_disposable(parse_address("a@yopmail.com"), own)
    assert not is_disposable(parse_address("a@jetable.org"), Subscribing(disposable="accept"))
