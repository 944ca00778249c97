"""The operators' site shows and never writes."""

import pytest
from django.contrib import admin
from django.urls import path

from accounts.models import Team, User
from catalog.models import Environment, Integration, System

admin.autodiscover()
urlpatterns = [path("admin/", admin.site.urls)]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def operator(given, client):
    user = given.person("op", roles_held=["operator"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("model", [User, Team, Environment, System])
def test_operators_look_and_do_not_touch(operator, given, model):
    given.integration("orders-to-erp")
    given.environment("production")
    name, row = f"/admin/{model._meta.app_label}/{model._meta.model_name}", model.objects.first()
    assert operator.get(f"{name}/").status_code == 200
    assert operator.get(f"{name}/{row.pk}/change/").status_code == 200
    assert operator.post(f"{name}/{row.pk}/change/", {"title": "x"}).status_code == 403
    assert operator.get(f"{name}/add/").status_code == 403
    assert operator.post(f"{name}/{row.pk}/delete/").status_code == 403


def test_integrations_are_shown_there_only_to_those_who_see_all(operator, given, client):
    integration = given.integration("hidden", visibility="restricted")
    pages = ["/admin/catalog/integration/", f"/admin/catalog/integration/{integration.pk}/change/"]
    assert [operator.get(page).status_code for page in pages] == [403, 403]
    client.force_login(given.administrator(), backend="django.contrib.auth.backends.ModelBackend")
    assert [client.get(page).status_code for page in pages] == [200, 200]
    assert Integration.objects.get().title == "Hidden"


def test_people_without_a_role_do_not_come_in(given, client):
    client.force_login(given.person("ann"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/accounts/user/").status_code == 302


@pytest.mark.parametrize(
    "model", ["governance/changerequest", "governance/vote", "runtime_adapters/deployment", "runtime_adapters/slot", "catalog/release"]
)
def test_what_hangs_on_an_integration_is_shown_there_only_to_those_who_see_all(operator, given, client, model):
    assert operator.get(f"/admin/{model}/").status_code == 403
    client.force_login(given.administrator(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/admin/{model}/").status_code == 200
