"""Plan, retire, delete, restore, register and rename, in any order, against a small model of names and of what is seen."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.domain.errors import SlugTaken
from catalog.domain.errors import NameGivenAway, SystemMissing
from catalog.domain.vocabulary import EntityKind
from catalog.models import Name, System, Tombstone
from catalog.selectors import landscape
from catalog.services import landscape as commands
from catalog.services.renaming import rename
from governance.domain.errors import AlreadyRetired, NotRetired, PlanMoved
from governance.services import deletion
from tests.given import Given

SLUGS = st.sampled_from(["ant", "bee", "cat", "dog"])
KIND = EntityKind.SYSTEM


class Names(RuleBasedStateMachine):
    """`now`: name → id; `aliases`: former name → id; `gone`: id → its names when it was deleted; `tokens`: id → (token, version)."""

    @initialize()
    def start(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.given = Given()
        self.by: dict[str, Any] = self.given.by(self.given.administrator())
        self.now: dict[str, Any] = {}
        self.aliases: dict[str, Any] = {}
        self.gone: dict[Any, tuple[str, list[str]]] = {}
        self.retired: set[Any] = set()
        self.tokens: dict[Any, str] = {}

    def teardown(self) -> None:
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def owner(self, slug: str) -> Any:
        return self.now.get(slug) or self.aliases.get(slug)

    @rule(slug=SLUGS)
    def register(self, slug: str) -> None:
        taken = self.owner(slug) is not None
        try:
            with transaction.atomic():
                row = commands.register_system(slug=slug, title=slug, kind="other", **self.by)
        except SlugTaken:
            assert taken
            return
        assert not taken
        assert row.pk not in self.gone
        self.now[slug] = row.pk

    @rule(slug=SLUGS, new=SLUGS)
    def rename(self, slug: str, new: str) -> None:
        key = self.now.get(slug)
        if key is None or slug == new:
            return
        taken = self.owner(new) not in {None, key}
        try:
            with transaction.atomic():
                row = System.objects.select_for_update().get(pk=key)
                rename(KIND, row, new, expected_version=None, actor=self.by["actor"], now=self.given.now)
        except SlugTaken:
            assert taken
            return
        assert not taken
        self.tokens.pop(key, None)
        self.aliases.pop(new, None)
        del self.now[slug]
        self.now[new], self.aliases[slug] = key, key

    @rule(slug=SLUGS)
    def plan(self, slug: str) -> None:
        key = self.owner(slug)
        if key is not None:
            self.tokens[key] = deletion.preview(kind=KIND, slug=slug, viewer=self.by["viewer"], now=self.given.now)[1].token

    @rule(slug=SLUGS)
    def retire(self, slug: str) -> None:
        key = self.owner(slug)
        try:
            with transaction.atomic():
                deletion.retire(kind=KIND, slug=slug, token=self.tokens.get(key, ""), **self.by)
        except SystemMissing:
            assert key is None
        except AlreadyRetired:
            assert key in self.retired
        except PlanMoved:
            assert key not in self.tokens
        else:
            assert key in self.tokens
            assert key not in self.retired
            self.retired.add(key)
            del self.tokens[key]

    @rule(slug=SLUGS)
    def tombstone(self, slug: str) -> None:
        key = self.owner(slug)
        try:
            with transaction.atomic():
                deletion.tombstone(kind=KIND, slug=slug, token=self.tokens.get(key, ""), **self.by)
        except SystemMissing:
            assert key is None
        except NotRetired:
            assert key not in self.retired
        except PlanMoved:
            assert key not in self.tokens
        else:
            assert key in self.tokens
            assert key in self.retired
            current = next(name for name, owner in self.now.items() if owner == key)
            former = [name for name, owner in self.aliases.items() if owner == key]
            self.gone[key] = current, former
            del self.now[current], self.tokens[key]
            for name in former:
                del self.aliases[name]

    @rule(data=st.data(), new=st.one_of(st.none(), SLUGS))
    def restore(self, data: st.DataObject, new: str | None) -> None:
        if not self.gone:
            return
        key = data.draw(st.sampled_from(sorted(self.gone)))
        current, former = self.gone[key]
        name = new or current
        taken = self.owner(name) is not None
        try:
            with transaction.atomic():
                row = deletion.restore(tombstone_id=key, slug=new, **self.by)[1]
        except NameGivenAway:
            assert taken
            return
        assert not taken
        assert row.pk == key
        del self.gone[key]
        self.now[name] = key
        for each in {current, *former} - {name}:
            if self.owner(each) is None:
                self.aliases[each] = key

    @invariant()
    def names_lead_where_the_model_says(self) -> None:
        if not hasattr(self, "now"):
            return
        assert {row.slug: row.pk for row in landscape.systems()} == self.now
        for slug in ("ant", "bee", "cat", "dog"):
            try:
                found = landscape.system_by_slug(slug).pk
            except SystemMissing:
                found = None
            assert found == self.owner(slug)
        assert set(Tombstone.objects.values_list("pk", flat=True)) == set(self.gone)
        rows = {(name.key, name.entity_id, name.is_current) for name in Name.objects.filter(kind=KIND)}
        assert rows == {(n, k, True) for n, k in self.now.items()} | {(n, k, False) for n, k in self.aliases.items()}


@pytest.mark.django_db
def test_names_and_what_is_seen_follow_the_model() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    quick = settings(max_examples=12, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Names, settings=quick)
