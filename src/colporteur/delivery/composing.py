"""Puts a reader's own values into a rendered variant: a message ready to be bytes."""

from dataclasses import dataclass
from datetime import datetime

from colporteur.delivery.message import Message
from colporteur.digests.rendering import UNSUBSCRIBE_MARK, Rendering
from colporteur.editions.addresses import archive_path
from colporteur.publication import Channel, Publication
from colporteur.tokens import MESSAGE_ID, UNSUBSCRIBE, fingerprint, make_token


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


def reader_message(post: Post, rendering: Rendering, subscription_id: int, address: str) -> Message:
    """The message of one subscription; sent twice, it has the same Message-ID."""
    channel, publication = post.channel, post.publication
    sender = publication.sender_of(channel)
    domain = sender.address.rpartition("@")[2]
    token = make_token(post.secret_key, UNSUBSCRIBE, subscription_id)
    unsubscribe = f"{post.site}/unsubscribe/{token}"
    mark = fingerprint(post.secret_key, MESSAGE_ID, f"{post.edition_public_id}.{subscription_id}")
    return Message(
        message_id=f"{post.edition_public_id}.{mark}@{domain}",
        date=post.date,
        sender_name=sender.name,
        sender=sender.address,
        reply_to=publication.reply_to,
        recipient=address,
        subject=rendering.subject,
        text=rendering.text.replace(UNSUBSCRIBE_MARK, unsubscribe),
        html=rendering.html.replace(UNSUBSCRIBE_MARK, unsubscribe),
        list_id=f"{channel.slug}.{domain}",
        list_name=f"{publication.title_in(channel.language)} · {channel.title}",
        unsubscribe_url=unsubscribe,
        archive_url=post.site + archive_path(channel.slug),
        help_url=f"{post.site}/{channel.slug}",
        feedback_id=f"{post.edition_public_id}:{channel.slug}:digest:colporteur",
    )
