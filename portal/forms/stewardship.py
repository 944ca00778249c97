"""Answering for integrations, asking others to, and leaving in order, without JavaScript."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, tzinfo
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from catalog.domain.vocabulary import OwnerRole
from foundation.errors import DomainError
from foundation.text import slug_key
from governance.domain.reassignment import Item
from portal.forms.documents import SECTION_WORDS
from portal.forms.people import PersonField

ROLE_WORDS = {
    OwnerRole.ACCOUNTABLE_TEAM: _("Accountable team"),
    OwnerRole.TECHNICAL_OWNER: _("Technical owner"),
    OwnerRole.BUSINESS_OWNER: _("Business owner"),
    OwnerRole.ON_CALL: _("On call"),
    OwnerRole.DATA_STEWARD: _("Data steward"),
}
# How people are named on an integration, by the words that plans and the API have for it.
NAMED_WORDS = {**{role.value: words for role, words in ROLE_WORDS.items()}, "co-owner": _("Co-owner")}
ANSWER_WORDS = [
    ("", _("Later")),
    ("confirm", _("It is right")),
    ("correct", _("Correct it as below")),
    ("disown", _("It is not mine: take me out of its roles")),
]
_CORRECTABLE = ("title", "technical_owner", "business_owner")


class AnswerForm(forms.Form):
    """One integration that the person answers for. What is right instead is read only with the answer `correct`."""

    integration = forms.CharField(widget=forms.HiddenInput, max_length=63)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    answer = forms.ChoiceField(label=_("Your answer"), choices=ANSWER_WORDS, widget=forms.RadioSelect, required=False)
    note = forms.CharField(label=_("Note"), max_length=4000, required=False)
    title = forms.CharField(label=_("Title"), max_length=160, required=False)
    technical_owner = PersonField(label=_("Technical owner"))
    business_owner = PersonField(label=_("Business owner"))

    def command(self) -> dict[str, Any]:
        """The row as the service takes it; a correction names only what was changed on the form."""
        values = self.cleaned_data
        row: dict[str, Any] = {"integration": values["integration"], "answer": values["answer"], "note": values["note"]}
        if values["answer"] != "correct":
            return row
        before = {name: self.data.get(self.add_prefix(f"was_{name}"), "") for name in _CORRECTABLE}
        changed = {name: values[name] or (None if name != "title" else "") for name in _CORRECTABLE if values[name] != before[name]}
        return {**row, "changes": changed, "version": values["version"]}


def answer_forms(data: Any = None, rows: Sequence[dict[str, Any]] = ()) -> Any:
    """The rows to answer: those sent, or else `rows` as initial values."""
    made = forms.formset_factory(AnswerForm, extra=0, max_num=100, absolute_max=100)
    return made(data, initial=None if data is not None else list(rows), prefix="rows")


class CampaignForm(forms.Form):
    """A round of asking owners."""

    title = forms.CharField(label=_("Title"), max_length=160, help_text=_("Owners read this first, such as “Spring review of tier 1”."))
    query = forms.CharField(
        label=_("Which integrations"),
        max_length=2000,
        required=False,
        help_text=_("What stands behind “?” in the address of the filtered list, such as “tier=1&team=payments”. Empty: all."),
    )
    due_on = forms.DateField(label=_("Answers until"), widget=forms.DateInput(attrs={"type": "date"}))

    def command(self, zone: tzinfo) -> dict[str, Any]:
        """As the service takes it: the day ends at midnight where the person is."""
        values = self.cleaned_data
        due_at = datetime.combine(values["due_on"], time(23, 59, 59), tzinfo=zone).astimezone(UTC)
        return {"title": values["title"], "query": values["query"], "due_at": due_at}


class Days(forms.CharField):
    """Whole numbers separated by commas."""

    def to_python(self, value: Any) -> Any:
        words = [word.strip() for word in (super().to_python(value) or "").split(",") if word.strip()]
        if not all(word.isascii() and word.isdecimal() and len(word) <= 5 for word in words):
            raise forms.ValidationError(_("Write whole numbers of days, separated by commas."))
        return [int(word) for word in words]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


class TierForm(forms.Form):
    """What a tier asks for. `version` is the one that was read; 0 where nobody edited the default yet."""

    owner_roles = forms.MultipleChoiceField(
        label=_("Owners it needs"), choices=[(role.value, words) for role, words in ROLE_WORDS.items()], widget=forms.CheckboxSelectMultiple
    )
    sections = forms.MultipleChoiceField(
        label=_("Documentation it needs"),
        choices=[(section.value, words) for section, words in SECTION_WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    attest_every_days = forms.IntegerField(label=_("Attested every … days"), min_value=1, max_value=3650)
    escalate_after_days = Days(
        label=_("Escalated after … days"),
        max_length=60,
        help_text=_("One number a step: owners and team, its leads, the leads above, administrators."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


def _of(words: Any, item: Item) -> Any:
    """A label that those who cannot see its place hear with what it belongs to."""
    return format_html('{}<span class="visually-hidden">: {}</span>', words, item.title)


class LeavingForm(forms.Form):
    """Who takes over what. A field left empty means the person named for everything."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=71)
    default = PersonField(label=_("Who takes over"), help_text=_("A user name; for everything that names nobody else below."))

    def __init__(self, *args: Any, items: Sequence[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = [(item, f"to:{item.key}", f"end:{item.key}" if item.may_end else "") for item in items]
        for item, to, end in self.rows:
            self.fields[to] = PersonField(label=_of(_("Taken over by"), item), help_text="")
            if end:
                self.fields[end] = forms.BooleanField(label=_of(_("Give this seat up"), item), required=False)

    def command(self) -> dict[str, Any]:
        """As the service takes it."""
        values = self.cleaned_data
        overrides = {item.key: values[to] for item, to, _end in self.rows if values[to]}
        ended = {item.key: None for item, _to, end in self.rows if end and values[end]}
        return {"token": values["token"], "default": values["default"] or None, "overrides": {**overrides, **ended}}

    def refused(self, error: DomainError) -> list[str]:
        """Put each fault at the field that mends it. Returns what stands above the form."""
        values = dict(self.cleaned_data)
        codes = {fault.code for fault in error.errors}
        if "nobody-named" in codes:
            for _item, to, end in self.rows:
                if not (values["default"] or values[to] or (end and values[end])):
                    self.add_error(to, _("Name somebody here, or for everything above."))
        for fault in error.errors:
            if fault.code == "unknown-user":
                name, _colon, detail = fault.detail.partition(": ")
                for field in ("default", *(to for _item, to, _end in self.rows)):
                    if values[field] and slug_key(values[field]) == slug_key(name):
                        self.add_error(field, detail)
        others = [fault.detail for fault in error.errors if fault.code not in {"nobody-named", "unknown-user"}]
        return [str(error), *others]

    def lines(self) -> list[tuple[Item, Any, Any]]:
        """(item, field, box to give it up or None) for the page."""
        return [(item, self[to], self[end] if end else None) for item, to, end in self.rows]
