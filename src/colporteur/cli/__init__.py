"""The command line: ``colporteur --help``."""

from colporteur.cli.app import main, worker_app

__all__ = ["main", "worker_app"]
