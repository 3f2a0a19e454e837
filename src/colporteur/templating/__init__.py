"""Loads ``templates/``: sandboxed Jinja2 environments and the gettext catalogues beside them.

Mails and pages share it. An operator's folder comes in front of the shipped one, file by file;
what is broken there is noted and logged, and the shipped file serves in its place.
"""

from colporteur.templating.languages import Language, language
from colporteur.templating.templates import Templates

__all__ = ["Language", "Templates", "language"]
