"""Paths below /api/v1/."""

from django.urls import path, register_converter

from catalog.api import content, documents, graph, integrations, landscape


class HolderType:
    """Who may be let into an integration."""

    regex = "users|teams"

    def to_python(self, value: str) -> str:
        """As it stands in the path."""
        return value

    to_url = to_python


_DOCUMENT = "integrations/<str:slug>/documents/<str:section>"
register_converter(HolderType, "grant_holder")

urlpatterns = [
    path("graph", graph.GraphView.as_view(), name="graph"),
    path("environments", landscape.EnvironmentsView.as_view(), name="environments"),
    path("environments/<str:slug>", landscape.EnvironmentView.as_view(), name="environment"),
    path("systems", landscape.SystemsView.as_view(), name="systems"),
    path("systems/<str:slug>", landscape.SystemView.as_view(), name="system"),
    path("data-objects", landscape.DataObjectsView.as_view(), name="data-objects"),
    path("data-objects/<str:slug>", landscape.DataObjectView.as_view(), name="data-object"),
    path("integrations", integrations.IntegrationsView.as_view(), name="integrations"),
    path("integrations/<str:slug>", integrations.IntegrationView.as_view(), name="integration"),
    path("integrations/<str:slug>/history", integrations.HistoryView.as_view(), name="integration-history"),
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
]
