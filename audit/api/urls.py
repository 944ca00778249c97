"""Addresses below `/api/v1/audit/`."""

from django.urls import path

from audit.api import views

urlpatterns = [
    path("events", views.EventsView.as_view(), name="audit-events"),
    path("events/<uuid:event_id>", views.EventDetailView.as_view(), name="audit-event"),
    path("events/<uuid:event_id>/proof", views.ProofView.as_view(), name="audit-event-proof"),
    path("log", views.LogView.as_view(), name="audit-log"),
]
