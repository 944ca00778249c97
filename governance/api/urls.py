"""Mounted under /api/v1/ by config."""

from django.urls import path

from governance.api import changes, deletion, landscape, leaving, notifications, stages, stewardship

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
    path("notifications", notifications.Notifications.as_view(), name="notifications"),
    path("notifications/read-all", notifications.NotificationsRead.as_view(), name="notifications-read-all"),
    path("notifications/<uuid:notification_id>/read", notifications.NotificationRead.as_view(), name="notification-read"),
    path("subscriptions", notifications.Subscriptions.as_view(), name="subscriptions"),
    path("integrations/<str:slug>/subscription", notifications.IntegrationSubscription.as_view(), name="integration-subscription"),
    path("integrations/<str:slug>/stage", stages.StageView.as_view(), name="integration-stage"),
    path("integrations/<str:slug>/stage/moves", stages.StageMovesView.as_view(), name="integration-stage-moves"),
    path("integrations/<str:slug>/acknowledge", stages.AcknowledgeView.as_view(), name="integration-acknowledge"),
    path("slots/<uuid:slot>/rollback", changes.SlotRollback.as_view(), name="slot-rollback"),
    path("campaigns", stewardship.Campaigns.as_view(), name="campaigns"),
    path("campaigns/<uuid:campaign_id>", stewardship.CampaignDetail.as_view(), name="campaign"),
    path("campaigns/<uuid:campaign_id>/close", stewardship.CampaignClosing.as_view(), name="campaign-close"),
    path("campaigns/<uuid:campaign_id>/attestations", stewardship.CampaignAttestations.as_view(), name="campaign-attestations"),
    path("attestations", stewardship.Attestations.as_view(), name="attestations"),
    path("attestations/bulk", stewardship.BulkAnswers.as_view(), name="attestations-bulk"),
    path("integrations/<str:slug>/attest", stewardship.Attest.as_view(), name="integration-attest"),
    path("escalations", stewardship.Escalations.as_view(), name="escalations"),
    path("users/<str:username>/reassignment-plan", leaving.ReassignmentPlan.as_view(), name="user-reassignment-plan"),
    path("users/<str:username>/deactivate", leaving.Deactivation.as_view(), name="user-deactivate"),
    *deletion.urlpatterns,
]
