"""Polled sources: an existing site's feed, sitemap or REST API becomes articles.

Readers (``feeds``, ``jsonfeeds``, ``sitemaps``, ``wordpress``) make raw entries of a document,
``mending`` makes submissions of those, ``polling`` decides when to ask again, ``taking`` records,
and ``fetching`` is the edge that does it all for one source.
"""
