"""The operators' site shows governance and decides nothing (G15: no way round the gate)."""

import pytest
from django.contrib import admin
from django.test import Client

from governance.models import Board, ChangeRequest, CheckResult, Policy, Vote


@pytest.fixture
def staff(given):
    user = given.person("root")
    user.is_staff = user.is_superuser = True
    user.save()
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("model", [Board, Policy, ChangeRequest, Vote, CheckResult])
def test_a_superuser_looks_and_cannot_write(given, staff, model):
    change = given.change_in_review(needs=2, checks=["owned"], voted=["ann"])
    given.reviewed(change)
    row = model.objects.first()
    base = f"/admin/governance/{model._meta.model_name}/"
    assert staff.get(base).status_code == 200
    assert staff.get(f"{base}{row.pk}/change/").status_code == 200
    assert staff.post(f"{base}{row.pk}/change/", {"state": "approved"}).status_code == 403
    assert staff.get(f"{base}add/").status_code == 403
    assert staff.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_what_is_not_shown_is_not_registered():
    shown = {model.__name__ for model in admin.site._registry if model._meta.app_label == "governance"}
    assert shown == {"Board", "Policy", "ChangeRequest", "Vote", "CheckResult"}
