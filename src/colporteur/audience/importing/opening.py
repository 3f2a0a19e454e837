"""Opens a list: a file, or the files of an archive; says what each of them was taken for."""

import csv
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from colporteur.audience.importing import formats
from colporteur.audience.importing.columns import (
    KNOWN,
    Columns,
    find_columns,
    has_header,
    name_key,
    require_fields,
    shown,
)
from colporteur.audience.importing.formats import Format
from colporteur.audience.importing.records import Record, csv_records, json_records
from colporteur.audience.importing.saying import RowRefused, said_in_cells, said_in_object
from colporteur.audience.importing.sniffing import (
    DAMAGED,
    DELIMITERS,
    ENCODINGS,
    Survey,
    sniff_delimiter,
    survey,
)
from colporteur.audience.importing.terms import Terms
from colporteur.audience.importing.words import Standing
from colporteur.exceptions import ImportRefused

_CHUNK = 1 << 20
_HEAD = 65_536
_LOOKED_AT = 100
_UNPACKED_AT_MOST = 1 << 30
_LISTS_AT_MOST = 100
_DAMAGED_ARCHIVE = (  # what zipfile raises of bytes that are not as they should be
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, LookupError, OverflowError),
)
_LISTS = (".csv", ".txt", ".tsv", ".jsonl", ".ndjson", ".json")


@dataclass(frozen=True)
class Part:
    """One file of a list and what it was taken for; ``standing``: what its rows are by default."""

    name: str
    member: str | None  # in an archive
    survey: Survey
    encoding: str
    format: Format
    delimiter: str
    columns: Columns
    standing: Standing
    said: Mapping[str, str]  # by whoever reads it in

    def taken_for(self) -> str:
        """In a sentence: format, encoding, delimiter."""
        encoding = ENCODINGS.get(self.encoding, self.encoding)
        if self.survey.mixed and self.encoding.startswith("utf-8"):
            encoding += ", Windows-1252 where it is not"
        if self.format is Format.JSONL:
            return f"JSON Lines in {encoding}"
        whose = {Format.CSV: ""}.get(self.format, f" of {self.format.value.title()}")
        return f"CSV{whose} in {encoding}, delimiter {DELIMITERS[self.delimiter]}"


@dataclass(frozen=True)
class ListFile:
    """A list as it lies on the disk; ``lines`` is about how many rows it has."""

    path: Path
    hash: str
    parts: tuple[Part, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """What stands above its rows, where they are alike; else of each there is the text."""
        only = self.parts[0]
        if len(self.parts) > 1 or only.format is Format.JSONL:
            return ("row",)
        return only.columns.header or _numbered(only)

    @property
    def is_jsonl(self) -> bool:
        """Whether all its rows are objects."""
        return all(part.format is Format.JSONL for part in self.parts)

    @property
    def lines(self) -> int:
        """How many lines it has in all."""
        return sum(part.survey.lines for part in self.parts)


def look_at(path: Path, terms: Terms) -> ListFile:
    """Find out what a file is, in one pass over it.

    Raises:
        ImportRefused: it is no list, or holds no column of addresses.
    """
    try:
        with path.open("rb") as file:
            whole = survey(iter(lambda: file.read(_CHUNK), b""))
        if whole.size and zipfile.is_zipfile(path):
            return ListFile(path, whole.hash, _archived(path, terms))
        if not whole.size:
            raise ImportRefused(f"{path.name} is empty.", cure="Export the list once more.")
        return ListFile(path, whole.hash, (_part(path, None, whole, terms),))
    except OSError as error:
        raise ImportRefused(
            f"{path} cannot be read: {error.strerror or error}.", cure="Check the path."
        ) from None


def records(file: ListFile, part: Part) -> Iterator[tuple[Record, Mapping[str, str] | str]]:
    """The rows of a part, each with what it says by our names, or why it cannot be read."""
    with _text(file.path, part.member, part.encoding) as text:
        if part.format is Format.JSONL:
            unwanted = formats.UNWANTED.get(part.format, ())
            for record, found in json_records(text):
                yield record, record.trouble or _said_or_why(found, part, unwanted)
            return
        rows = csv_records(text, part.delimiter)
        if part.columns.header:
            next(rows)
        for record in rows:
            if record.trouble:
                yield record, record.trouble
                continue
            try:
                yield record, said_in_cells(record.cells, part.columns, mixed=part.survey.mixed)
            except RowRefused as error:
                yield record, error.message


def _numbered(part: Part) -> tuple[str, ...]:
    """Columns without names, which ``--column`` takes by these numbers; the found one is named."""
    names = [str(place + 1) for place in range(part.columns.width)]
    if "email" not in part.said:
        names[part.columns.places["email"]] = "email"
    return tuple(names)


def _said_or_why(
    found: Mapping[str, Any], part: Part, unwanted: Sequence[str]
) -> Mapping[str, str] | str:
    """What an object says, or why that cannot be read."""
    try:
        return said_in_object(found, part.said, unwanted)
    except RowRefused as error:
        return error.message


def _archived(path: Path, terms: Terms) -> tuple[Part, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            lists = _lists_in(archive, path.name)
            _require_bounded(archive, lists, path.name)
            return tuple(
                _part(path, name, _survey(archive, name), terms)
                for name in formats.most_cautious_first(lists)
                if archive.getinfo(name).file_size
            )
    except _DAMAGED_ARCHIVE as error:
        raise ImportRefused(
            f"The archive {path.name} cannot be read: {error}.",
            cure="Unpack it, and import its files one by one.",
        ) from None


def _lists_in(archive: zipfile.ZipFile, whose: str) -> list[str]:
    names = [one.filename for one in archive.infolist() if not one.is_dir()]
    if "xl/workbook.xml" in names:
        raise ImportRefused(
            f"{whose} is a workbook of a spreadsheet.",
            cure="Save its sheet as CSV (UTF-8) there, and import that.",
        )
    lists = [
        name for name in names if name.lower().endswith(_LISTS) and not name.startswith("__MACOSX")
    ]
    if not lists:
        raise ImportRefused(
            f"The archive {whose} holds no list.",
            cure=f"It should hold files that end in {', '.join(_LISTS)}.",
        )
    return lists


def _require_bounded(archive: zipfile.ZipFile, lists: Sequence[str], whose: str) -> None:
    """Refuse what would unpack for hours: a bomb of 10 MB may hold terabytes.

    The sizes are those that it states; no more than stated is read of any file.
    """
    size = sum(archive.getinfo(name).file_size for name in lists)
    if size > _UNPACKED_AT_MOST or len(lists) > _LISTS_AT_MOST:
        raise ImportRefused(
            f"The archive {whose} holds {len(lists):,} lists of {size / 1_048_576:,.0f} MB.",
            cure="Unpack it, and import its files one by one.",
        )


def _survey(archive: zipfile.ZipFile, name: str) -> Survey:
    with archive.open(name) as file:
        return survey(iter(lambda: file.read(_CHUNK), b""))


def _part(path: Path, member: str | None, found: Survey, terms: Terms) -> Part:
    name = Path(member or path).name
    encoding = terms.encoding or found.encoding
    try:
        with _text(path, member, encoding) as text:
            head = text.read(_HEAD)
    except LookupError:
        raise ImportRefused(
            f"There is no encoding {encoding!r}.", cure="Such as utf-8, cp1252 or mac_roman."
        ) from None
    begins = head.lstrip("\ufeff \t\r\n")[:1]
    if begins == "[" and terms.format in {None, Format.JSONL}:
        raise ImportRefused(
            f"{name} is one JSON array.", cure="Write an object a line: jq -c '.[]' FILE"
        )
    if terms.format is Format.JSONL or (begins == "{" and terms.format is None):
        columns = _object_columns(head, terms.columns)
        format_, delimiter = Format.JSONL, ""
    else:
        delimiter = terms.delimiter or sniff_delimiter(head, KNOWN, name_key)
        first = _first_row(head, delimiter, name)
        format_ = terms.format or formats.recognise(first)
        columns = find_columns(first, terms.columns, formats.UNWANTED.get(format_, ()))
    standing = formats.standing_of_file(name, columns.header, format_)
    return Part(name, member, found, encoding, format_, delimiter, columns, standing, terms.columns)


def _first_row(head: str, delimiter: str, name: str) -> list[str]:
    first = next(csv_records(io.StringIO(head, newline=""), delimiter), None)
    if first is None or first.trouble:
        raise ImportRefused(
            f"The first row of {name} cannot be read: {first.trouble if first else 'it is empty'}.",
            cure="Correct it, or say what the file is: --delimiter, --encoding, --format.",
        )
    cells = list(first.cells)
    if not has_header(cells) or any(name_key(cell) for cell in cells):
        return cells
    raise ImportRefused(f"The first row of {name} names no columns.", cure="Name them there.")


def _object_columns(head: str, said: Mapping[str, str]) -> Columns:
    """What the first objects of a JSON Lines file call their values."""
    require_fields(said)
    keys: dict[str, None] = {}
    for _, found in islice(json_records(io.StringIO(head)), _LOOKED_AT):
        keys |= dict.fromkeys(found)
    header = tuple(keys)
    places = {
        field: at
        for at, key in enumerate(header)
        if (field := KNOWN.get(name_key(key))) is not None
    }
    places = {field: at for field, at in places.items() if field not in said}
    places |= {field: header.index(key) for field, key in said.items() if key in header}
    if "email" not in places:
        raise ImportRefused(
            f"None of these is an address: {shown(', '.join(header)) or 'there are no objects'}.",
            cure="Say which is: --column email=…",
        )
    return Columns(header, places, len(header))


@contextmanager
def _text(path: Path, member: str | None, encoding: str) -> Iterator[io.TextIOWrapper]:
    """A part as text; bytes that are not in its encoding come through as lone surrogates.

    Raises:
        ImportRefused: the encoding is none that a file can be in, or not this file.
    """
    wide = encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32"))
    errors = "replace" if wide else DAMAGED
    with _bytes(path, member) as raw:
        try:
            yield io.TextIOWrapper(raw, encoding, errors, newline="")
        except UnicodeError:
            raise ImportRefused(
                f"{shown(Path(member or path).name)} cannot be read as {encoding}.",
                cure="Say another: --encoding, such as utf-8, cp1252, mac_roman or utf-16-le.",
            ) from None


@contextmanager
def _bytes(path: Path, member: str | None) -> Iterator[IO[bytes]]:
    if member is None:
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive, archive.open(member) as inner:
        yield inner


def row_text(cells: Sequence[str], delimiter: str) -> str:
    """A row's cells as one line of CSV, to be shown beside the reason of a refusal."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter or ",", lineterminator="").writerow(cells)
    return out.getvalue()
