"""Every error that Colporteur raises on purpose.

::

    ColporteurError
    ├── ConfigurationError        a setting is missing or wrong
    ├── ServiceUnavailable        the database, broker or relay does not answer
    │   └── OutcomeUnknown        the relay went silent when it had the whole message
    ├── EngineBusy                another process runs on this data folder
    ├── PublicationInvalid        the publication's TOML has mistakes (all of them)
    ├── EditRefused               a form of the newsroom asks for what cannot be
    ├── PublicationConflict       applying would overwrite changes not seen
    ├── UnknownName               no such channel, cadence, topic, article, reader
    │   └── Withdrawn             there was such an article, and it was taken back
    ├── ArticleRefused            an article cannot be taken in
    ├── SourceRefused             what a polled source answered cannot be read
    ├── AddressRefused            not an e-mail address one can write to
    ├── ImportRefused             a list of readers cannot be read in, or not like this
    ├── ChoiceRefused             what a reader asks of a channel cannot be
    ├── TransitionRefused         an edition's state does not allow this
    ├── ApprovalRefused           nobody asks for it, or not from this person
    ├── ResendRefused             an edition cannot be sent to a reader again
    ├── SpecialRefused            a special edition without content or readers
    │   └── NumberRefused         it goes to many, and their number was not typed right
    ├── NothingToSend             an edition brings nothing, or not to that reader
    ├── ArrangementRefused        an edition cannot be arranged like this
    │   └── ArrangementClosed     nor any more: its articles are fixed, or it leaves
    ├── TemplateBroken            a template does not render
    ├── TemplatesBroken           templates have mistakes (all of them)
    ├── FetchRefused              an address that must not be fetched (not public, not http)
    ├── FetchFailed               a server elsewhere did not answer, or not within the limits
    │   ├── HostUnknown           there is no such server
    │   └── AnswerTooLong         it sent more than the limit
    ├── PictureRefused            what lies at a picture's address cannot be shown in mails
    ├── HubRefused                a WebSub request that the hub does not take
    ├── HookForged                a webhook's request is not from the service it names
    ├── HookMalformed             nor can anybody read it
    ├── Forbidden                 somebody's role does not allow this
    ├── PersonRefused             what cannot become of somebody of the newsroom
    ├── ReaderStateRefused        what happens to a reader cannot happen in their state
    ├── ArchiveRefused            a backup is damaged, not ours, or of a newer release
    ├── RestoreRefused            it would overwrite something, or links would stop working
    ├── MoveRefused               a database cannot be moved, or not there
    └── TokenInvalid              a link's token is forged, cut or for another purpose
        └── TokenExpired          it was ours, and worked until some time ago

Each carries the thing it is about and, in ``cure``, what to do next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


class ColporteurError(Exception):
    """What went wrong, in a sentence for people; ``cure`` says what to do about it.

    ``exit_code`` is the command line's: 1 for what was refused, 2 for wrong use.
    """

    exit_code = 1

    def __init__(self, message: str, *, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure


class ConfigurationError(ColporteurError):
    """A setting (environment or ``.env``) is missing, unknown or malformed."""

    exit_code = 2


class ServiceUnavailable(ColporteurError):  # noqa: N818 - named for what it is
    """A server that is needed does not answer; the message names its address without secrets."""


class OutcomeUnknown(ServiceUnavailable):
    """The relay was lost after the message and before its answer: it may have been taken."""


class EngineBusy(ColporteurError):  # noqa: N818
    """Another ``colporteur up`` holds the data folder, or the port is taken."""


class PublicationInvalid(ColporteurError):  # noqa: N818
    """The publication's files have mistakes; ``mistakes`` holds a line for each."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        count = len(mistakes)
        super().__init__(
            f"{count} mistake{'s' if count > 1 else ''} in the publication:\n"
            + "\n".join(f"  {mistake}" for mistake in mistakes),
            cure="Mend the files and run `colporteur check` again.",
        )
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True)
class Fault:
    """What is wrong at a key of a publication. ``kind`` names the rule; it may be empty.

    ``path`` leads to the key (channels by their place in the list), ``problem`` says what is
    wrong and how it can be right, ``limits`` are the numbers of the rule.
    """

    path: tuple[str | int, ...]
    problem: str
    kind: str = ""
    limits: Mapping[str, object] = field(default_factory=dict)


class EditRefused(ColporteurError):  # noqa: N818
    """A change of the publication that cannot be; ``faults`` say where and why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        keys = (".".join(str(part) for part in one.path) for one in faults)
        said = [f"{key}: {one.problem}" for key, one in zip(keys, faults, strict=True)]
        super().__init__("; ".join(said) + ".", cure="Change what it says, and send it again.")
        self.faults = tuple(faults)


class PublicationConflict(ColporteurError):  # noqa: N818
    """The revision in force holds changes that the files have not seen."""


class UnknownName(ColporteurError):  # noqa: N818
    """Nothing has this name; the cure lists the names there are."""

    exit_code = 2


class Withdrawn(UnknownName):
    """The article was published once and has been withdrawn."""


class ArticleRefused(ColporteurError):  # noqa: N818
    """An article cannot be taken in; nothing of it was written.

    Where it is one field's fault, ``field`` names it and ``fault`` what is wrong with it in a
    word, with the numbers it is about in ``values``: for forms, which say it in other languages.
    """

    def __init__(
        self, message: str, *, cure: str = "", field: str = "", fault: str = "", **values: int
    ) -> None:
        super().__init__(message, cure=cure)
        self.field = field
        self.fault = fault
        self.values = values


class SourceRefused(ColporteurError):  # noqa: N818
    """What a polled source answered is no feed, no sitemap, or not safe to read."""


class AddressRefused(ColporteurError):  # noqa: N818
    """The text is no e-mail address that mail can be sent to."""


class ImportRefused(ColporteurError):  # noqa: N818
    """A list of readers cannot be read in as it is, or goes on otherwise than it began."""


class ChoiceRefused(ColporteurError):  # noqa: N818
    """What a reader asks of a channel cannot be: the cure says what can."""


class TransitionRefused(ColporteurError):  # noqa: N818
    """An edition in this state cannot do that; the cure says what it can."""


class ApprovalRefused(ColporteurError):  # noqa: N818
    """The edition asks for no approval, or not for this person's."""


class ResendRefused(ColporteurError):  # noqa: N818
    """An edition cannot be sent to a reader again; ``why`` is a word of ``delivery.resending``."""

    def __init__(self, message: str, *, cure: str, why: str) -> None:
        super().__init__(message, cure=cure)
        self.why = why


class SpecialRefused(ColporteurError):  # noqa: N818
    """A special edition that has nothing to say, nobody to say it to, or was not confirmed."""


class NumberRefused(SpecialRefused):
    """Many would get a special edition, and the number typed is not theirs; ``readers`` is."""

    def __init__(self, message: str, *, cure: str, readers: int) -> None:
        super().__init__(message, cure=cure)
        self.readers = readers


class NothingToSend(ColporteurError):  # noqa: N818
    """What was to be looked at, or tested, brings nothing, or not to that reader."""


class ArrangementRefused(ColporteurError):  # noqa: N818
    """An edition cannot be arranged like this."""


class ArrangementClosed(ArrangementRefused):
    """It is too late: the edition's articles are fixed, or it has begun to leave."""


class TemplateBroken(ColporteurError):  # noqa: N818
    """A template does not render; the message names its file and line.

    ``offending`` is the text in a rendered one that was refused, if one was.
    """

    def __init__(self, message: str, *, cure: str = "", offending: str = "") -> None:
        super().__init__(message, cure=cure)
        self.offending = offending


class TemplatesBroken(ColporteurError):  # noqa: N818
    """Templates or catalogues have mistakes; ``mistakes`` holds a line for each."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        count = len(mistakes)
        super().__init__(
            f"{count} mistake{'s' if count > 1 else ''} in the templates:\n"
            + "\n".join(f"  {mistake}" for mistake in mistakes),
            cure="Mend the files, or remove your copies, and run `colporteur check` again.",
        )
        self.mistakes = tuple(mistakes)


class FetchRefused(ColporteurError):  # noqa: N818
    """An address that must not be fetched: not http(s), or not on the public Internet."""


class FetchFailed(ColporteurError):  # noqa: N818
    """A server elsewhere did not answer in time, broke off, or sent more than the limit."""


class HostUnknown(FetchFailed):
    """The name servers know no address of a host: there is no such server."""


class AnswerTooLong(FetchFailed):
    """A server elsewhere sent more than the limit."""


class PictureRefused(ColporteurError):  # noqa: N818
    """No picture, one that mail programs do not show, one too large, or a damaged one."""


class HubRefused(ColporteurError):  # noqa: N818
    """The hub does not take a request; ``retry_after`` says in how many seconds it may."""

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class HookForged(ColporteurError):  # noqa: N818
    """A webhook's request is not from its service: signature, secret or topic are wrong."""


class HookMalformed(ColporteurError):  # noqa: N818
    """A webhook's request is nothing that its service sends."""


class Forbidden(ColporteurError):  # noqa: N818
    """Somebody of the newsroom may not do this."""


class PersonRefused(ColporteurError):  # noqa: N818
    """What cannot become of somebody of the newsroom, such as of its last admin."""


class ReaderStateRefused(ColporteurError):  # noqa: N818
    """Who is in this state cannot do that; the cure says what can happen."""


class ArchiveRefused(ColporteurError):  # noqa: N818
    """A backup's archive is damaged, none of ours, or of a newer release."""


class RestoreRefused(ColporteurError):  # noqa: N818
    """A restore would overwrite something, or what it puts there could not work."""


class MoveRefused(ColporteurError):  # noqa: N818
    """A database cannot be moved, or not to that place; it is as it was."""


class TokenInvalid(ColporteurError):  # noqa: N818
    """A token is forged, truncated or made for another purpose."""


class TokenExpired(TokenInvalid):
    """A token was ours and has expired; ``value`` is what it carried, to offer a new one."""

    def __init__(self, message: str, *, cure: str = "", value: tuple[int, str]) -> None:
        super().__init__(message, cure=cure)
        self.value = value
