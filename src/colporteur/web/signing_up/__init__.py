"""Signing up on the web: the form, its page, a form for other sites, and the button of the letter."""
