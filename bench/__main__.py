"""``make bench``: our figure, the rival's or the limit's, and the ratio, in one run.

``python -m bench delivery polling`` measures some sections.
"""

import importlib
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))  # real servers

SECTIONS = (
    "composing",
    "signing",
    "delivery",
    "editions",
    "specials",
    "feeds",
    "importing",
    "bounces",
    "polling",
    "visible",
)

if unknown := sorted({*sys.argv[1:]} - {*SECTIONS}):
    sys.exit(f"There is no section {unknown[0]}; there are {', '.join(SECTIONS)}.")
for name in sys.argv[1:] or SECTIONS:
    importlib.import_module(f"bench.{name}").section()
