"""Registering and editing an integration, with its endpoints, without JavaScript."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.domain.imports.words import slug_of
from catalog.domain.vocabulary import EndpointRole, IntegrationType, Operation
from portal.forms.people import PersonField
from portal.forms.places import raw

MAX_ENDPOINTS = 100
PREFIX = "endpoints"
Choices = Sequence[tuple[str, str]]
_NONE: Choices = [("", "\N{EN DASH}")]
TYPE_WORDS: Mapping[str, Promise] = {
    IntegrationType.FLOW: _("Flow"),
    IntegrationType.API: _("API"),
    IntegrationType.EVENT_SUBSCRIPTION: _("Event subscription"),
    IntegrationType.FILE_TRANSFER: _("File transfer"),
    IntegrationType.B2B: _("B2B"),
    IntegrationType.CONNECTOR: _("Connector"),
}
SEEN_BY: Mapping[str, Promise] = {"organisation": _("Everybody signed in"), "restricted": _("The owning team and those it lets in")}
_TYPES = list(TYPE_WORDS.items())
_ROLES = [*_NONE, *((role.value, role.value.capitalize()) for role in EndpointRole)]
_OPERATIONS = [*_NONE, *((operation.value, operation.value.capitalize()) for operation in Operation)]
_TIERS = [(1, _("1, the organisation stops without it")), (2, _("2, a department stops without it")), (3, _("3, it can wait"))]


class CommaList(forms.CharField):
    """Words separated by commas."""

    def to_python(self, value: Any) -> Any:
        return [word.strip() for word in (super().to_python(value) or "").split(",") if word.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = initial if isinstance(initial, list | tuple) else self.to_python(initial)
        return bool(list(before) != self.to_python(data))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value


class IntegrationForm(forms.Form):
    """What it is, what for, and who answers for it."""

    title = forms.CharField(label=_("Title"), max_length=160, help_text=_("Source → target, in words people use."))
    slug = forms.CharField(
        label=_("Name in its address"),
        max_length=63,
        required=False,
        help_text=_("Letters, digits and hyphens. Empty: made from the title."),
    )
    type = forms.ChoiceField(label=_("Kind"), choices=_TYPES)
    team = forms.ChoiceField(label=_("Owning team"))
    tier = forms.TypedChoiceField(label=_("Tier"), choices=_TIERS, coerce=int, initial=3)
    visibility = forms.ChoiceField(label=_("Seen by"), choices=list(SEEN_BY.items()))
    technical_owner = PersonField(label=_("Technical owner"))
    business_owner = PersonField(label=_("Business owner"))
    tags = CommaList(label=_("Tags"), max_length=1000, required=False, help_text=_("Separated by commas."))
    purpose = forms.CharField(label=_("Purpose"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, teams: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = teams  # type: ignore[attr-defined]

    def clean_slug(self) -> str:
        """What was written, else the title in the letters of an address."""
        return self.cleaned_data["slug"] or slug_of(self.cleaned_data.get("title", ""))

    def command(self) -> dict[str, Any]:
        """The fields as the service takes them: no owner is None."""
        values = dict(self.cleaned_data)
        return {**values, **{name: values[name] or None for name in ("technical_owner", "business_owner")}}


class EditForm(IntegrationForm):
    """The same without the slug, which never changes; `version` is the one that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["slug"]


class EndpointForm(forms.Form):
    """One system, one data object, and what is done there."""

    system = forms.ChoiceField(label=_("System"))
    data_object = forms.ChoiceField(label=_("Data object"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=_ROLES)
    operation = forms.ChoiceField(label=_("Operation"), choices=_OPERATIONS)
    cadence = forms.CharField(label=_("How often"), max_length=63, required=False, help_text=_("Such as “every 5 minutes”."))
    address = forms.CharField(label=_("Address"), max_length=300, required=False, help_text=_("Without passwords or keys."))
    volume_per_day = forms.IntegerField(label=_("Messages a day"), min_value=0, max_value=10**12, required=False)
    fields_touched = CommaList(label=_("Fields"), max_length=4000, required=False, help_text=_("Separated by commas."))

    def __init__(self, *args: Any, systems: Choices, data_objects: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty_permitted = True
        self.fields["system"].choices = [*_NONE, *systems]  # type: ignore[attr-defined]
        self.fields["data_object"].choices = [*_NONE, *data_objects]  # type: ignore[attr-defined]


def endpoint_forms(
    data: Mapping[str, Any] | None, *, systems: Choices, data_objects: Choices, rows: Sequence[Mapping[str, Any]] = (), extra: int = 0
) -> Any:
    """The rows to fill in: those sent in `data`, or else `rows` and `extra` empty ones."""
    made = forms.formset_factory(EndpointForm, extra=extra, max_num=MAX_ENDPOINTS, absolute_max=MAX_ENDPOINTS)
    choices = {"systems": systems, "data_objects": data_objects}
    return made(data, initial=None if data is not None else list(rows), prefix=PREFIX, form_kwargs=choices)


def filled(endpoints: Any) -> list[forms.Form]:
    """The rows in which something was written. Call after `is_valid()`."""
    return [form for form in endpoints.forms if form.has_changed()]


def rows_as_typed(endpoints: Any) -> list[Mapping[str, Any]]:
    """Every row as it was sent, unread; none when the form's own bookkeeping is broken."""
    return [raw(form) for form in endpoints.forms] if endpoints.management_form.is_valid() else []
