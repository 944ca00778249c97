"""Voting, withdrawing and asking for a change."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.domain.ballots import Choice


class VoteForm(forms.Form):
    """A decision on exactly the content whose digest was shown."""

    value = forms.ChoiceField(
        choices=[(choice.value, choice.value) for choice in Choice],
        error_messages={"required": _("Choose one of the decisions."), "invalid_choice": _("Choose one of the decisions.")},
    )
    subject_digest = forms.CharField(max_length=71)
    note = forms.CharField(max_length=4000, required=False)


class WithdrawForm(forms.Form):
    """Taking a request back."""

    reason = forms.CharField(max_length=4000, required=False)


class ChangeForm(forms.Form):
    """Which release should run where, and why."""

    release = forms.ChoiceField(label=_("Release"))
    targets = forms.MultipleChoiceField(
        label=_("Where it should run"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Places that understand this kind of release."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The board reads this first: what changes for whom, and why now."),
    )

    def __init__(self, *args: Any, releases: list[tuple[str, str]], places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["release"].choices = releases  # type: ignore[attr-defined]
        self.fields["targets"].choices = places  # type: ignore[attr-defined]


class RetirementForm(forms.Form):
    """Where it should be taken out, and why."""

    targets = forms.MultipleChoiceField(
        label=_("Where it should be taken out"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Places where a release of it should run now."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The board reads this first: who still relies on it there, and why it may go now."),
    )

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["targets"].choices = places  # type: ignore[attr-defined]
