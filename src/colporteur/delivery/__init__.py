"""Delivery: messages, transports, and the ledger in which every one of them is accounted for."""
