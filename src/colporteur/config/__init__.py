"""Typed settings, read once from the environment and ``.env`` and passed down.

Every setting is an environment variable named ``COLPORTEUR_`` and its name in capitals;
``COLPORTEUR_…_FILE`` names a file that holds the value (for secrets). No other module
reads the environment.
"""

from colporteur.config.settings import Settings, shipped
from colporteur.config.variables import PREFIX, SECRET_FILE, load_settings, with_variables

__all__ = ["PREFIX", "SECRET_FILE", "Settings", "load_settings", "shipped", "with_variables"]
