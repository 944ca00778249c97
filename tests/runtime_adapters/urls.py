from django.urls import include, path

urlpatterns = [path("api/v1/", include("runtime_adapters.api.urls"))]
