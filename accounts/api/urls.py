"""Paths below /api/v1/."""

from django.urls import path

import accounts.api.schema  # noqa: F401 - describes how to sign in
from accounts.api import teams, tokens, users

urlpatterns = [
    path("me", users.MeView.as_view(), name="me"),
    path("users", users.UsersView.as_view(), name="users"),
    path("users/<str:username>", users.UserView.as_view(), name="user"),
    path("users/<str:username>/roles", users.RolesView.as_view(), name="user-roles"),
    path("users/<str:username>/roles/<str:role>", users.RoleView.as_view(), name="user-role"),
    path("teams", teams.TeamsView.as_view(), name="teams"),
    path("teams/<str:slug>", teams.TeamView.as_view(), name="team"),
    path("teams/<str:slug>/members/<str:username>", teams.MemberView.as_view(), name="team-member"),
    path("tokens", tokens.TokensView.as_view(), name="tokens"),
    path("tokens/<uuid:token_id>", tokens.TokenView.as_view(), name="token"),
]
