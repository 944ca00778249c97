"""What only one of two worlds has: integrations that a stranger may not see, with everything that can hang on one."""

from typing import Any

from catalog.models import FieldSource, Integration
from catalog.services import bulk, documents, grants, integrations, live, relations, roadmap
from catalog.services.views import save_view
from governance.services import subscriptions
from governance.services.notifications import tell
from runtime_adapters.domain.states import DeploymentState

SLUGS = {"early": "unseen-flow", "late": "unseen-later"}


def common(given: Any) -> None:
    """What both worlds begin with: the landscape that everybody sees, and the people."""
    given.administrator("root")
    given.team("payments", members=["olga"])
    for name in ("ann", "bob", "cid", "vera", "eve"):
        given.person(name)
    given.endpoints()
    given.agent()
    given.policy()


def add_unseen(given: Any, when: str) -> None:
    """A restricted integration on the shared systems, registered `early`, before all others, or `late`, after them."""
    slug, by = SLUGS[when], given.by("olga")
    ends = [{**end, "fields_touched": ["customer.email", "needle"]} for end in given.endpoints()]
    promises = {
        "tags": ["needle"],
        "labels": {"needle": "needle"},
        "support": {"channel": "#needle"},
        "reuse_check": "needle",
        "technical_owner": "olga",
        "co_owners": ["olga"],
    }
    integrations.register_integration(
        slug=slug, title="Needle orders payments", purpose="needle", type="flow", team="payments", tier=1, endpoints=ends,
        visibility="restricted", **promises, **by,
    )  # fmt: skip
    documents.write_document(integration=slug, section="overview", body="# Needle\n\nneedle customer.email", expected_version=None, **by)
    grants.add_grant(integration=slug, right="view", user="vera", **by)
    roadmap.add_item(integration=slug, title="needle", quarter="2027-Q1", **by)
    subscriptions.subscribe(integration=slug, **by)
    save_view(title=f"needle {slug}", query="q=needle", is_shared=False, **by)
    _deliver(given, slug)
    _touch(given, slug, by)
    if when == "late":
        for target_kind, target in (("integration", "open-one"), ("system", "erp"), ("component", "round-amounts")):
            relations.add_relation(
                type="uses", source_kind="integration", source=slug, target_kind=target_kind, target=target, note="needle", **by
            )


def _deliver(given: Any, slug: str) -> None:
    """One release that ran and one that is being asked for."""
    given.releasable(slug, "1.0.0")
    change = given.asked("1.0.0", integration=slug)
    given.vote(change, "ann")
    given.vote(change, "bob")
    given.ended(change, DeploymentState.SUCCEEDED)
    given.releasable(slug, "1.1.0", every_s=9)
    given.asked("1.1.0", integration=slug)


def _touch(given: Any, slug: str, by: dict[str, Any]) -> None:
    """What machines and batches leave behind, and what others were told."""
    row = Integration.objects.get(slug=slug)
    bulk.apply_rows(rows=[{"slug": slug, "version": row.version, "business_value": "needle"}], **by)
    FieldSource.objects.create(
        integration=row, field="title", label="needle", path="needle.json", value_digest="sha256:" + "0" * 64, at=given.now
    )
    tell([given.person("eve").pk], kind="document", key=f"needle-{slug}", title="needle", integration_id=row.id, now=given.now)
    live.record_live(
        integration_id=row.id,
        environment_id=given.environment("production").id,
        runtime_key="agent",
        release_id=given.release(row).id,
        at=given.now,
    )
