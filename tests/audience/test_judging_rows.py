from datetime import UTC, datetime
from pathlib import PurePath

import pytest
from house import publication

from colporteur.audience.importing import formats
from colporteur.audience.importing.columns import find_columns
from colporteur.audience.importing.formats import Format
from colporteur.audience.importing.judging import Judge
from colporteur.audience.importing.saying import RowRefused, said_in_cells, said_in_object
from colporteur.audience.importing.terms import Offer, Offered, Terms
from colporteur.audience.importing.words import Standing, read_moment, read_standing, several
from colporteur.exceptions import ChoiceRefused, ImportRefused

LISTMONK = "uuid,email,name,attributes,status,created_at,updated_at"
MAILCHIMP = (
    "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,"
    "GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS"
)
GHOST = (
    "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,"
    "deleted_at,labels,tiers"
)


def offer() -> Offer:
    """The small publication's channels; the first has a weekly cadence too."""
    made = publication()
    week = {"rule": "weekly", "at": ["08:00"], "weekdays": ["mon"], "name": {"fr": "La semaine"}}
    rules = [one.model_dump(mode="json", exclude_none=True) for one in made.channels]
    rules[0]["digest"]["cadences"]["semaine"] = week
    made = publication(channels=rules)
    topics = {"health": 1, "law": 2, "schools": 3}
    found = {}
    for id_, one in enumerate(made.channels, start=1):
        assert one.digest is not None
        starts = dict.fromkeys(one.digest.cadences, 7)
        found[one.slug] = Offered(id_, one, one.digest.cadences, topics, starts)
    return Offer(found, made.languages)


def judged(header: str, row: list[str], name: str = "list.csv", **terms):
    """What becomes of a row under a header, as a CSV file would say it."""
    first = header.split(",")
    format_ = formats.recognise(first)
    said = Terms(**{"channel": "actualites", **terms})
    columns = find_columns(first, said.columns, formats.UNWANTED.get(format_, ()))
    standing = formats.standing_of_file(PurePath(name).name, first, format_)
    judge = Judge(said, offer(), standing, tuple(columns.places))
    return judge.judge(said_in_cells(row, columns), 2)


def refusal(header: str, row: list[str], **terms) -> str:
    with pytest.raises(RowRefused) as caught:
        judged(header, row, **terms)
    return caught.value.message


@pytest.mark.parametrize(
    "header",
    [
        "Courriel,Prénom,Nom,Heure,Jour,Fréquence,Sujets,Langue",
        "E-mail Address,First name,Surname,Hour,Weekday,Cadence,Topics,Language",
        "البريد الإلكتروني,الاسم الأول,اسم العائلة,الساعة,اليوم,الوتيرة,المواضيع,اللغة",
        "ADRESSE_MAIL,PRENOM,NOM,HEURE,JOUR,RYTHME,THEMES,LANGUE",
    ],
)
def test_columns_are_known_by_their_names_in_three_languages(header):
    row = [
        "Lea@example.org",
        "Léa",
        "Roux",
        "7h30",
        "Mercredi",
        "La semaine",
        "law; health",
        "ar_MA",
    ]
    found = judged(header, row)
    assert (found.address.text, found.name, found.language) == ("Lea@example.org", "Léa Roux", "ar")
    choice = found.choice
    assert (choice.cadence, choice.minute, choice.weekday) == ("semaine", 450, 2)
    assert (choice.topics_in, found.start_number) == ((1, 2), 7)


def test_a_lone_nom_is_the_whole_name_and_a_column_can_be_named_otherwise():
    assert judged("nom,courriel", ["Léa Roux", "l@example.org"]).name == "Léa Roux"
    told = {"email": "contact", "name": ""}
    found = judged("contact,name", ["l@example.org", "Léa"], columns=told)
    assert (found.address.text, found.name) == ("l@example.org", "")
    with pytest.raises(ImportRefused, match="no column 'Mail'"):
        judged("contact,name", [], columns={"email": "Mail"})
    with pytest.raises(ImportRefused, match="'e-post'"):
        judged("contact,name", [], columns={"e-post": "contact"})
    with pytest.raises(ImportRefused, match="No column is one of addresses"):
        judged("a,b", [])


def test_a_list_without_a_header_has_its_addresses_where_they_are():
    columns = find_columns(["Léa", "l@example.org", "fr"], {"language": "3"})
    assert columns.places == {"email": 1, "language": 2}
    assert columns.taken == {"email": "column 2", "language": "column 3"}


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("pas une adresse", "no e-mail address"),
        ('"lea roux"@example.org', "no e-mail address"),
        ("lea@example.org\r\nBcc: x@example.org", "no e-mail address"),
        (f"{'x' * 300}@example.org", "no e-mail address"),
        ("l\udce9a@example.org", "not in the file's encoding"),
        ("", "no address"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(cell, why):
    assert why in refusal("email", [cell])


@pytest.mark.parametrize(
    "cell", ["lea+relais@example.org", "نور@مثال.example", "léa@été.example", " lea@example.org "]
)
def test_addresses_of_every_script_are_taken(cell):
    assert judged("email", [cell]).address.text == cell.strip()


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        ("status", "zombie", "'zombie' is not known"),
        ("cadence", "soir", "It offers: matin, semaine"),
        ("hour", "25:00", "no time of day"),
        ("weekday", "lundi", "shorter than a week"),
        ("timezone", "Paris", "no time zone"),
        ("topics", "law,magic", "no topic 'magic'"),
        ("layout", "baroque", "no layout"),
        ("specials", "peut-être", "neither yes nor no"),
        ("created_at", "hier", "no date"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_its_cure(column, cell, why):
    assert why in refusal(f"email,{column}", ["l@example.org", cell])


def test_leaving_is_heeded_whatever_else_the_row_says():
    header = "email,status,hour,topics,left_at,created_at"
    row = ["l@example.org", "unsubscribed", "25:00", "magic", "hier", "2024-01-01"]
    found = judged(header, row)
    assert (found.standing, found.left_at) == (Standing.UNSUBSCRIBED, None)
    assert found.created_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert "no topic 'magic'" in refusal(header, ["l@example.org", "active", *row[2:]])


def test_cells_beyond_the_header_are_not_guessed_at():
    assert "4 cells and the header 2" in refusal(
        "email,name", ["l@example.org", "Roux", "Léa", "x"]
    )
    assert judged("email,name", ["l@example.org", "Léa", "", ""]).name == "Léa"
    assert judged("name,email,hour", ["Léa", "l@example.org"]).choice.minute is None


def test_what_is_said_of_the_list_is_for_rows_that_do_not_say():
    terms = {"choices": {"hour": "19:30", "specials": "no"}, "language": "ar"}
    silent = judged("email,hour", ["l@example.org", ""], **terms)
    assert (silent.choice.minute, silent.choice.specials, silent.language) == (1170, False, "ar")
    assert judged("email,hour", ["l@example.org", "07:00"], **terms).choice.minute == 420
    with pytest.raises(ChoiceRefused):
        judged("email", ["l@example.org"], choices={"weekday": "mon"})


def test_rows_say_their_channel_where_the_command_does_not():
    assert judged("email,channel", ["l@example.org", "nashra"], channel="").channel_id == 2
    assert judged("email,channel", ["l@example.org", "nashra"]) is None
    assert judged("email,canal", ["l@example.org", "ACTUALITÉS"]).channel_id == 1
    for channel in ("", "actualites"):
        why = refusal("email,channel", ["l@example.org", "autre"], channel=channel)
        assert "no channel 'autre'; there are: actualites, nashra" in why
    with pytest.raises(ImportRefused, match="which channel"):
        judged("email", ["l@example.org"], channel="")


def test_a_name_that_swallowed_other_rows_is_refused():
    columns = find_columns(["name", "email"], {})
    with pytest.raises(RowRefused, match="rows are lost"):
        said_in_cells(["Léa,l@example.org\nNoé,n@example.org\nAda", "a@example.org"], columns)
    for name in ("Roux\nLéa", "Léa @ Paris"):
        assert said_in_cells([name, "a@example.org"], columns)["name"] == name


def test_a_list_of_listmonk_says_who_left_and_what_it_knows_in_attributes():
    assert formats.recognise(LISTMONK.split(",")) is Format.LISTMONK
    more = '{"language": "ar", "hour": "19:30", "city": "Rabat", "email": "x@example.org"}'
    stamp = "2024-01-02 15:04:05.123456 +0000 UTC"
    row = ["u", "l@example.org", "Léa", more, "enabled", stamp, stamp]
    found = judged(LISTMONK, row)
    assert (found.address.text, found.language) == ("l@example.org", "ar")
    assert (found.choice.minute, found.standing) == (1170, Standing.ACTIVE)
    assert found.created_at == datetime(2024, 1, 2, 15, 4, 5, tzinfo=UTC)
    row[4] = "blocklisted"
    assert judged(LISTMONK, row).standing is Standing.SUPPRESSED
    row[4] = "disabled"
    assert judged(LISTMONK, row).standing is Standing.UNSUBSCRIBED


@pytest.mark.parametrize(
    ("cell", "topics"),
    [
        ("a, b;c|d", ["a", "b", "c", "d"]),
        ('"The town","Tri, urgences"', ["The town", "Tri, urgences"]),  # as Mailchimp quotes
        ('"a", b', ["a", "b"]),
        ('"open', ["open"]),
        (' ;""', []),
    ],
)
def test_a_cell_lists_what_is_between_commas_and_marks(cell, topics):
    assert several(cell) == topics


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("subscribed_members_export_1.csv", Standing.ACTIVE),
        ("unsubscribed_email_audience_export_1.csv", Standing.UNSUBSCRIBED),
        ("cleaned_members_export_1.csv", Standing.BOUNCED),
        ("nonsubscribed_members_export_1.csv", Standing.PENDING),
        ("renamed.csv", Standing.ACTIVE),
    ],
)
def test_each_file_of_mailchimp_is_one_state(name, standing):
    row = ["l@example.org", "Léa", "Roux", "2", "2020-02-01 09:00:00", "", "2020-02-01 09:05:00"]
    found = judged(MAILCHIMP, [*row, *[""] * 3, "America/Los_Angeles", *[""] * 7], name)
    assert (found.standing, found.name, found.choice.timezone) == (standing, "Léa Roux", None)
    assert found.consented_at == datetime(2020, 2, 1, 9, 5, tzinfo=UTC)


def test_a_renamed_file_of_who_left_mailchimp_is_known_by_its_columns():
    header = MAILCHIMP.replace("LAST_CHANGED", "UNSUB_TIME")
    row = ["l@example.org", *[""] * 12, "2024-05-01 10:00:00", "1", "2", "", ""]
    found = judged(header, row, "renamed.csv")
    assert found.standing is Standing.UNSUBSCRIBED
    assert found.left_at == datetime(2024, 5, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("receives", "deleted", "standing"),
    [
        ("true", "", Standing.ACTIVE),
        ("false", "", Standing.UNSUBSCRIBED),
        ("true", "2024-01-01T00:00:00.000Z", Standing.UNSUBSCRIBED),
    ],
)
def test_a_member_of_ghost_who_wants_no_mail_has_left(receives, deleted, standing):
    row = ["1", "l@example.org", "Léa", "", receives, "false", "", "2024-03-01T09:30:00.000Z"]
    found = judged(GHOST, [*row, deleted, "vip,law", "Free"])
    assert (found.standing, found.choice.topics_in) == (standing, ())


def test_objects_say_the_same_as_cells():
    said = {
        "Email": "l@example.org",
        "name": "Léa",
        "topics": ["law", "health"],
        "specials": False,
        "hour": None,
        "id": 3,
    }
    assert said_in_object(said, {"name": ""}) == {
        "email": "l@example.org",
        "topics": "law, health",
        "specials": "no",
    }


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        ("22/11/2026 07:30", datetime(2026, 11, 22, 7, 30, tzinfo=UTC)),
        ("03.10.2025", datetime(2025, 10, 3, tzinfo=UTC)),
        ("11/22/2026", datetime(2026, 11, 22, tzinfo=UTC)),
        ("2026-11-22T07:30:00+01:00", datetime(2026, 11, 22, 6, 30, tzinfo=UTC)),
    ],
)
def test_moments_are_read_as_people_write_them(text, moment):
    assert read_moment(text) == moment


@pytest.mark.parametrize("text", ["", "31/02/2026", "0001-01-01", "99/99/2026", "2026", "x" * 999])
def test_what_is_no_moment_is_told(text):
    with pytest.raises(ValueError, match="no date"):
        read_moment(text)


@pytest.mark.parametrize(
    ("word", "standing"),
    [
        ("Désabonné", Standing.UNSUBSCRIBED),
        ("ABONNE", Standing.ACTIVE),
        ("غير مشترك", Standing.UNSUBSCRIBED),
        ("opted-out", Standing.UNSUBSCRIBED),
        ("Hard bounce", Standing.BOUNCED),
        ("spam", Standing.COMPLAINED),
    ],
)
def test_states_are_known_by_their_words_in_three_languages(word, standing):
    assert read_standing(word) is standing
