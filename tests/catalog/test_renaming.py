"""A thing gets another name, keeps its identity, and nobody else can take the name it had."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts.domain.errors import SlugTaken
from catalog.models import Name, System
from catalog.selectors import landscape as selectors
from catalog.services import landscape
from catalog.services.entries import rename_entry
from foundation.clock import db_now
from foundation.conditional import VersionMoved
from foundation.errors import DomainError


def renamed(given, slug, new, *, by="root", version=None, noun=landscape.SYSTEM):
    return rename_entry(noun, slug=slug, new=new, expected_version=version, **given.by(given.administrator(by)))


def aliases_of(slug):
    return selectors.with_aliases(selectors.systems()).get(slug_key=slug).aliases


def test_the_old_name_leads_to_the_renamed_thing_and_is_told_as_alias(given):
    system = given.system("sap")
    renamed(given, "sap", "SAP-S4", version=1)
    found = selectors.system_by_slug("SAP")
    assert (found.pk, found.slug, found.version) == (system.pk, "SAP-S4", 2)
    assert aliases_of("sap-s4") == ["sap"]
    assert selectors.systems_by_slugs(["sap", "none"])["sap"].pk == system.pk
    assert given.events(system) == ["catalog.system.registered", "catalog.system.renamed"]
    assert given.facts(system, "catalog.system.renamed") == {}
    assert System.history.filter(id=system.pk).count() == 2


def test_an_alias_cannot_be_taken_by_registering_or_renaming(given):
    given.system("sap")
    renamed(given, "sap", "s4")
    with pytest.raises(SlugTaken):
        landscape.register_system(slug="Sap", title="Other", kind="erp", **given.by("root"))
    given.system("other")
    with pytest.raises(SlugTaken):
        renamed(given, "other", "SAP")
    with pytest.raises(SlugTaken):
        renamed(given, "other", "s4")


def test_an_alias_of_another_kind_is_free(given):
    given.system("orders")
    renamed(given, "orders", "order-desk")
    assert given.data_object("orders").slug == "orders"


def test_renaming_back_works_and_leaves_the_middle_name_as_alias(given):
    system = given.system("sap")
    for new in ("s4", "sap", "hana", "s4"):
        given.later(minutes=1)
        renamed(given, system.slug if new == "s4" else selectors.system_by_slug("sap").slug, new)
    found = selectors.system_by_slug("hana")
    assert (found.pk, found.slug, found.version) == (system.pk, "s4", 5)
    assert set(aliases_of("s4")) == {"sap", "hana"}
    assert Name.objects.filter(entity_id=system.pk, is_current=True).count() == 1


def test_the_same_name_changes_nothing_and_another_spelling_does(given):
    given.system("sap")
    assert renamed(given, "sap", "sap").version == 1
    assert renamed(given, "sap", "SAP").version == 2
    assert aliases_of("sap") == []


def test_a_stale_version_is_refused(given):
    given.system("sap")
    with pytest.raises(VersionMoved):
        renamed(given, "sap", "s4", version=7)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", ["two renames", "a rename and a registration", "each takes the other's name", "an alias and its owner"])
def test_of_all_that_reach_for_one_name_at_once_exactly_one_gets_it(given, race):
    """With real threads: the database decides, nobody waits for ever, and what loses changed nothing."""
    given.now = db_now()
    for slug in ("one", "two", "was-three"):
        given.system(slug)
    renamed(given, "was-three", "three")
    by = given.by(given.administrator())
    attempts = {
        "two renames": [("one", "new"), ("two", "new")] * 4,
        "a rename and a registration": [("one", "new"), (None, "new")] * 4,
        "each takes the other's name": [("one", "two"), ("two", "one")] * 4,
        "an alias and its owner": [("three", "was-three"), ("one", "was-three"), (None, "was-three")] * 3,
    }[race]
    gate = threading.Barrier(len(attempts))

    def attempt(slug, new):
        gate.wait()
        try:
            if slug is None:
                landscape.register_system(slug=new, title="New", kind="other", **by)
            else:
                rename_entry(landscape.SYSTEM, slug=slug, new=new, expected_version=1 if slug != "three" else 2, **by)
        except DomainError as error:
            return error.code
        finally:
            connections.close_all()
        return "got it"

    with ThreadPoolExecutor(len(attempts)) as pool:
        answers = list(pool.map(attempt, *zip(*attempts, strict=True)))
    assert set(answers) <= {"got it", "slug-taken", "version-moved"}
    # Several may own the wish at the same version: only the first of them moves it on.
    expected = {"each takes the other's name": 0, "two renames": 1, "a rename and a registration": 1, "an alias and its owner": 1}
    assert answers.count("got it") == expected[race]
    keys = list(System.objects.values_list("slug_key", flat=True))
    assert len(keys) == len(set(keys))
    assert set(Name.objects.filter(kind="system", is_current=True).values_list("key", flat=True)) == set(keys)
