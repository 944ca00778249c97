"""Naming a person in a form: by user name, with the names that `shell.people` offers as one types."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

OFFERED: Final = "people"  # the datalist of portal/parts/people.html


class PersonField(forms.CharField):
    """The user name of an account. The page includes `portal/parts/people.html`; without it the field is plain."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"list": OFFERED, "autocomplete": "off"})
        super().__init__(
            **{"max_length": 63, "required": False, "widget": widget, "help_text": _("A user name; type to be offered some."), **kwargs}
        )
