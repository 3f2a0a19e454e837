"""The command line: ``colporteur --help``."""

from colporteur.cli.app import main

__all__ = ["main"]
