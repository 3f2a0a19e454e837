"""When an address is given up that takes no mail for now, again and again. Pure.

The rule is decision 0014: five deliveries that came back softly, the first at least fifteen days
before the last, and none in between that was delivered.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

DELIVERIES = 5
SPAN = timedelta(days=15)
QUIET = timedelta(days=2)
"""A delivery that was taken and about which nothing came back for so long was delivered."""


def given_up(softly: Mapping[int, datetime], delivered: Collection[datetime]) -> bool:
    """Whether an address is given up.

    ``softly``: when each delivery left that came back softly, by its id; ``delivered``: when each
    left that did not. Moments are when mail left, not when news of it came: relays try for days,
    and what they are still trying stands behind the last that came back.
    """
    if not softly:
        return False
    last = max(softly.values())
    arrived = max((at for at in delivered if at < last), default=None)
    run = [at for at in softly.values() if arrived is None or at > arrived]
    return len(run) >= DELIVERIES and last - min(run) >= SPAN
