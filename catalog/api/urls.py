"""Paths below /api/v1/."""

from django.urls import URLPattern, path, register_converter
from django.views import View

from catalog.api import (
    bulk,
    components,
    content,
    documents,
    finding,
    graph,
    imports,
    integrations,
    landscape,
    lifecycles,
    owners,
    policies,
    relations,
    roadmap,
)


class HolderType:
    """Who may be let into an integration."""

    regex = "users|teams"

    def to_python(self, value: str) -> str:
        """As it stands in the path."""
        return value

    to_url = to_python


_DOCUMENT = "integrations/<str:slug>/documents/<str:section>"
register_converter(HolderType, "grant_holder")


def kind(many: str, one: str, collection: type[View], entry: type[View], renaming: type[View], history: type[View]) -> list[URLPattern]:
    """The paths of one kind of thing in the landscape."""
    return [
        path(many, collection.as_view(), name=many),
        path(f"{many}/<str:slug>", entry.as_view(), name=one),
        path(f"{many}/<str:slug>/rename", renaming.as_view(), name=f"{one}-rename"),
        path(f"{many}/<str:slug>/history", history.as_view(), name=f"{one}-history"),
    ]


urlpatterns = [
    path("graph", graph.GraphView.as_view(), name="graph"),
    *kind(
        "environments",
        "environment",
        landscape.EnvironmentsView,
        landscape.EnvironmentView,
        landscape.EnvironmentRenameView,
        landscape.EnvironmentHistoryView,
    ),
    *kind("domains", "domain", landscape.DomainsView, landscape.DomainView, landscape.DomainRenameView, landscape.DomainHistoryView),
    *kind("systems", "system", landscape.SystemsView, landscape.SystemView, landscape.SystemRenameView, landscape.SystemHistoryView),
    *kind(
        "data-objects",
        "data-object",
        landscape.DataObjectsView,
        landscape.DataObjectView,
        landscape.DataObjectRenameView,
        landscape.DataObjectHistoryView,
    ),
    *kind(
        "components",
        "component",
        components.ComponentsView,
        components.ComponentView,
        components.ComponentRenameView,
        components.ComponentHistoryView,
    ),
    path("components/<str:slug>/versions", components.ComponentVersionsView.as_view(), name="component-versions"),
    path("components/<str:slug>/versions/<str:version>", components.ComponentVersionView.as_view(), name="component-version"),
    path("components/<str:slug>/used-by", components.ComponentUsersView.as_view(), name="component-users"),
    *kind(
        "connection-templates",
        "connection-template",
        components.ConnectionTemplatesView,
        components.ConnectionTemplateView,
        components.ConnectionTemplateRenameView,
        components.ConnectionTemplateHistoryView,
    ),
    *kind(
        "connections",
        "connection",
        components.ConnectionsView,
        components.ConnectionView,
        components.ConnectionRenameView,
        components.ConnectionHistoryView,
    ),
    path("lifecycles", lifecycles.LifecyclesView.as_view(), name="lifecycles"),
    path("lifecycles/<int:lifecycle>", lifecycles.LifecycleView.as_view(), name="lifecycle"),
    path("lifecycles/<int:lifecycle>/migrate", lifecycles.MigrationView.as_view(), name="lifecycle-migrate"),
    path("integrations", integrations.IntegrationsView.as_view(), name="integrations"),
    path("integrations/bulk", bulk.BulkView.as_view(), name="integrations-bulk"),
    path("integrations/sheet", bulk.SheetView.as_view(), name="integrations-sheet"),
    path("integrations/export", bulk.ExportView.as_view(), name="integrations-export"),
    path("bulk-batches", bulk.BatchesView.as_view(), name="bulk-batches"),
    path("bulk-batches/<uuid:batch_id>", bulk.BatchView.as_view(), name="bulk-batch"),
    path("bulk-batches/<uuid:batch_id>/rows", bulk.BatchRowsView.as_view(), name="bulk-batch-rows"),
    path("bulk-batches/<uuid:batch_id>/cancel", bulk.BatchCancellationView.as_view(), name="bulk-batch-cancel"),
    path("bulk-batches/<uuid:batch_id>/apply", bulk.BatchApplicationView.as_view(), name="bulk-batch-apply"),
    path("bulk-batches/<uuid:batch_id>/undo", bulk.UndoView.as_view(), name="bulk-batch-undo"),
    path("integrations/facets", finding.FacetsView.as_view(), name="integration-facets"),
    path("search/suggestions", finding.SuggestionsView.as_view(), name="search-suggestions"),
    path("saved-views", finding.SavedViewsView.as_view(), name="saved-views"),
    path("saved-views/<uuid:view_id>", finding.SavedViewView.as_view(), name="saved-view"),
    path("integrations/<str:slug>", integrations.IntegrationView.as_view(), name="integration"),
    path("integrations/<str:slug>/history", integrations.HistoryView.as_view(), name="integration-history"),
    path("integrations/<str:slug>/rename", integrations.RenameView.as_view(), name="integration-rename"),
    path("integrations/<str:slug>/roadmap", roadmap.RoadmapView.as_view(), name="integration-roadmap"),
    path("integrations/<str:slug>/roadmap/<uuid:item_id>", roadmap.RoadmapItemView.as_view(), name="integration-roadmap-item"),
    path("integrations/<str:slug>/relations", relations.IntegrationRelationsView.as_view(), name="integration-relations"),
    path(
        "integrations/<str:slug>/relations/<uuid:relation_id>",
        relations.IntegrationRelationView.as_view(),
        name="integration-relation",
    ),
    path("relations", relations.RelationsView.as_view(), name="relations"),
    path("relations/<uuid:relation_id>", relations.RelationView.as_view(), name="relation"),
    path("integrations/<str:slug>/grants", integrations.GrantsView.as_view(), name="integration-grants"),
    path(
        "integrations/<str:slug>/grants/<grant_holder:holder_type>/<str:holder>",
        integrations.GrantView.as_view(),
        name="integration-grant",
    ),
    path("integrations/<str:slug>/documents", documents.DocumentsView.as_view(), name="integration-documents"),
    path("integrations/<str:slug>/documents/<str:section>", documents.DocumentView.as_view(), name="integration-document"),
    path(f"{_DOCUMENT}/verify", documents.DocumentVerificationView.as_view(), name="integration-document-verify"),
    path(f"{_DOCUMENT}/versions", documents.DocumentVersionsView.as_view(), name="integration-document-versions"),
    path(f"{_DOCUMENT}/versions/<int:document_version>", documents.DocumentVersionView.as_view(), name="integration-document-version"),
    path(f"{_DOCUMENT}/diff", documents.DocumentDifferenceView.as_view(), name="integration-document-diff"),
    path("integrations/<str:slug>/releases", content.ReleasesView.as_view(), name="integration-releases"),
    path("integrations/<str:slug>/releases/<str:version>", content.ReleaseView.as_view(), name="integration-release"),
    path("integrations/<str:slug>/owners", owners.OwnersView.as_view(), name="integration-owners"),
    path("ownership-gaps", owners.OwnershipGapsView.as_view(), name="ownership-gaps"),
    path("tier-policies", policies.TierPoliciesView.as_view(), name="tier-policies"),
    path("tier-policies/<int:tier>", policies.TierPolicyView.as_view(), name="tier-policy"),
    path("tier-policies/<int:tier>/history", policies.TierPolicyHistoryView.as_view(), name="tier-policy-history"),
    path("integrations/<str:slug>/field-sources", imports.FieldSourcesView.as_view(), name="integration-field-sources"),
    path(
        "integrations/<str:slug>/divergences/<uuid:divergence_id>/accept",
        imports.DivergenceAcceptanceView.as_view(),
        name="divergence-accept",
    ),
    path(
        "integrations/<str:slug>/divergences/<uuid:divergence_id>/reject",
        imports.DivergenceRejectionView.as_view(),
        name="divergence-reject",
    ),
    path("divergences", imports.DivergencesView.as_view(), name="divergences"),
    path("imports", imports.ImportsView.as_view(), name="imports"),
    path("imports/<uuid:import_id>", imports.ImportView.as_view(), name="import"),
    path("imports/<uuid:import_id>/files", imports.ImportFilesView.as_view(), name="import-files"),
    path("imports/<uuid:import_id>/cancel", imports.ImportCancellationView.as_view(), name="import-cancel"),
]
