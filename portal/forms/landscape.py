"""Registering and changing things of the landscape, without JavaScript. One form for each kind; what they share is `EntryForm`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from catalog.domain.secrets import is_reference
from catalog.domain.vocabulary import AuthType, Classification, ComponentKind, SystemKind
from portal.forms.integrations import CommaList

Choices = Sequence[tuple[str, str]]
_NONE: Choices = [("", "\N{EN DASH}")]
_REFERENCE = "ref_"
_TIERS = [(1, _("1, the organisation stops without it")), (2, _("2, a department stops without it")), (3, _("3, it can wait"))]


def _of(words: Any) -> Choices:
    return [(word.value, word.value.upper() if len(word.value) == 3 else word.value.replace("-", " ").capitalize()) for word in words]


def _prose() -> forms.CharField:
    return forms.CharField(label=_("Description"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


def _day(label: Any, hint: Any = "") -> forms.DateField:
    return forms.DateField(label=label, required=False, help_text=hint, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class EntryForm(forms.Form):
    """Title first, then the slug of a new thing; `choices` fills the selects that name other things.

    `nullable` fields mean "none" when they are left empty. An edit carries the `version` that was read.
    """

    nullable: ClassVar[frozenset[str]] = frozenset()
    only_new: ClassVar[frozenset[str]] = frozenset({"slug"})

    title = forms.CharField(label=_("Title"), max_length=120)
    slug = forms.CharField(label=_("Slug"), max_length=63, help_text=_("Letters, digits and hyphens; its address. It can be renamed."))

    def __init__(self, *args: Any, choices: Mapping[str, Choices], is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, found in choices.items():
            field: Any = self.fields.get(name)
            if field is not None:
                field.choices = [*(() if field.required else _NONE), *found]
        if not is_new:
            for name in self.only_new:
                self.fields.pop(name, None)
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def command(self) -> dict[str, Any]:
        """The values as a service takes them. Call after `is_valid()`."""
        return {name: None if name in self.nullable and value == "" else value for name, value in self.cleaned_data.items()}

    def forget(self) -> None:
        """Before a refused form is shown again: nothing that may not be repeated stays in it."""


class DomainForm(EntryForm):
    """A business area."""

    nullable = frozenset({"parent", "team"})

    parent = forms.ChoiceField(label=_("Lies in"), required=False)
    team = forms.ChoiceField(label=_("Owning team"), required=False)
    description = _prose()


class SystemForm(EntryForm):
    """An application or service."""

    nullable = frozenset({"team", "domain"})

    kind = forms.ChoiceField(label=_("Kind"), choices=_of(SystemKind))
    vendor = forms.CharField(label=_("Vendor"), max_length=120, required=False)
    team = forms.ChoiceField(label=_("Owning team"), required=False)
    domain = forms.ChoiceField(label=_("Domain"), required=False)
    tier = forms.TypedChoiceField(label=_("Tier"), choices=_TIERS, coerce=int, initial=3)
    residency = forms.CharField(label=_("Data residency"), max_length=63, required=False, help_text=_("Where its data lies, such as EU."))
    description = _prose()


class DataObjectForm(EntryForm):
    """What flows between systems."""

    nullable = frozenset({"system_of_record", "domain"})

    classification = forms.ChoiceField(label=_("Classification"), choices=_of(Classification), initial=Classification.INTERNAL.value)
    system_of_record = forms.ChoiceField(label=_("System of record"), required=False, help_text=_("Where the truth about it is kept."))
    domain = forms.ChoiceField(label=_("Domain"), required=False)
    personal_categories = CommaList(
        label=_("Personal data"), max_length=1000, required=False, help_text=_("Kinds, separated by commas: name, email, address.")
    )
    description = _prose()


class EnvironmentForm(EntryForm):
    """A stage on the way to production."""

    rank = forms.IntegerField(label=_("Rank"), min_value=0, max_value=32_767, help_text=_("Low is early, production is high."))
    soak_s = forms.IntegerField(
        label=_("Health gate, seconds"), min_value=0, max_value=30 * 24 * 3600, initial=0, help_text=_("0 means no gate.")
    )
    gate_good_runs = forms.IntegerField(label=_("Good runs the gate needs"), min_value=0, max_value=32_767, initial=1)
    gate_failed_runs = forms.IntegerField(label=_("Failed runs it allows"), min_value=0, max_value=32_767, initial=0)
    is_production = forms.BooleanField(label=_("This is production"), required=False)
    is_protected = forms.BooleanField(label=_("Protected"), required=False)
    dispatches_automatically = forms.BooleanField(label=_("Approved changes are sent at once"), required=False, initial=True)
    rolls_back_automatically = forms.BooleanField(label=_("Unhealthy deployments are rolled back"), required=False, initial=True)


class ComponentForm(EntryForm):
    """A reusable part."""

    kind = forms.ChoiceField(label=_("Kind"), choices=_of(ComponentKind))
    team = forms.ChoiceField(label=_("Owning team"))
    description = _prose()


class SlotLines(forms.CharField):
    """One slot a line: `name: what it is`; a question mark after the name makes it optional."""

    widget = forms.Textarea(attrs={"rows": 4})

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]
        return [_slot(line) for line in lines]

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else "\n".join(_line(slot) for slot in value)


def _slot(line: str) -> dict[str, Any]:
    name, _colon, description = line.partition(":")
    return {"name": name.strip().removesuffix("?").strip(), "required": not name.strip().endswith("?"), "description": description.strip()}


def _line(slot: Mapping[str, Any]) -> str:
    name = slot["name"] if slot["required"] else f"{slot['name']}?"
    return f"{name}: {slot['description']}" if slot["description"] else name


class ConnectionTemplateForm(EntryForm):
    """An approved way to reach a kind of system."""

    protocol = forms.CharField(label=_("Protocol"), max_length=31, help_text=_("https, sftp, amqp …"))
    auth_type = forms.ChoiceField(label=_("Proof of identity"), choices=_of(AuthType))
    slots = SlotLines(
        label=_("Slots"),
        max_length=8000,
        required=False,
        help_text=_("One a line: “key: The API key”. “proxy?: …” is optional. Each connection fills them with references."),
    )
    description = _prose()


class ConnectionForm(EntryForm):
    """A template filled in; it has one field for each slot of `template`. What is no reference is never shown again."""

    only_new = frozenset({"slug", "system", "environment"})

    system = forms.ChoiceField(label=_("System"))
    environment = forms.ChoiceField(label=_("Environment"))
    team = forms.ChoiceField(label=_("Owning team"))
    expires_at = _day(_("Expires"), _("From this day on it no longer works."))
    rotate_every_days = forms.IntegerField(label=_("Rotate every … days"), min_value=1, max_value=3660, required=False)
    rotated_at = _day(_("Last rotated"))

    def __init__(self, *args: Any, template: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template = template
        references = self.initial.get("references", {})
        for slot in template.slots:
            name = _REFERENCE + slot["name"]
            told = slot["description"].rstrip(".") + ". " if slot["description"] else ""
            words = told + _t("Write where it is kept: env://, file://, vault:// or k8s://.")
            self.fields[name] = forms.CharField(label=slot["name"], max_length=330, required=slot["required"], help_text=words)
            self.initial.setdefault(name, references.get(slot["name"], ""))

    def command(self) -> dict[str, Any]:
        """With `references` from the slots' fields; a day that was not touched keeps its time of day."""
        given = super().command()
        slots = {name: given.pop(name) for name in list(given) if name.startswith(_REFERENCE)}
        given["references"] = {name.removeprefix(_REFERENCE): value for name, value in slots.items() if value}
        for name in ("expires_at", "rotated_at"):
            given[name] = _moment(given[name], self.initial.get(name))
        if "version" not in given:
            given["template"] = self.template.slug
        return given

    def forget(self) -> None:
        """What is no reference may be the secret itself."""
        self.data = {name: value for name, value in self.data.items() if not name.startswith(_REFERENCE) or is_reference(str(value))}


def _moment(day: date | None, before: datetime | None) -> datetime | None:
    if day is None:
        return None
    if before is not None and before.astimezone(UTC).date() == day:
        return before
    return datetime.combine(day, time(), UTC)


class RenameForm(forms.Form):
    """Another name; `version` is the one that was read."""

    slug = forms.CharField(label=_("New slug"), max_length=63, help_text=_("The present one stays an alias: old links lead here."))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class VersionForm(forms.Form):
    """One immutable version of a component."""

    version = forms.CharField(label=_("Version"), max_length=63, help_text=_("Semantic, such as 1.2.0."))
    content = forms.CharField(
        label=_("Content (JSON object)"), strip=False, widget=forms.Textarea(attrs={"spellcheck": "false", "rows": 14})
    )
    notes = forms.CharField(label=_("Notes"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
