import tempfile
from datetime import date
from pathlib import Path

from house import channel, digest, publication
from hypothesis import given, settings
from hypothesis import strategies as st

from colporteur.config import shipped
from colporteur.publication.exporting import to_files
from colporteur.publication.files import read_publication
from colporteur.publication.model import Publication

words = st.text(min_size=1, max_size=30)
lengths = st.builds("{}{}".format, st.integers(1, 9990), st.sampled_from("hdw"))
hours = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
days = st.integers(1, 31)
weekdays = st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
ats = st.lists(hours, min_size=1, max_size=3, unique=True)
months_days = st.builds(
    "{} {}".format,
    st.sampled_from(["first", "second", "third", "fourth", "last"]),
    st.sampled_from(["monday", "friday", "sunday"]),
)
spans = st.builds("{}{}".format, st.integers(1, 52), st.sampled_from("dw"))
dates = st.dates(date(2000, 1, 1), date(2100, 12, 31))
cadences = st.one_of(
    st.fixed_dictionaries({"rule": st.just("daily"), "at": ats}),
    st.fixed_dictionaries({"rule": st.just("weekly"), "at": ats, "weekdays": st.tuples(weekdays)}),
    st.fixed_dictionaries({"rule": st.just("monthly"), "at": ats, "day": days}),
    st.fixed_dictionaries({"rule": st.just("monthly"), "at": ats, "on": months_days}),
    st.fixed_dictionaries({"rule": st.just("every"), "at": ats, "every": spans, "starting": dates}),
    st.just({"rule": "instant"}),
)
digests = st.builds(
    digest,
    max_age=lengths,
    cadences=st.dictionaries(st.sampled_from(["matin", "soir"]), cadences, min_size=1),
    skip=st.lists(dates, max_size=3),
    max_errors=st.integers(1, 1000),
    approval=st.booleans(),
    quiet_hours=st.sampled_from(["22:00-07:00", "none"]) | st.none(),
)
groups = st.one_of(
    st.just({"off": True}),
    st.fixed_dictionaries(
        {},
        optional={
            "domains": st.just(["b.fr", "c.fr"]),
            "connections": st.integers(1, 9),
            "messages": st.integers(1, 9),
            "limits": st.lists(st.sampled_from(["20/second", "100/15 minutes"]), max_size=2),
        },
    ),
)
channels = st.builds(
    channel,
    st.just("actualites"),
    st.just("fr"),
    title=words,
    description=st.text(max_size=30),
    digest=digests | st.none(),
    feed=st.fixed_dictionaries({}, optional={"limit": st.integers(1, 500)}),
    formerly=st.lists(st.sampled_from(["une", "deux"]), unique=True),
)
publications = st.builds(
    publication,
    title=words,
    tagline=st.fixed_dictionaries({}, optional={"fr": words, "ar": words}),
    postal_address=st.fixed_dictionaries({"fr": words, "ar": words}),
    channels=st.tuples(channels),
    specials=st.fixed_dictionaries(
        {},
        optional={
            "hold": st.builds("{}m".format, st.integers(0, 1440)),
            "approval": st.booleans(),
            "confirm_above": st.integers(0, 10_000),
        },
    ),
    subscribing=st.fixed_dictionaries(
        {},
        optional={
            "forget_unconfirmed": st.builds("{}d".format, st.integers(4, 90)),
            "remind": st.booleans(),
            "typos": st.just({"gmial.fr": "gmail.com"}),
            "disposable": st.sampled_from(["refuse", "accept"]),
            "lasting_domains": st.just(["duck.com"]),
            "at_most": st.fixed_dictionaries({}, optional={"all": st.just("9/hour")}),
        },
    ),
    retention=st.fixed_dictionaries(
        {}, optional={"ips": st.just("2d"), "deliveries": st.just("9999w")}
    ),
    four_eyes=st.booleans(),
    domain_groups=st.dictionaries(st.sampled_from(["orange", "free"]), groups, max_size=1),
    warm_up=st.dictionaries(
        st.just("relais.example"),
        st.fixed_dictionaries(
            {"start": dates, "days": st.lists(st.integers(1, 9), min_size=1).map(sorted)}
        ),
    ),
    quiet_hours=st.just("22:30-06:00") | st.none(),
)


def _read_back(wanted: Publication, revision: int = 1):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in to_files(wanted, revision).items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        return read_publication(Path(folder))


def test_what_is_exported_reads_back_equal():
    assert _read_back(publication()).publication == publication()


def test_the_exported_sample_reads_back_equal():
    sample = read_publication(shipped("feeds")).publication
    assert _read_back(sample).publication == sample


def test_exported_files_say_which_revision_they_have_seen():
    assert _read_back(publication(), 41).based_on == 41


def test_exported_files_keep_the_order_of_channels():
    turned = publication(channels=[channel("nashra", "ar"), channel("actualites", "fr")])
    assert [one.slug for one in _read_back(turned).publication.channels] == ["nashra", "actualites"]


@settings(max_examples=50)
@given(publications)
def test_any_publication_reads_back_equal(wanted):
    assert _read_back(wanted).publication == wanted


@settings(max_examples=50)
@given(publications)
def test_any_publication_is_kept_whole_in_the_database(wanted):
    assert Publication.model_validate(wanted.model_dump(mode="json")) == wanted
