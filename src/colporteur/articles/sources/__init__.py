"""Polled sources: an existing site's feed, sitemap or REST API becomes articles."""
