"""The pages' addresses: stable, readable, shareable."""

from django.urls import path

from portal.views import audit, delivery, evidence, home, lifecycles, notifications, runtimes, tombstones
from portal.views.catalog import bulk, deletion, document_history, documents, edit, graph, imports, integration, lifecycle, lists, was
from portal.views.reviews import change, inbox, requests
from portal.views.stewardship import attestations, campaigns, gaps, leaving, owners, tiers

app_name = "portal"
_DOCUMENT = "integrations/<slug:slug>/documents/<slug:section>"

urlpatterns = [
    path("", home.home, name="home"),
    path("reviews", inbox.inbox, name="reviews"),
    path("reviews/new", requests.new_change, name="change_new"),
    path("reviews/<int:number>", change.change, name="change"),
    path("reviews/<int:number>/vote", change.vote, name="vote"),
    path("reviews/<int:number>/withdraw", change.withdraw, name="withdraw"),
    path("reviews/<int:number>/evidence", evidence.download, name="evidence"),
    path("integrations", lists.integrations, name="integrations"),
    path("integrations/new", edit.new_integration, name="integration_new"),
    path("integrations/sheet", bulk.sheet, name="sheet"),
    path("integrations/export", bulk.export, name="export"),
    path("integrations/batches/<uuid:batch_id>/undo", bulk.undo, name="batch_undo"),
    path("integrations/<slug:slug>", integration.integration, name="integration"),
    path("integrations/<slug:slug>/edit", edit.edit_integration, name="integration_edit"),
    path("integrations/<slug:slug>/releases/new", edit.new_release, name="release_new"),
    path("integrations/<slug:slug>/documents", documents.documents, name="documents"),
    path("integrations/<slug:slug>/documents", documents.documents, name="document_write"),
    path(_DOCUMENT, documents.document, name="document"),
    path(f"{_DOCUMENT}/edit", documents.edit_document, name="document_edit"),
    path(f"{_DOCUMENT}/verify", documents.verify_document, name="document_verify"),
    path(f"{_DOCUMENT}/history", document_history.versions, name="document_history"),
    path(f"{_DOCUMENT}/history/<int:version>", document_history.version, name="document_version"),
    path(f"{_DOCUMENT}/diff", document_history.compare, name="document_diff"),
    path("integrations/<slug:slug>/was", was.was, name="integration_was"),
    path("integrations/<slug:slug>/lifecycle", lifecycle.lifecycle, name="integration_lifecycle"),
    path("integrations/<slug:slug>/acknowledge", lifecycle.acknowledge, name="acknowledge"),
    path("lifecycle", lifecycles.lifecycle, name="lifecycle"),
    path("lifecycle/new", lifecycles.publish, name="lifecycle_publish"),
    path("lifecycle/<int:number>", lifecycles.lifecycle, name="lifecycle_version"),
    path("lifecycle/<int:number>/from/<int:source>", lifecycles.migrate, name="lifecycle_migrate"),
    path("map", graph.map_page, name="map"),
    path("integrations/<slug:slug>/subscription", notifications.subscription, name="subscription"),
    path("notifications", notifications.notifications, name="notifications"),
    path("notifications/read", notifications.read, name="notifications_read"),
    path("<slug:collection>/<slug:slug>/delete", deletion.delete, name="delete"),
    path("tombstones", tombstones.tombstones, name="tombstones"),
    path("tombstones/<uuid:tombstone_id>/restore", tombstones.restore, name="tombstone_restore"),
    path("integrations/<slug:slug>/sources", imports.integration_sources, name="integration_sources"),
    path("integrations/<slug:slug>/divergences/<uuid:divergence_id>", imports.answer_divergence, name="divergence_answer"),
    path("imports", imports.imports, name="imports"),
    path("imports/new", imports.new_import, name="import_new"),
    path("imports/<uuid:batch_id>", imports.one_import, name="import"),
    path("imports/<uuid:batch_id>/cancel", imports.cancel_import, name="import_cancel"),
    path("deployments", delivery.deployments, name="deployments"),
    path("deployments/<uuid:deployment_id>", delivery.deployment, name="deployment"),
    path("runtimes", runtimes.runtimes, name="runtimes"),
    path("runtimes/<slug:slug>", runtimes.runtime, name="runtime"),
    path("log", audit.log, name="log"),
    path("log/<uuid:event_id>", audit.event, name="event"),
    path("integrations/<slug:slug>/owners", owners.owners, name="integration_owners"),
    path("integrations/<slug:slug>/attest", owners.attest, name="integration_attest"),
    path("stewardship", gaps.gaps, name="stewardship"),
    path("stewardship/attestations", attestations.my_attestations, name="my_attestations"),
    path("stewardship/campaigns", campaigns.campaigns, name="campaigns"),
    path("stewardship/campaigns/<uuid:campaign_id>", campaigns.campaign, name="campaign"),
    path("stewardship/campaigns/<uuid:campaign_id>/close", campaigns.close, name="campaign_close"),
    path("stewardship/escalations", gaps.escalations, name="escalations"),
    path("stewardship/tiers", tiers.tiers, name="tiers"),
    path("stewardship/tiers/<int:tier>", tiers.edit_tier, name="tier_edit"),
    path("stewardship/leaving", leaving.leaving, name="leaving"),
]
