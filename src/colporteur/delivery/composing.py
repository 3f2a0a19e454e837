"""Puts readers' own values into a rendered variant, which is compiled once for all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from colporteur.audience.addresses import on_the_wire
from colporteur.audience.links import PREFERENCES_FOR
from colporteur.delivery.dkim import Signer
from colporteur.delivery.message import Message, Mould, Own
from colporteur.delivery.outcomes import GIVE_UP_AFTER
from colporteur.digests.rendering import PREFERENCES_MARK, UNSUBSCRIBE_MARK, Rendering
from colporteur.editions.addresses import archive_path
from colporteur.publication import Channel, Publication
from colporteur.tokens import (
    LEAVE_BY_MAIL,
    MESSAGE_ID,
    PATTERN,
    PREFERENCES,
    UNSUBSCRIBE,
    fingerprint,
    make_tag,
    make_token,
    passing_maker,
    token_maker,
)


@dataclass(frozen=True)
class Post:
    """What all messages of an edition share."""

    publication: Publication
    channel: Channel
    edition_public_id: str
    site: str
    secret_key: str
    date: datetime
    max_errors: int  # refusals in a row that pause it
    bounce_domain: str = ""  # where mail that asks to leave is read; empty: nowhere
    give_up: timedelta = GIVE_UP_AFTER  # how long what is put off is tried


@dataclass(frozen=True)
class Recipient:
    """Whom a message is for: their ids, and the address as SMTP has it."""

    subscriber_id: int
    subscription_id: int
    address: str


class Compiled:
    """A variant for all its readers: what they share is encoded once. Threads may share it."""

    def __init__(self, post: Post, rendering: Rendering, signer: Signer | None) -> None:
        # Nobody can write what stands for a reader's tokens: it is made with the secret key.
        stand_ins = Own(*(make_token(post.secret_key, PATTERN, number) for number in range(3)))
        pattern = _message(post, rendering, Recipient(0, 0, ""), stand_ins)
        self.sender = pattern.sender
        self._post = post
        self._mould = Mould(pattern, signer)
        self._own = _own_maker(post)

    def message_id(self, subscription_id: int) -> str:
        """The Message-ID of a subscription's message, the same each time, without brackets."""
        return message_id_of(
            self._post.secret_key, self._post.edition_public_id, self.sender, subscription_id
        )

    def message(self, to: Recipient) -> bytes:
        """The bytes of a reader's message, CRLF-ended and signed if there is a signer.

        Raises:
            AddressRefused: no header field may hold the address.
        """
        return self._mould.cast(self.message_id(to.subscription_id), to.address, self._own(to))


def compile_post(post: Post, rendering: Rendering, signer: Signer | None) -> Compiled:
    """A variant compiled for all its readers.

    Raises:
        AddressRefused: no header field may hold the sender's address.
    """
    return Compiled(post, rendering, signer)


def reader_message(post: Post, rendering: Rendering, to: Recipient) -> Message:
    """The message of one reader, to be looked at; composed, the bytes of the compiled one."""
    return _message(post, rendering, to, _own_maker(post)(to))


def message_id_of(secret_key: str, public_id: str, sender: str, subscription_id: int) -> str:
    """The Message-ID of an edition to a subscription, without brackets: only we can make it."""
    mark = fingerprint(secret_key, MESSAGE_ID, f"{public_id}.{subscription_id}")
    return f"{public_id}.{mark}@{sender.rpartition('@')[2]}"


def _own_maker(post: Post) -> Callable[[Recipient], Own]:
    leave = token_maker(post.secret_key, UNSUBSCRIBE)
    prefer = passing_maker(post.secret_key, PREFERENCES, post.date + PREFERENCES_FOR)

    def own(to: Recipient) -> Own:
        by_mail = ""
        if post.bounce_domain:
            by_mail = make_tag(post.secret_key, LEAVE_BY_MAIL, to.subscription_id)
        return Own(leave(to.subscription_id), prefer(to.subscriber_id), by_mail)

    return own


def _message(post: Post, rendering: Rendering, to: Recipient, own: Own) -> Message:
    channel, publication = post.channel, post.publication
    sender = publication.sender_of(channel)
    own_address, reply_to = on_the_wire(sender.address), publication.reply_to
    unsubscribe = f"{post.site}/unsubscribe/{own.leave}?edition={post.edition_public_id}"
    links = {
        UNSUBSCRIBE_MARK: unsubscribe,
        PREFERENCES_MARK: f"{post.site}/preferences/{own.prefer}",
    }
    public_id, by_mail = post.edition_public_id, f"leave+{own.by_mail}@{post.bounce_domain}"
    return Message(
        message_id=message_id_of(post.secret_key, public_id, own_address, to.subscription_id),
        date=post.date,
        sender_name=sender.name,
        sender=own_address,
        reply_to=on_the_wire(reply_to) if reply_to else None,
        recipient=to.address,
        subject=rendering.subject,
        text=_linked(rendering.text, links),
        html=_linked(rendering.html, links),
        list_id=f"{channel.slug}.{own_address.rpartition('@')[2]}",
        list_name=f"{publication.title_in(channel.language)} · {channel.title}",
        unsubscribe_url=unsubscribe,
        unsubscribe_address=by_mail if post.bounce_domain else "",
        archive_url=post.site + archive_path(channel.slug),
        help_url=f"{post.site}/{channel.slug}",
        feedback_id=f"{post.edition_public_id}:{channel.slug}:digest:colporteur",
        own=own,
    )


def _linked(text: str, links: Mapping[str, str]) -> str:
    for mark, link in links.items():
        text = text.replace(mark, link)
    return text
