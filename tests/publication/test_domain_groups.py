"""Which addresses share limits."""

from collections import Counter

from house import publication

from colporteur.config.limit import Limit
from colporteur.publication.domains import PRESETS, REST, group_by_domain, group_of


def groups(**own):
    return publication(domain_groups=own).groups_in_force()


def test_without_a_word_in_the_files_the_shipped_groups_are_in_force():
    assert groups() == PRESETS
    assert group_of("wanadoo.fr", groups()) == "orange"
    assert group_of("Hotmail.FR", groups()) == "microsoft"
    assert group_of("relais.example", groups()) == REST


def test_no_domain_is_in_two_shipped_groups():
    counts = Counter(one for group in PRESETS.values() for one in group.domains)
    assert max(counts.values()) == 1


def test_what_the_files_do_not_say_of_a_shipped_group_stays_as_shipped():
    found = groups(orange={"limits": ["5000/hour"]})["orange"]
    assert found.limits == (Limit(5000, 3600),)
    assert (found.domains, found.connections) == (PRESETS["orange"].domains, 2)
    assert groups(orange={"limits": []})["orange"].limits == ()


def test_a_group_that_is_off_leaves_its_addresses_to_the_rest():
    found = groups(orange={"off": True})
    assert "orange" not in found
    assert group_of("orange.fr", found) == REST


def test_a_domain_of_ones_own_group_leaves_the_shipped_one():
    found = groups(ours={"domains": ["orange.fr", "relais.example"], "connections": 1})
    assert group_of("orange.fr", found) == "ours"
    assert group_of("wanadoo.fr", found) == "orange"
    assert "orange.fr" not in found["orange"].domains
    assert len(group_by_domain(found)) == len(group_by_domain(PRESETS)) + 1


def test_a_domain_beyond_ascii_is_known_as_the_network_knows_it():
    found = groups(ours={"domains": ["Écoles.example"]})
    assert found["ours"].domains == ("xn--coles-9ra.example",)
