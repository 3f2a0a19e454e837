"""Structured logs: one line an event (issue 9)."""
