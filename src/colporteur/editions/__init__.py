"""Editions: when a channel sends, what each reader gets, and the states in between."""
