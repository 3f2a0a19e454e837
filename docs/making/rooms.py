"""Where each page stands on the site: rooms are tabs, sections gather pages in them.

Pages are named as in the tree, from its top; one that no room names stops ``make docs``. A name without a page is passed over.
"""

Page = tuple[str, str]
Section = tuple[str, "list[Page]"]

DECISIONS = "docs/decisions/"

ROOMS: list[tuple[str, list[Page | Section]]] = [
    (
        "Start",
        [
            ("Colporteur", "docs/index.md"),
            ("Try it", "README.md"),
            ("Tutorial: a first special edition", "docs/tutorial.md"),
            ("Coming from another tool", "docs/coming-from.md"),
            ("The words", "docs/words.md"),
            ("What changed", "CHANGELOG.md"),
        ],
    ),
    (
        "Editors",
        [
            ("In five minutes", "docs/editors.md"),
            ("The newsroom", "docs/newsroom.md"),
            ("Editions", "docs/editions.md"),
            ("Readers", "docs/readers.md"),
            ("Lists of readers", "docs/importing.md"),
        ],
    ),
    (
        "Designers",
        [
            ("From a colour to a page", "docs/designers.md"),
            ("Templates", "docs/templates.md"),
        ],
    ),
    (
        "Operators",
        [
            ("Running it", "docs/operators.md"),
            (
                "A publication",
                [
                    ("Its files", "docs/publication.md"),
                    ("Settings", "docs/settings.md"),
                    ("Feeds", "docs/feeds.md"),
                ],
            ),
            (
                "Mail",
                [
                    ("Relays, limits, answers", "docs/delivery.md"),
                    ("Signed mail", "docs/signing.md"),
                    ("Bounces and complaints", "docs/bounces.md"),
                ],
            ),
            (
                "Care",
                [
                    ("What it shows", "docs/monitoring.md"),
                    ("Alerts", "docs/alerts.md"),
                    ("Doctor", "docs/doctor.md"),
                    ("Backups", "docs/backup.md"),
                    ("Moving to PostgreSQL", "docs/moving.md"),
                    ("How large it may be", "docs/sizes.md"),
                    ("Upgrading", "docs/upgrading.md"),
                    ("What we guard against", "docs/threat-model.md"),
                    ("Reporting a weakness", "SECURITY.md"),
                ],
            ),
        ],
    ),
    (
        "Developers",
        [
            ("How it is built", "docs/architecture.md"),
            ("The rules", "docs/rules.md"),
            ("Working on it", "CONTRIBUTING.md"),
            ("The API", "docs/api.md"),
            ("Webhooks", "docs/webhooks.md"),
            ("Decisions", [("Why it is as it is", "docs/decisions/README.md")]),
            ("Measured", [("Under faults", "bench/faults.md"), ("Under load", "bench/soak.md")]),
        ],
    ),
    (
        "Reference",
        [
            ("Reference", "docs/reference/README.md"),
            ("Commands", "docs/reference/commands.md"),
            ("Settings", "docs/reference/settings.md"),
            ("A publication's keys", "docs/reference/publication.md"),
            ("API", "docs/reference/api.md"),
            ("Metrics", "docs/reference/metrics.md"),
        ],
    ),
]
"""Each room with its pages; the decisions that ``docs/decisions/`` holds follow their first page."""


def named() -> list[str]:
    """Every page that a room names."""
    found = []
    for _, entries in ROOMS:
        for _, what in entries:
            found += [what] if isinstance(what, str) else [page for _, page in what]
    return found
