"""Readers of files: bytes in, submissions out. Each format is a module."""

from colporteur.articles.formats.reading import MAX_BYTES, SUFFIXES, read_file

__all__ = ["MAX_BYTES", "SUFFIXES", "read_file"]
