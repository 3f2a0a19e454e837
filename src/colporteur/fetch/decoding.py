"""Unpacks what a server packed, and stops at a limit: a bomb of 10 kB may unpack to gigabytes."""

import zlib
from collections.abc import Iterable

from colporteur.exceptions import AnswerTooLong, FetchFailed

_ANY_HEADER = 32 + zlib.MAX_WBITS  # zlib then tells gzip from deflate by itself


def read_bounded(chunks: Iterable[bytes], coding: str, limit: int) -> bytes:
    """The body of at most ``limit`` bytes, packed or not.

    Raises:
        FetchFailed: it is longer, packed in another way than gzip or deflate, or damaged.
    """
    coding = coding.strip().lower()
    if coding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise FetchFailed(f"The answer is packed as {coding[:40]!r}, which was not asked for.")
    unpacker = None if coding in {"", "identity"} else zlib.decompressobj(_ANY_HEADER)
    body, packed = bytearray(), 0
    for chunk in chunks:
        packed += len(chunk)
        body += chunk if unpacker is None else _unpack(unpacker, chunk, limit + 1 - len(body))
        if len(body) > limit:
            raise AnswerTooLong(f"The answer is longer than {limit / 1_048_576:.0f} MB.")
    if unpacker is not None and packed and not unpacker.eof:
        raise FetchFailed("The answer's gzip data breaks off.")
    return bytes(body)


def _unpack(unpacker: "zlib._Decompress", chunk: bytes, at_most: int) -> bytes:
    try:
        return unpacker.decompress(chunk, max(at_most, 1))
    except zlib.error:
        raise FetchFailed("The answer says that it is gzip, and is not.") from None
