"""Readers: their addresses, subscriptions and choices, and how they leave."""
