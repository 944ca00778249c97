"""How people, teams and tokens look over HTTP, and what their commands take."""

from typing import Any

from rest_framework import serializers

from accounts.domain.roles import Role, Scope
from accounts.models.user import UserKind
from foundation.edge.serializers import CommandSerializer, ReadSerializer

ROLES = [role.value for role in Role]
SCOPES = [scope.value for scope in Scope]


class UserSerializer(ReadSerializer):
    """An account. The e-mail address is shown to administrators and to its owner."""

    username = serializers.CharField()
    display_name = serializers.CharField()
    email = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(UserKind.choices)
    person_id = serializers.UUIDField()
    is_active = serializers.BooleanField()
    time_zone = serializers.CharField()
    roles = serializers.SerializerMethodField()
    teams = serializers.SerializerMethodField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()

    def get_email(self, user: Any) -> str | None:
        """Null for other people's eyes."""
        viewer = self.context["request"].viewer
        return str(user.email) if viewer.is_administrator or viewer.user_id == user.pk else None

    def get_roles(self, user: Any) -> list[str]:
        """Organisation-wide roles."""
        return [grant.role for grant in user.role_grants.all()]

    def get_teams(self, user: Any) -> list[str]:
        """Slugs of the teams the account is in."""
        return [membership.team.slug for membership in user.memberships.all()]


class MeSerializer(UserSerializer):
    """The account that asks, and what its credential may be used for (null: no limit)."""

    scopes = serializers.SerializerMethodField()

    def get_scopes(self, _user: Any) -> list[str] | None:
        """The token's scopes; null for a session."""
        scopes = self.context["request"].viewer.scopes
        return None if scopes is None else sorted(scopes)


class CreateUserSerializer(CommandSerializer):
    username = serializers.CharField(max_length=63)
    display_name = serializers.CharField(max_length=120)
    email = serializers.CharField(max_length=254, required=False, allow_blank=True)
    kind = serializers.ChoiceField(UserKind.choices, required=False)
    password = serializers.CharField(max_length=255, required=False, trim_whitespace=False)
    person_id = serializers.UUIDField(required=False)
    time_zone = serializers.CharField(max_length=63, required=False)


class UpdateUserSerializer(CommandSerializer):
    display_name = serializers.CharField(max_length=120, required=False)
    email = serializers.CharField(max_length=254, required=False, allow_blank=True)
    time_zone = serializers.CharField(max_length=63, required=False)
    is_active = serializers.BooleanField(required=False)


class RoleSerializer(CommandSerializer):
    role = serializers.ChoiceField(ROLES)


class RolesSerializer(ReadSerializer):
    """The roles of one account."""

    roles = serializers.ListField(child=serializers.CharField())


class MemberSerializer(ReadSerializer):
    """Somebody in a team."""

    username = serializers.CharField(source="user.username")
    display_name = serializers.CharField(source="user.display_name")
    is_lead = serializers.BooleanField()
    since = serializers.DateTimeField()


class TeamSerializer(ReadSerializer):
    """A team in the list."""

    slug = serializers.CharField()
    title = serializers.CharField()
    contact = serializers.CharField()
    parent = serializers.CharField(source="parent.slug", allow_null=True)  # type: ignore[assignment]  # ours, not DRF's
    version = serializers.IntegerField()


class TeamDetailSerializer(TeamSerializer):
    """A team with its members."""

    members = MemberSerializer(source="memberships", many=True)


class RegisterTeamSerializer(CommandSerializer):
    slug = serializers.CharField(max_length=63)
    title = serializers.CharField(max_length=120)
    contact = serializers.CharField(max_length=200, required=False, allow_blank=True)
    parent = serializers.CharField(max_length=63, required=False, allow_null=True)  # type: ignore[assignment]  # ours, not DRF's


class UpdateTeamSerializer(CommandSerializer):
    title = serializers.CharField(max_length=120, required=False)
    contact = serializers.CharField(max_length=200, required=False, allow_blank=True)
    parent = serializers.CharField(max_length=63, required=False, allow_null=True)  # type: ignore[assignment]  # ours, not DRF's


class MembershipSerializer(CommandSerializer):
    is_lead = serializers.BooleanField(required=False, default=False)


class TokenSerializer(ReadSerializer):
    """A token without its secret."""

    id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]  # ours, not DRF's
    prefix = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)


class IssuedTokenSerializer(TokenSerializer):
    """The one answer that holds the secret."""

    secret = serializers.CharField()


class IssueTokenSerializer(CommandSerializer):
    label = serializers.CharField(max_length=120)  # type: ignore[assignment]  # ours, not DRF's
    scopes = serializers.ListField(child=serializers.ChoiceField(SCOPES), min_length=1, max_length=20)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
