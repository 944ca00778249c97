"""Keeping owners real over HTTP: attestations, campaigns, escalations."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.domain.vocabulary import EntityKind
from catalog.selectors.conditions import by_name
from foundation.edge.schema import listed
from foundation.edge.views import Edge
from foundation.filters import absent, choice, compile_filters, uuid
from foundation.filters import slug as slug_filter
from governance.api import stewardship_shapes as shapes
from governance.models import Campaign, Escalation
from governance.selectors import stewardship as selectors
from governance.services import attestations, campaigns
from governance.services.boards import require_administrator

_ATTESTATIONS = {
    "answer": choice("answer", shapes.ANSWERS),
    "unanswered": absent("answered_at"),
    "integration": by_name(EntityKind.INTEGRATION, "integration"),
}

_ATTESTED = listed(shapes.AttestationSerializer)


class Campaigns(Edge):
    """Rounds of asking owners."""

    scopes: ClassVar = {"get": "catalog:read", "post": "admin"}
    filters = compile_filters(
        {"state": choice("state", Campaign.State.values)}, sorts={"opened_at": ("opened_at",)}, default_sort="-opened_at"
    )

    @extend_schema(operation_id="campaigns_list", responses=listed(shapes.CampaignSerializer))
    def get(self, _request: Request) -> Response:
        """List campaigns, newest first."""
        return self.page(shapes.CampaignSerializer, selectors.campaigns())

    @extend_schema(operation_id="campaigns_open", request=shapes.OpenCampaignSerializer, responses={201: shapes.CampaignDetailSerializer})
    def post(self, _request: Request) -> Response:
        """Ask the owners of every integration that a filter of the list finds (administrators)."""
        require_administrator(self.request.viewer)
        campaign = campaigns.open_campaign(**self.read(shapes.OpenCampaignSerializer), **self.by())
        return _campaign(self, campaign.id, status=201)


class CampaignDetail(Edge):
    """One round."""

    scopes: ClassVar = {"get": "catalog:read"}

    @extend_schema(operation_id="campaigns_retrieve", responses=shapes.CampaignDetailSerializer)
    def get(self, _request: Request, campaign_id: UUID) -> Response:
        """Show a campaign with its progress, counted over what the caller may see."""
        return _campaign(self, campaign_id)


class CampaignClosing(Edge):
    """The end of a round."""

    scopes: ClassVar = {"post": "admin"}

    @extend_schema(operation_id="campaigns_close", request=None, responses=shapes.CampaignDetailSerializer)
    def post(self, _request: Request, campaign_id: UUID) -> Response:
        """Close a campaign; what nobody answered stays unanswered (administrators)."""
        campaigns.close_campaign(campaign_id=campaign_id, **self.by())
        return _campaign(self, campaign_id)


def _campaign(view: Edge, campaign_id: UUID, status: int = 200) -> Response:
    found = selectors.campaign(campaign_id)
    context = {"request": view.request, "progress": selectors.progress_of([found.id], view.request.viewer)}
    headers = {"Location": f"/api/v1/campaigns/{found.id}"} if status == 201 else {}
    return view.answer(shapes.CampaignDetailSerializer(found, context=context).data, status, headers=headers)


class CampaignAttestations(Edge):
    """What a round asked, and what was said."""

    scopes: ClassVar = {"get": "catalog:read"}
    filters = compile_filters(_ATTESTATIONS, sorts={"integration": ("integration__slug_key",)}, default_sort="integration")
    list_on = ("get",)

    @extend_schema(operation_id="campaigns_attestations_list", responses=_ATTESTED)
    def get(self, _request: Request, campaign_id: UUID) -> Response:
        """List what a campaign asks about the integrations that the caller may see."""
        return self.page(shapes.AttestationSerializer, selectors.attestations_of(selectors.campaign(campaign_id), self.request.viewer))


class Attestations(Edge):
    """What the caller is asked."""

    scopes: ClassVar = {"get": "catalog:read"}
    filters = compile_filters(
        {"campaign": uuid("campaign_id"), "integration": by_name(EntityKind.INTEGRATION, "integration")},
        sorts={"due_at": ("campaign__due_at",)},
        default_sort="due_at",
    )

    @extend_schema(operation_id="attestations_list", responses=_ATTESTED)
    def get(self, _request: Request) -> Response:
        """List what open campaigns ask the caller about and nobody has answered, by due date."""
        return self.page(shapes.AttestationSerializer, selectors.asked_of(self.request.viewer))


class BulkAnswers(Edge):
    """Many answers at once."""

    scopes: ClassVar = {"post": "catalog:write"}

    @extend_schema(operation_id="attestations_bulk", request=shapes.BulkAnswersSerializer, responses={200: shapes.BulkResultSerializer})
    def post(self, _request: Request) -> Response:
        """Confirm, correct or disown many integrations; each row succeeds or fails by itself, and the answer says how each went."""
        command = self.read(shapes.BulkAnswersSerializer)
        results = attestations.answer_many(**command, **self.by())
        refused = sum(result.problem is not None for result in results)
        shown = {"taken": len(results) - refused, "refused": refused, "results": [_row(result) for result in results]}
        return self.answer(shapes.BulkResultSerializer(shown).data)


def _row(result: attestations.Result) -> dict[str, Any]:
    row, problem = result.row, result.problem
    return {
        "integration": result.integration,
        "answer": result.answer,
        "status": "taken" if problem is None else "refused",
        "version": row.version if row else None,
        "attested_at": row.attested_at if row else None,
        "code": problem.code if problem else None,
        "detail": problem.detail if problem else None,
        "errors": list(problem.errors) if problem else [],
    }


class Attest(Edge):
    """An owner's word, outside any campaign."""

    scopes: ClassVar = {"post": "catalog:write"}

    @extend_schema(operation_id="integrations_attest", request=shapes.AttestSerializer, responses=shapes.AttestedSerializer)
    def post(self, _request: Request, slug: str) -> Response:
        """Confirm, correct or disown an integration; it also answers every open campaign that asks about it."""
        row = attestations.attest(integration=slug, **self.read(shapes.AttestSerializer), **self.by())
        return self.answer(shapes.AttestedSerializer(row).data, etag=row.version)


class Escalations(Edge):
    """What nobody has put right yet."""

    scopes: ClassVar = {"get": "catalog:read"}
    filters = compile_filters(
        {
            "kind": choice("kind", Escalation.Kind.values),
            "open": absent("closed_at"),
            "integration": by_name(EntityKind.INTEGRATION, "integration"),
            "team": slug_filter("integration__team__slug_key"),
        },
        sorts={"opened_at": ("opened_at",)},
        default_sort="-opened_at",
    )

    @extend_schema(operation_id="escalations_list", responses=listed(shapes.EscalationSerializer))
    def get(self, _request: Request) -> Response:
        """List escalations of integrations that the caller may see, newest first."""
        return self.page(shapes.EscalationSerializer, selectors.escalations_visible_to(self.request.viewer))
