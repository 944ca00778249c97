"""Sign-in through the real allauth views in our templates: closed to strangers, and a second factor that rests encrypted."""

import re
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth import get_user_model
from django.test import Client

PASSWORD = "a long enough pass phrase"
pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.browser.look.site")]


@pytest.fixture
def mara() -> object:
    user = get_user_model()(
        username="mara", username_key="mara", display_name="Mara Lindqvist", created_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    user.set_password(PASSWORD)
    user.save()
    return user


def _signed_in() -> Client:
    client = Client()
    answer = client.post("/accounts/login/", {"login": "mara", "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_sign_in_page_has_named_fields_and_no_sign_up() -> None:
    page = Client().get("/accounts/login/").content.decode()
    assert re.search(r'<label for="id_login">', page)
    assert 'autocomplete="current-password"' in page
    assert "signup" not in page


def test_wrong_password_is_told_as_an_alert(mara: object) -> None:
    page = Client().post("/accounts/login/", {"login": "mara", "password": "wrong"}).content.decode()
    assert 'role="alert"' in page
    assert PASSWORD not in page


def test_nobody_can_sign_up() -> None:
    client = Client()
    client.post("/accounts/signup/", {"username": "eve", "password1": PASSWORD, "password2": PASSWORD})
    assert not get_user_model().objects.filter(username="eve").exists()


def test_second_factor_is_asked_for_and_its_secret_rests_encrypted(mara: object) -> None:
    client = _signed_in()
    opened = client.get("/accounts/2fa/totp/activate/", follow=True)
    assert opened.redirect_chain[-1][0].startswith("/accounts/reauthenticate/")  # a second factor is set only on a fresh password
    page = client.post(opened.redirect_chain[-1][0], {"password": PASSWORD}, follow=True).content.decode()
    secret = re.search(r'id="authenticator_secret" type="text" value="([A-Z2-7]+)"', page)[1]
    assert "<svg" in page
    assert "data:" not in page
    assert client.post("/accounts/2fa/totp/activate/", {"code": _code(secret)}).status_code == 302
    assert secret not in str(Authenticator.objects.get(type="totp").data)

    again = Client()
    answer = again.post("/accounts/login/", {"login": "mara", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in again.session


@pytest.mark.parametrize("path", ["2fa/", "2fa/webauthn/", "2fa/webauthn/add/", "password/change/", "logout/", "reauthenticate/"])
def test_account_pages_come_in_our_frame(mara: object, path: str) -> None:
    answer = _signed_in().get(f"/accounts/{path}", follow=True)
    assert answer.status_code == 200
    assert b"portal/app.css" in answer.content
    assert not re.search(rb"\sstyle=|<script>", answer.content)
