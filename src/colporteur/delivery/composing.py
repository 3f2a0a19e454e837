"""Puts readers' own values into a rendered variant, which is compiled once for all of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from colporteur.audience.addresses import on_the_wire
from colporteur.delivery.dkim import Signer
from colporteur.delivery.message import Message, Mould
from colporteur.delivery.outcomes import GIVE_UP_AFTER
from colporteur.digests.rendering import UNSUBSCRIBE_MARK, Rendering
from colporteur.editions.addresses import archive_path
from colporteur.publication import Channel, Publication
from colporteur.tokens import (
    MESSAGE_ID,
    PATTERN,
    UNSUBSCRIBE,
    fingerprint,
    make_token,
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
    give_up: timedelta = GIVE_UP_AFTER  # how long what is put off is tried


class Compiled:
    """A variant for all its readers: what they share is encoded once. Threads may share it."""

    def __init__(self, post: Post, rendering: Rendering, signer: Signer | None) -> None:
        # Nobody can write what stands for a reader's token: it is made with the secret key.
        pattern = _message(post, rendering, 0, "", make_token(post.secret_key, PATTERN, 0))
        self.sender = pattern.sender
        self._post = post
        self._mould = Mould(pattern, signer)
        self._token = token_maker(post.secret_key, UNSUBSCRIBE)

    def message_id(self, subscription_id: int) -> str:
        """The Message-ID of a subscription's message, the same each time, without brackets."""
        return _message_id(self._post, self.sender, subscription_id)

    def message(self, subscription_id: int, address: str) -> bytes:
        """The bytes of a subscription's message, CRLF-ended and signed if there is a signer.

        Raises:
            AddressRefused: no header field may hold the address.
        """
        token = self._token(subscription_id)
        return self._mould.cast(self.message_id(subscription_id), address, token)


def compile_post(post: Post, rendering: Rendering, signer: Signer | None) -> Compiled:
    """A variant compiled for all its readers.

    Raises:
        AddressRefused: no header field may hold the sender's address.
    """
    return Compiled(post, rendering, signer)


def reader_message(post: Post, rendering: Rendering, subscription_id: int, address: str) -> Message:
    """The message of one subscription, to be looked at; composed, the bytes of the compiled one."""
    token = make_token(post.secret_key, UNSUBSCRIBE, subscription_id)
    return _message(post, rendering, subscription_id, address, token)


def _message_id(post: Post, sender: str, subscription_id: int) -> str:
    public_id = post.edition_public_id
    mark = fingerprint(post.secret_key, MESSAGE_ID, f"{public_id}.{subscription_id}")
    return f"{public_id}.{mark}@{sender.rpartition('@')[2]}"


def _message(
    post: Post, rendering: Rendering, subscription_id: int, address: str, token: str
) -> Message:
    channel, publication = post.channel, post.publication
    sender = publication.sender_of(channel)
    own_address, reply_to = on_the_wire(sender.address), publication.reply_to
    unsubscribe = f"{post.site}/unsubscribe/{token}"
    return Message(
        message_id=_message_id(post, own_address, subscription_id),
        date=post.date,
        sender_name=sender.name,
        sender=own_address,
        reply_to=on_the_wire(reply_to) if reply_to else None,
        recipient=address,
        subject=rendering.subject,
        text=rendering.text.replace(UNSUBSCRIBE_MARK, unsubscribe),
        html=rendering.html.replace(UNSUBSCRIBE_MARK, unsubscribe),
        list_id=f"{channel.slug}.{own_address.rpartition('@')[2]}",
        list_name=f"{publication.title_in(channel.language)} · {channel.title}",
        unsubscribe_url=unsubscribe,
        archive_url=post.site + archive_path(channel.slug),
        help_url=f"{post.site}/{channel.slug}",
        feedback_id=f"{post.edition_public_id}:{channel.slug}:digest:colporteur",
        token=token,
    )
