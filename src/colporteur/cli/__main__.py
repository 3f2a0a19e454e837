"""``python -m colporteur.cli`` is ``colporteur``."""

from colporteur.cli.app import main

main()
