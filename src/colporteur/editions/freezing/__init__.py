"""Freezes: which articles and readers an edition has, fixed in one transaction."""
