"""Explanations: why a reader did or did not get an edition, and each article of it."""
