"""``make bench``: our figure, the rival's or the limit's, and the ratio, in one run."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))  # real servers

from bench.composing import section as composing
from bench.editions import section as editions
from bench.feeds import section as feeds
from bench.polling import section as polling
from bench.signing import section as signing
from bench.specials import section as specials
from bench.visible import section as visible

for section in (composing, signing, editions, specials, feeds, polling, visible):
    section()
