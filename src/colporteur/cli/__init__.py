"""The command line: ``colporteur --help``."""

import gc

gc.disable()  # nothing of what is imported is garbage, and looking for it costs a fifth of a start
from colporteur.cli.app import main, worker_app  # noqa: E402 - after that

gc.freeze()  # nor will it be; workers that fork go on sharing it
gc.enable()

__all__ = ["main", "worker_app"]
