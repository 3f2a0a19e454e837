"""Feeds: a channel's articles become RSS, Atom and JSON Feed documents, stored as bytes."""
