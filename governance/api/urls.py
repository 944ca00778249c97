"""Mounted under /api/v1/ by config."""

from django.urls import path

from governance.api import changes, landscape

urlpatterns = [
    path("boards", landscape.Boards.as_view(), name="boards"),
    path("boards/<str:slug>", landscape.BoardDetail.as_view(), name="board"),
    path("boards/<str:slug>/members/<str:username>", landscape.BoardMembership.as_view(), name="board-member"),
    path("policies", landscape.Policies.as_view(), name="policies"),
    path("policies/<str:slug>", landscape.PolicyDetail.as_view(), name="policy"),
    path("evaluate", changes.Evaluate.as_view(), name="evaluate"),
    path("change-requests", changes.Changes.as_view(), name="change-requests"),
    path("change-requests/<int:number>", changes.ChangeDetail.as_view(), name="change-request"),
    path("change-requests/<int:number>/votes", changes.Votes.as_view(), name="change-request-votes"),
    path("change-requests/<int:number>/withdraw", changes.Withdrawal.as_view(), name="change-request-withdraw"),
    path("change-requests/<int:number>/dispatch", changes.Dispatch.as_view(), name="change-request-dispatch"),
    path("change-requests/<int:number>/diff", changes.Diff.as_view(), name="change-request-diff"),
    path("change-requests/<int:number>/timeline", changes.Timeline.as_view(), name="change-request-timeline"),
    path("change-requests/<int:number>/evidence", changes.Evidence.as_view(), name="change-request-evidence"),
    path("slots/<uuid:slot>/rollback", changes.SlotRollback.as_view(), name="slot-rollback"),
]
