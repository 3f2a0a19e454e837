"""What the log's entries say: a message of the catalogues for each action. Pure."""

from collections.abc import Mapping

FAMILIES: Mapping[str, str] = {
    "person": "People",
    "token": "Tokens",
    "article": "Articles",
    "edition": "Editions",
    "special": "Special editions",
    "reader": "Readers",
    "publication": "Settings",
    "sending": "All sending",
    "webhook": "Webhooks",
}
"""What the first word of actions stands for."""

PLACES: Mapping[str, str] = {
    "person": "/newsroom/people/{}",
    "article": "/newsroom/articles/{}",
    "edition": "/newsroom/editions/{}",
    "special": "/newsroom/specials/{}",
    "reader": "/newsroom/readers/{}",
}
"""Where the subjects of entries are, by their kind."""

SENTENCES: Mapping[str, str] = {
    "person.signed_in": "Signed in",
    "person.code_refused": "Gave the right password, but a wrong code",
    "person.signed_out": "Signed out elsewhere",
    "person.password": "Chose a password",
    "person.described": "Changed their profile",
    "person.factor_on": "Turned the second factor on",
    "person.factor_off": "Turned the second factor off",
    "person.new_codes": "Made new recovery codes",
    "person.invited": "Invited somebody",
    "person.added": "Added somebody",
    "person.role": "Gave somebody another role",
    "person.disabled": "Shut somebody out",
    "person.enabled": "Let somebody in again",
    "person.link_sent": "Sent somebody a link to choose a password",
    "person.link_made": "Made a link to choose a password",
    "token.made": "Made a token",
    "token.revoked": "Ended a token",
}
