"""Tells programs elsewhere what happens here, signed as Standard Webhooks has it."""
