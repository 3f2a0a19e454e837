"""What the frame of every mail says: whose it is, why it comes, and the ways out."""

from dataclasses import dataclass
from urllib.parse import urljoin

from colporteur.publication import Channel, Publication
from colporteur.publication.look import Look
from colporteur.templating import language


@dataclass(frozen=True)
class Frame:
    """The frame of one message, as its templates see it; empty addresses are left out.

    ``footer`` and ``postal_address`` are lines. ``band`` stands above everything, in a test.
    """

    language: str
    direction: str
    subject: str
    preheader: str
    why: str
    publication_title: str
    publication_url: str
    sender_name: str
    postal_address: list[str]
    footer: list[str]
    look: Look
    logo_url: str
    view_url: str = ""
    preferences_url: str = ""
    unsubscribe_url: str = ""
    band: str = ""


@dataclass(frozen=True)
class Said:
    """What differs between the frames of a publication's messages."""

    subject: str
    preheader: str
    why: str
    view_url: str = ""
    preferences_url: str = ""
    unsubscribe_url: str = ""
    band: str = ""


def frame(
    publication: Publication, tag: str, site: str, said: Said, channel: Channel | None = None
) -> Frame:
    """The frame of a message in a language: the channel's own words, else the publication's."""
    sender = publication.sender_of(channel) if channel else publication.sender_in(tag)
    address = publication.postal_address.get(tag, "")
    footer = publication.footer.get(tag, "")
    if channel:
        address, footer = publication.postal_address_of(channel), publication.footer_of(channel)
    logo = publication.look.logo
    return Frame(
        language=tag,
        direction=language(tag).direction,
        publication_title=publication.title_in(tag),
        publication_url=f"{site}/",
        sender_name=sender.name,
        postal_address=address.strip().splitlines(),
        footer=footer.strip().splitlines(),
        look=publication.look,
        logo_url=urljoin(f"{site}/", logo) if logo else "",
        **vars(said),
    )
