"""Benchmarks and pictures: figures side by side in one run, never in a timed test."""
