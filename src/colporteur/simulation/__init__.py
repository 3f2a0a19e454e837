"""A synthetic publication on a fake clock: proves that each reader gets each article once."""
