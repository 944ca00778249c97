"""/integrations/{slug}/owners and /ownership-gaps."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.selectors import people
from catalog.domain.ownership import missing_roles
from catalog.domain.vocabulary import OwnerRole
from catalog.selectors import integrations, owners, policies
from foundation.cursors import paginate
from foundation.edge.schema import listed
from foundation.edge.serializers import ReadSerializer
from foundation.edge.views import Edge, check_fields
from foundation.filters import boolean, compile_filters, integer
from foundation.filters import slug as slug_filter

_ROLES = [role.value for role in OwnerRole]


class OwnerSerializer(ReadSerializer):
    """Somebody named. `answers`: an active account of a person."""

    role = serializers.CharField(help_text="A role, or `co-owner`.")
    username = serializers.CharField()
    display_name = serializers.CharField()
    answers = serializers.BooleanField()


class OwnersSerializer(ReadSerializer):
    """Who answers for an integration. `team_members`: active people of its team and of the teams above it."""

    team = serializers.CharField()
    team_members = serializers.IntegerField()
    owners = OwnerSerializer(many=True)
    missing = serializers.ListField(child=serializers.ChoiceField(_ROLES))
    is_orphan = serializers.BooleanField()
    is_user_only = serializers.BooleanField()


class OwnershipGapSerializer(ReadSerializer):
    """An integration whose tier asks for more owners than answer for it."""

    slug = serializers.CharField()
    title = serializers.CharField()
    team = serializers.CharField(source="team.slug")
    tier = serializers.IntegerField()
    stage = serializers.CharField()
    is_orphan = serializers.BooleanField()
    missing = serializers.ListField(child=serializers.ChoiceField(_ROLES))


class OwnersView(Edge):
    """Who answers for one integration."""

    scopes = {"get": "catalog:read"}
    list_on = ()

    @extend_schema(responses=OwnersSerializer)
    def get(self, _request: Request, slug: str) -> Response:
        """Show its owners by role, the roles that its tier asks for and nobody holds, and whether anybody answers at all."""
        row = integrations.get_visible(slug, self.request.viewer)
        found = owners.owners_of([row])[row.id]
        held = [(role.value, account) for role, account in found.by_role.items()] + [("co-owner", each) for each in found.co_owners]
        named = people.by_ids({account.id for _, account in held})
        shown: dict[str, Any] = {
            "team": row.team.slug,
            "team_members": len(found.members),
            "owners": [
                {
                    "role": role,
                    "username": named[account.id].username,
                    "display_name": named[account.id].display_name,
                    "answers": account.answers,
                }
                for role, account in held
                if account.id in named
            ],
            "missing": [role.value for role in missing_roles(found, policies.tier_rules(row.tier))],
            "is_orphan": found.standing.is_orphan,
            "is_user_only": found.standing.is_user_only,
        }
        return self.answer(OwnersSerializer(shown).data)


class OwnershipGapsView(Edge):
    """Integrations that lack somebody to answer for them."""

    scopes = {"get": "catalog:read"}
    filters = compile_filters(
        {"orphan": boolean("is_orphan"), "tier": integer("tier"), "team": slug_filter("team__slug_key")},
        sorts={"slug": ("slug_key",), "tier": ("tier", "slug_key")},
        default_sort="slug",
    )

    @extend_schema(responses=listed(OwnershipGapSerializer))
    def get(self, _request: Request) -> Response:
        """List visible integrations with an empty role that their tier asks for, and orphans; `orphan=true` for orphans only."""
        query = self.query()
        check_fields(OwnershipGapSerializer, query.fields)
        found = paginate(query, owners.gaps_visible_to(self.request.viewer, policies.rules_by_tier()))
        rows = owners.with_missing(found.rows, policies.rules_by_tier())
        data = {"results": OwnershipGapSerializer(rows, many=True, context={"only": query.fields}).data, "next": found.next}
        return self.answer(data if found.count is None else {**data, "count": found.count})
