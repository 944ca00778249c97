"""Tier policies, owners, attestations, campaigns, escalations and leaving."""

from datetime import timedelta
from typing import Any

from governance.services.campaigns import open_campaign

WHO = {
    **dict.fromkeys(
        [
            "tier_policies_list",
            "tier_policies_retrieve",
            "tier_policies_history_list",
            "ownership_gaps_list",
            "campaigns_list",
            "campaigns_retrieve",
            "campaigns_attestations_list",
            "attestations_list",
            "attestations_bulk",
            "escalations_list",
        ],
        "everybody",
    ),
    **dict.fromkeys(
        ["tier_policies_update", "campaigns_open", "campaigns_close", "users_reassignment_plan", "users_deactivate"], "administrators"
    ),
    "integrations_owners_retrieve": "who sees it",
    "integrations_attest": "who owns it",
}
BODIES = {
    "campaigns_open": {"due_at": "2199-01-01T00:00:00Z"},
    "integrations_attest": {"answer": "confirm"},
    "attestations_bulk": {"answers": [{"integration": "orders-to-erp", "answer": "confirm"}]},
}
OWN_NAMES = {"campaigns": "campaign_id"}


def places(estate: Any) -> dict[str, str]:
    """A campaign about everything, so that lists could show what is hidden."""
    given = estate.given
    campaign = open_campaign(title="Everything", query="", due_at=given.now + timedelta(days=14), **given.by("root"))
    return {"campaign_id": str(campaign.pk), "tier": "2"}
