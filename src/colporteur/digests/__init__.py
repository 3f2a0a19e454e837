"""Digests: a frozen variant becomes a subject, a text and an HTML body that people open."""
