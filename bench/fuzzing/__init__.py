"""Bytes from strangers, in every shape: what reads them may refuse them, and nothing else."""
