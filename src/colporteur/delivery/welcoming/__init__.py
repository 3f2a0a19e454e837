"""Readers who sign up: the letters they get, the edition they may have at once, and the gates."""
