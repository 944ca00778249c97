"""Addresses below `/audit/log/`: exactly those of c2sp.org/tlog-tiles, and the key."""

from django.urls import path, re_path

from audit.api import tiles

urlpatterns = [
    path("checkpoint", tiles.CheckpointView.as_view(), name="log-checkpoint"),
    path("key", tiles.KeyView.as_view(), name="log-key"),
    re_path(r"^tile/entries/(?P<path>[0-9xp./]{1,64})$", tiles.BundleView.as_view(), name="log-entries"),
    re_path(r"^tile/(?P<level>[0-9]|[1-5][0-9]|6[0-3])/(?P<path>[0-9xp./]{1,64})$", tiles.TileView.as_view(), name="log-tile"),
]
