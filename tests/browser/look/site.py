"""A tiny site that shows each sample page through the real templates, policy header and static files; it needs no database."""

from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from portal import urls as portal_urls

from .samples import NOW, PAGES


class SignInForm(forms.Form):
    login = forms.CharField(label="Username")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    remember = forms.BooleanField(label="Remember me", required=False)


class CodeForm(forms.Form):
    code = forms.CharField(label="Code", help_text="Six digits.")


class CredentialForm(forms.Form):
    credential = forms.CharField(widget=forms.HiddenInput)


SECRET = "JBSWY3DPEHPK3PXP"
QR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M1 1h3v3h-3zM6 1h3v3h-3zM1 6h3v3h-3z"/></svg>'


def _forms_for(name: str) -> dict[str, Any]:
    """The forms allauth would give; made here because a form belongs to one rendering."""
    if name == "totp":
        form = CodeForm()
        form.secret = SECRET  # type: ignore[attr-defined]
        return {"form": form, "totp_svg": QR}
    if name == "mfa-sign-in":
        return {"form": CodeForm(), "webauthn_form": CredentialForm(), "js_data": {}}
    if name in {"sign-in", "password"}:
        return {"form": SignInForm()}
    return {}


def page(request: HttpRequest, name: str) -> HttpResponse:
    person = SimpleNamespace(is_authenticated=True, display_name="Mara Lindqvist", username="mara", time_zone="Europe/Berlin")
    request.user = person  # type: ignore[assignment]
    request.viewer = SimpleNamespace(reads_log=True)  # type: ignore[attr-defined]
    request.shell_facts = lambda: {"review_count": 5, "unread_count": 12, "log_size": 4188, "log_at": NOW}  # type: ignore[attr-defined]
    request.now = NOW  # type: ignore[attr-defined]
    template, context = PAGES[name]
    return render(request, template, {**context, **_forms_for(name)})


def _blank(request: HttpRequest, **_: Any) -> HttpResponse:
    return HttpResponse(status=204)


# Every address of the portal is there to link to, and leads nowhere.
_portal = [path(str(pattern.pattern), _blank, name=pattern.name) for pattern in portal_urls.urlpatterns]
urlpatterns = [
    path("look/<slug:name>", page),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("", include((_portal, "portal"))),
]
