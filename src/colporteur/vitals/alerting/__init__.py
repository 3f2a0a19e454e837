"""Tells operators what is wrong: once when it begins, daily while it lasts, and when it ends."""
