"""What the frame of each letter says: its subject, the line after it, why it comes. Pure.

A letter's content is JSON: what its message takes is below. Moments are ISO 8601, told in
``timezone`` if the content has one::

    confirm    channels (titles), confirm_url, hours (for which it works), again (a reminder),
               consent (its id: the link is made anew when the letter leaves)
    known      channels (titles), preferences_url
    welcome    channels (title, first: a moment or null), preferences_url, unsubscribe_url,
               last (whether the last edition comes too)
    goodbye    channels (titles; none: all of them), undo_url
    reconfirm  channels (titles), confirm_url, until (a moment), unsubscribe_url
    preferences      preferences_url, days (for which it opens)
    new-address      confirm_url, hours (for which it works)
    export     export_url, hours (for which it works)
    erase      erase_url, hours (for which it works)
    address-changed  nothing: to the address that a reader had
    invitation link_url, days (for which it works), by (who invites)
    reset      link_url, hours (for which it works)
    test       subject, text, html (of an edition, rendered)
    alert      about a source: channel, url, problem, gone, failures, since (a moment);
               about "edition": edition, channel, slot (a moment or null), command,
               resume, findings (severity, text, cure), waits ("approval", else it is paused);
               about "signups": limit, waiting (how many), command;
               about "webhook": name, url, problem, command;
               about "vitals": command, told (event: "began", "worse", "lasts", "ended" or "test",
               severity, text, cure, since: a moment; text and cure in the letter's language);
               each: unlisted (it goes to who is in charge: nobody is in alerts_to)
"""

from collections.abc import Callable, Mapping

from colporteur.digests.frame import Frame, Said, frame
from colporteur.digests.letters.content import Content

CONFIRM, WELCOME, GOODBYE = "confirm", "welcome", "goodbye"
RECONFIRM, TEST, ALERT = "reconfirm", "test", "alert"
KNOWN = "known"
PREFERENCES, NEW_ADDRESS, ADDRESS_CHANGED = "preferences", "new-address", "address-changed"
EXPORT, ERASE = "export", "erase"
INVITATION, RESET = "invitation", "reset"

WRONG: Mapping[str, str] = {
    "began": "%(title)s: something is wrong",
    "worse": "%(title)s: something got worse",
    "lasts": "%(title)s: something is still wrong",
    "ended": "%(title)s: something is well again",
    "test": "%(title)s: a test of what tells you",
}
"""What is told of an installation, by its event; messages of the catalogues."""


def letter_frame(message: str, content: Content, site: str) -> Frame:
    """The frame of a letter in its language."""
    said = MESSAGES[message](content)
    return frame(content.publication, content.tag, site, said)


def _confirm(of: Content) -> Said:
    subject = "One button remains: confirm your subscription to %(title)s"
    if of.letter.get("again"):
        subject = "Reminder: one button remains for your subscription to %(title)s"
    return Said(
        subject=of.say(subject, title=of.title),
        preheader=of.say("Nothing is sent to you until you press it."),
        why=of.say(
            "You receive this because somebody gave this address to subscribe to %(title)s.",
            title=of.title,
        ),
    )


def _known(of: Content) -> Said:
    return Said(
        subject=of.say("You receive %(channels)s already", channels=of.channels),
        preheader=of.say("There is nothing to confirm."),
        why=of.say(
            "You receive this because somebody gave this address to subscribe to %(title)s.",
            title=of.title,
        ),
        preferences_url=of.letter["preferences_url"],
    )


def _welcome(of: Content) -> Said:
    firsts = [one["first"] for one in of.letter["channels"] if one["first"]]
    preheader = of.say("What you will receive, and how to change it or leave.")
    if firsts:
        preheader = of.say("The first one comes on %(moment)s.", moment=of.moment(min(firsts)))
    return Said(
        subject=of.say("Welcome to %(title)s", title=of.title),
        preheader=preheader,
        why=of.say("You receive this because you subscribed to %(channel)s.", channel=of.channels),
        preferences_url=of.letter["preferences_url"],
        unsubscribe_url=of.letter["unsubscribe_url"],
    )


def _goodbye(of: Content) -> Said:
    return Said(
        subject=of.say("You are unsubscribed from %(channels)s", channels=of.channels),
        preheader=of.say("It took effect at once. One button undoes it."),
        why=of.say("You receive this to confirm that you unsubscribed."),
    )


def _reconfirm(of: Content) -> Said:
    return Said(
        subject=of.say("Do you still want to receive %(channels)s?", channels=of.channels),
        preheader=of.say(
            "One button, and everything stays as it is. Without an answer, we stop writing to you."
        ),
        why=of.say(
            "You receive this because this address is on the list of readers of %(title)s.",
            title=of.title,
        ),
        unsubscribe_url=of.letter["unsubscribe_url"],
    )


def _preferences(of: Content) -> Said:
    return Said(
        subject=of.say("Your choices for %(title)s", title=of.title),
        preheader=of.say("What you receive, when, and how to change it or leave."),
        why=of.say(
            "You receive this because somebody asked for the link to the choices of a reader of "
            "%(title)s, at this address.",
            title=of.title,
        ),
    )


def _new_address(of: Content) -> Said:
    return Said(
        subject=of.say("One button remains: your new address for %(title)s", title=of.title),
        preheader=of.say("Nothing changes until you press it."),
        why=of.say(
            "You receive this because a reader of %(title)s gave this address as their new one.",
            title=of.title,
        ),
    )


def _export(of: Content) -> Said:
    return Said(
        subject=of.say("Your file of %(title)s", title=of.title),
        preheader=of.say("All that we hold about you, in one file."),
        why=_own_data(of),
    )


def _erase(of: Content) -> Said:
    return Said(
        subject=of.say("One button remains: %(title)s forgets you", title=of.title),
        preheader=of.say("Nothing changes until you press it."),
        why=_own_data(of),
    )


def _own_data(of: Content) -> str:
    return of.say(
        "You receive this because somebody asked for it on the page of a reader's choices of "
        "%(title)s.",
        title=of.title,
    )


def _address_changed(of: Content) -> Said:
    return Said(
        subject=of.say("%(title)s goes to your new address", title=of.title),
        preheader=of.say("Nothing more is sent to this one."),
        why=of.say(
            "You receive this because a reader of %(title)s had this address until now.",
            title=of.title,
        ),
    )


def _invitation(of: Content) -> Said:
    return Said(
        subject=of.say("You are invited to the newsroom of %(title)s", title=of.title),
        preheader=of.say("Choose a password, and you are in."),
        why=of.say(
            "You receive this because an admin of the newsroom of %(title)s gave this address.",
            title=of.title,
        ),
    )


def _reset(of: Content) -> Said:
    return Said(
        subject=of.say("A new password for the newsroom of %(title)s", title=of.title),
        preheader=of.say("Nothing changes until you choose one."),
        why=of.say(
            "You receive this because you belong to the newsroom of %(title)s.", title=of.title
        ),
    )


def _test(of: Content) -> Said:
    return Said(
        subject=of.say("[Test] %(subject)s", subject=of.letter["subject"]),
        preheader="",
        why="",  # that of the edition is in it
    )


def _alert(of: Content) -> Said:
    if of.letter.get("about") == "signups":
        return _held(of)
    if of.letter.get("about") == "bounces":
        return _came_back(of)
    if of.letter.get("about") == "webhook":
        return _silent(of)
    if of.letter.get("about") == "vitals":
        return _vitals(of)
    about_edition = of.letter.get("about") == "edition"
    return Said(
        subject=_paused(of) if about_edition else _failing(of),
        preheader=_found(of) if about_edition else str(of.letter["problem"]),
        why=_why_told(of),
    )


def _held(of: Content) -> Said:
    return Said(
        subject=of.say("So many people are signing up that letters to them wait"),
        preheader=of.say(
            "More than %(limit)s: somebody may be signing up others.", limit=of.letter["limit"]
        ),
        why=_why_told(of),
    )


def _came_back(of: Content) -> Said:
    return Said(
        subject=of.say("%(channel)s: much of an edition came back", channel=of.letter["channel"]),
        preheader=str(of.letter["edition"]),
        why=_why_told(of),
    )


def _silent(of: Content) -> Said:
    return Said(
        subject=of.say("%(name)s is told nothing any more", name=of.letter["name"]),
        preheader=str(of.letter["problem"]),
        why=_why_told(of),
    )


def _vitals(of: Content) -> Said:
    told = of.letter["told"]
    first, more = told[0], len(told) - 1
    subject = of.say(WRONG[first["event"]], title=of.title)
    return Said(
        subject=f"{subject} (+{more})" if more else subject,
        preheader=str(first["text"]),
        why=_why_told(of),
    )


def _why_told(of: Content) -> str:
    if of.letter.get("unlisted"):
        return of.say(
            "You receive this because you approve or administer, and alerts_to of %(title)s is "
            "empty.",
            title=of.title,
        )
    return of.say(
        "You receive this because your address is in alerts_to of %(title)s.", title=of.title
    )


def _paused(of: Content) -> str:
    if of.letter.get("stopped"):
        return of.say(
            "%(channel)s: an edition was stopped while it was being sent",
            channel=of.letter["channel"],
        )
    if of.letter.get("waits"):
        return of.say(
            "%(channel)s: mistakes in an edition that waits for approval",
            channel=of.letter["channel"],
        )
    return of.say(
        "%(channel)s: an edition is paused before it leaves", channel=of.letter["channel"]
    )


def _found(of: Content) -> str:
    findings = of.letter["findings"]
    return str(findings[0]["text"]) if findings else str(of.letter["edition"])


def _failing(of: Content) -> str:
    channel = of.letter["channel"]
    if of.letter.get("gone"):
        return of.say("A source of %(channel)s is gone for good", channel=channel)
    return of.say("A source of %(channel)s has been failing for a day", channel=channel)


MESSAGES: Mapping[str, Callable[[Content], Said]] = {
    CONFIRM: _confirm,
    KNOWN: _known,
    WELCOME: _welcome,
    GOODBYE: _goodbye,
    RECONFIRM: _reconfirm,
    PREFERENCES: _preferences,
    NEW_ADDRESS: _new_address,
    EXPORT: _export,
    ERASE: _erase,
    ADDRESS_CHANGED: _address_changed,
    INVITATION: _invitation,
    RESET: _reset,
    TEST: _test,
    ALERT: _alert,
}
"""Every letter by its folder in ``templates/email/``."""
