"""The measured addresses, and the bare endpoint they are held against."""

import json

from django.http import JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from benchmarks.bench_intake import insert_bare


@csrf_exempt
def bare(request, runtime_id):
    """Decode and insert; no sign-in, no check."""
    reports = json.loads(request.body)["reports"]
    insert_bare(runtime_id, reports)
    return JsonResponse({"accepted": len(reports)})


urlpatterns = [path("api/v1/", include("runtime_adapters.api.urls")), path("bare/<uuid:runtime_id>", bare)]
