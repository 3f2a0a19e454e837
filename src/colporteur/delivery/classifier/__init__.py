"""What a refusal means: the reader's address, or us. Pure; for SMTP replies and bounces alike.

"5.x.x is hard" is wrong: of real refusals a third would be held against readers who exist. So
words come first, then the enhanced code (RFC 3463), then the plain one; and an address is only
given up for what says that there is no such address. ``words`` has what servers say, by meaning
and language, ``codes`` what the enhanced codes mean.
"""

from colporteur.delivery.classifier.judging import (
    MAILBOX_FULL,
    NO_SUCH_ADDRESS,
    Judgement,
    classify,
    judge,
)
from colporteur.delivery.classifier.verdicts import Verdict

__all__ = ["MAILBOX_FULL", "NO_SUCH_ADDRESS", "Judgement", "Verdict", "classify", "judge"]
