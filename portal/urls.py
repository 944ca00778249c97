"""The pages' addresses: stable, readable, shareable."""

from django.urls import path

from portal.views import audit, catalog, delivery, evidence, home, reviews, runtimes

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("reviews", reviews.inbox, name="reviews"),
    path("reviews/new", reviews.new_change, name="change_new"),
    path("reviews/<int:number>", reviews.change, name="change"),
    path("reviews/<int:number>/vote", reviews.vote, name="vote"),
    path("reviews/<int:number>/withdraw", reviews.withdraw, name="withdraw"),
    path("reviews/<int:number>/evidence", evidence.download, name="evidence"),
    path("integrations", catalog.integrations, name="integrations"),
    path("integrations/new", catalog.new_integration, name="integration_new"),
    path("integrations/<str:slug>", catalog.integration, name="integration"),
    path("integrations/<str:slug>/edit", catalog.edit_integration, name="integration_edit"),
    path("integrations/<str:slug>/releases/new", catalog.new_release, name="release_new"),
    path("integrations/<str:slug>/documents", catalog.write_document, name="document_write"),
    path("deployments", delivery.deployments, name="deployments"),
    path("deployments/<uuid:deployment_id>", delivery.deployment, name="deployment"),
    path("runtimes", runtimes.runtimes, name="runtimes"),
    path("runtimes/<str:slug>", runtimes.runtime, name="runtime"),
    path("log", audit.log, name="log"),
    path("log/<uuid:event_id>", audit.event, name="event"),
]
