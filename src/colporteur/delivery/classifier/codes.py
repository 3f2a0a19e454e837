"""What enhanced status codes mean, without their first digit: RFC 3463 and IANA's registry."""

from colporteur.delivery.classifier.verdicts import Verdict

MEANINGS: dict[str, Verdict] = {
    "1.1": Verdict.HARD,
    "1.2": Verdict.HARD,
    "1.3": Verdict.HARD,
    "1.6": Verdict.HARD,  # has moved: was valid once, takes no mail any more
    "1.10": Verdict.HARD,  # RFC 7505: the domain takes no mail
    "1.7": Verdict.MESSAGE,
    "1.8": Verdict.MESSAGE,
    "2.1": Verdict.SOFT,
    "2.2": Verdict.SOFT,
    "2.3": Verdict.MESSAGE,
    "3.4": Verdict.MESSAGE,
    "4.1": Verdict.SOFT,
    "4.2": Verdict.SOFT,
    "4.3": Verdict.SOFT,
    "4.4": Verdict.SOFT,
    "4.5": Verdict.SOFT,
    "4.6": Verdict.SOFT,
    "4.7": Verdict.SOFT,
    "7.8": Verdict.MESSAGE,  # our own credentials
    "7.9": Verdict.MESSAGE,
    "7.20": Verdict.POLICY,  # RFC 7372 and on: DKIM, SPF, reverse DNS
    "7.21": Verdict.POLICY,
    "7.22": Verdict.POLICY,
    "7.23": Verdict.POLICY,
    "7.24": Verdict.POLICY,
    "7.25": Verdict.POLICY,
    "7.26": Verdict.POLICY,
    "7.27": Verdict.POLICY,
    "7.28": Verdict.RATE,
    "7.30": Verdict.POLICY,
    "7.350": Verdict.POLICY,
    "7.509": Verdict.POLICY,
    "7.515": Verdict.POLICY,
    "7.606": Verdict.POLICY,
    "7.708": Verdict.POLICY,
    "7.750": Verdict.POLICY,
}
