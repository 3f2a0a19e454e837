"""``make bench``: our figure, the rival's or the limit's, and the ratio, in one run."""

from bench.composing import section as composing
from bench.feeds import section as feeds
from bench.polling import section as polling

for section in (composing, feeds, polling):
    section()
