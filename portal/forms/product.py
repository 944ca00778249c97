"""Forms for what an integration promises: one for each section of the edit pages. Each carries the version that was read.

`block` names the member of the command that the fields belong to ("": they are members themselves); `changes` is the command.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.domain.vocabulary import EntityKind, RelationType, RoadmapState
from portal.forms.integrations import CommaList
from portal.forms.people import PersonField

# How people call the fields of an integration, where it is not the field's own name without underscores.
FIELD_WORDS = {
    "slug": _("name"),
    "type": _("kind"),
    "reuse_check": _("reuse check"),
    "ai_use": _("AI models"),
    "tombstoned_at": _("deleted"),
    "attested_at": _("confirmed"),
    "notice_days": _("days of notice"),
    "effective_on": _("effective"),
    "removal_on": _("removal"),
    "response_target": _("answer within"),
}
KIND_WORDS = {
    EntityKind.INTEGRATION: _("Integration"),
    EntityKind.SYSTEM: _("System"),
    EntityKind.DATA_OBJECT: _("Data object"),
    EntityKind.DOMAIN: _("Domain"),
    EntityKind.ENVIRONMENT: _("Environment"),
    EntityKind.COMPONENT: _("Component"),
    EntityKind.CONNECTION_TEMPLATE: _("Connection template"),
    EntityKind.CONNECTION: _("Connection"),
}
RELATION_WORDS = {
    "depends-on": _("depends on"),
    "depended-on-by": _("is depended on by"),
    "feeds": _("feeds"),
    "fed-by": _("is fed by"),
    "replaces": _("replaces"),
    "replaced-by": _("is replaced by"),
    "duplicates": _("duplicates"),
    "duplicated-by": _("is duplicated by"),
    "part-of": _("is part of"),
    "has-part": _("has as a part"),
    "uses": _("uses"),
    "used-by": _("is used by"),
    "calls": _("calls"),
    "called-by": _("is called by"),
}
ROADMAP_WORDS = {
    RoadmapState.PLANNED: _("Planned"),
    RoadmapState.IN_PROGRESS: _("In progress"),
    RoadmapState.DONE: _("Done"),
    RoadmapState.DROPPED: _("Dropped"),
}
_LINK = _("A whole address, https://…")


class SectionForm(forms.Form):
    """One section; `version` is the one that was read."""

    block: ClassVar[str] = ""
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    @classmethod
    def present(cls, found: Any) -> dict[str, Any]:
        """What the fields show before anybody typed."""
        held = getattr(found, cls.block) if cls.block else {name: getattr(found, name, None) for name in cls.base_fields}
        return {**held, "version": found.version}

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def changes(self) -> dict[str, Any]:
        """The command: what changes of the integration."""
        return {self.block: self.values()} if self.block else self.values()


class OwnersForm(SectionForm):
    technical_owner = PersonField(label=_("Technical owner"))
    business_owner = PersonField(label=_("Business owner"))
    on_call = PersonField(label=_("On call"))
    data_steward = PersonField(label=_("Data steward"))
    co_owners = CommaList(label=_("Co-owners"), max_length=1000, required=False, help_text=_("User names, separated by commas."))

    @classmethod
    def present(cls, found: Any) -> dict[str, Any]:
        roles = ("technical_owner", "business_owner", "on_call", "data_steward")
        held = {name: getattr(getattr(found, name), "username", "") for name in roles}
        return {**held, "co_owners": found.co_owner_names, "version": found.version}

    def changes(self) -> dict[str, Any]:
        return {name: value if name == "co_owners" else value or None for name, value in self.values().items()}


class ValueForm(SectionForm):
    business_value = forms.CharField(
        label=_("Business value"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What would be worse without it, for whom."),
    )
    reuse_check = forms.CharField(
        label=_("Reuse check"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What existing integration or component did you consider, and why not that one?"),
    )


class SupportForm(SectionForm):
    block = "support"
    channel = forms.CharField(label=_("Whom to call"), max_length=200, required=False, help_text=_("A chat channel, a number, a queue."))
    hours = forms.CharField(label=_("When they answer"), max_length=200, required=False)
    response_target = forms.CharField(label=_("Answer within"), max_length=200, required=False)
    runbook = forms.CharField(label=_("Runbook"), max_length=500, required=False, help_text=_LINK)
    escalation = forms.CharField(label=_("If nobody answers"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class ChangePolicyForm(SectionForm):
    block = "change_policy"
    notice_days = forms.IntegerField(label=_("Days of notice"), min_value=0, max_value=3650, required=False)
    maintenance_window = forms.CharField(label=_("When it may change"), max_length=200, required=False)
    approval = forms.CharField(label=_("On whose word"), max_length=200, required=False)
    text = forms.CharField(label=_("Anything else"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4}))


class DeprecationForm(SectionForm):
    """Left empty as a whole, there is no deprecation. An alternative that the editor cannot see stays while it is left empty."""

    block = "deprecation"
    effective_on = forms.DateField(
        label=_("Deprecated from"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    removal_on = forms.DateField(label=_("Removed on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    alternative = forms.CharField(
        label=_("Use instead"), max_length=63, required=False, help_text=_("The name of another integration, as in its address.")
    )
    documentation = forms.CharField(label=_("How to move"), max_length=500, required=False, help_text=_LINK)
    reason = forms.CharField(label=_("Why"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    @classmethod
    def present(cls, found: Any) -> dict[str, Any]:
        days = {name: date.fromisoformat(found.deprecation[name]) for name in ("effective_on", "removal_on") if name in found.deprecation}
        return {**found.deprecation, **days, "alternative": found.alternative or "", "version": found.version}

    def changes(self) -> dict[str, Any]:
        values = self.values()
        if not any(values.values()):
            return {self.block: None}
        if not values["alternative"] and not self.initial.get("alternative"):
            del values["alternative"]
        return {self.block: values}


class LabelsForm(SectionForm):
    tags = CommaList(label=_("Tags"), max_length=4000, required=False, help_text=_("Separated by commas."))
    labels = forms.CharField(
        label=_("Labels"),
        max_length=40_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One a line: name=value, such as cost-centre=4711."),
    )

    @classmethod
    def present(cls, found: Any) -> dict[str, Any]:
        lines = "\n".join(f"{name}={value}" for name, value in found.labels.items())
        return {"tags": found.tags, "labels": lines, "version": found.version}

    def clean_labels(self) -> dict[str, str]:
        """By name; a line without `=` and a name that comes twice are told."""
        read: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["labels"].splitlines(), start=1):
            name, is_pair, value = line.partition("=")
            name = name.strip()
            if not line.strip():
                continue
            if not is_pair:
                raise forms.ValidationError(_("Line %(n)d has no “=”.") % {"n": number})
            if name in read:
                raise forms.ValidationError(_("Line %(n)d names a label that is there already.") % {"n": number})
            read[name] = value.strip()
        return read


class RenameForm(SectionForm):
    slug = forms.CharField(label=_("Name"), max_length=63, help_text=_("Letters, digits and hyphens. The present name keeps leading here."))


class RoadmapForm(forms.Form):
    """A planned improvement; `version` is empty for a new one."""

    title = forms.CharField(label=_("What becomes better"), max_length=160)
    quarter = forms.CharField(label=_("Quarter"), max_length=7, help_text=_("Such as 2027-Q1."))
    state = forms.ChoiceField(label=_("State"), choices=[(state.value, word) for state, word in ROADMAP_WORDS.items()])
    description = forms.CharField(label=_("In more words"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)


class RelationForm(forms.Form):
    type = forms.ChoiceField(label=_("This integration"), choices=[(name.value, RELATION_WORDS[name.value]) for name in RelationType])
    entity_kind = forms.ChoiceField(label=_("Kind of the other end"), choices=[(kind.value, word) for kind, word in KIND_WORDS.items()])
    entity = forms.CharField(label=_("Which"), max_length=63, help_text=_("Its name, as in its address."))
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class GrantForm(forms.Form):
    holder_type = forms.ChoiceField(label=_("Who"), choices=[("user", _("A person")), ("team", _("A team"))])
    holder = PersonField(label=_("Name"), required=True, help_text=_("A user name, or the name of a team as in its address."))
    right = forms.ChoiceField(label=_("May"), choices=[("view", _("see it and what is inside")), ("propose", _("also propose releases"))])


SECTION_FORMS: Mapping[str, type[SectionForm]] = {
    "owners": OwnersForm,
    "value": ValueForm,
    "support": SupportForm,
    "change-policy": ChangePolicyForm,
    "deprecation": DeprecationForm,
    "labels": LabelsForm,
    "name": RenameForm,
}
