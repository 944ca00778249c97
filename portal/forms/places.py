"""Where a service's refusal belongs in a form: its JSON pointers name the fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from foundation.errors import DomainError, FieldError


def place(error: DomainError, form: forms.Form, *, endpoints: Sequence[forms.Form] = ()) -> list[str]:
    """Put each fault at its field; return the sentences that belong to no field.

    `endpoints` are the forms behind `/endpoints/<n>`, in the order they were sent.
    """
    if not error.errors:
        return [str(error)]
    left = [sentence for fault in error.errors if (sentence := _placed(fault, form, endpoints))]
    if endpoints and any(one.errors for one in endpoints) and not left and not form.errors:
        left.append(_("Look at the endpoints marked below."))
    return left


def _placed(fault: FieldError, form: forms.Form, endpoints: Sequence[forms.Form]) -> str:
    """An empty text when the fault found its field, else the sentence."""
    name, _slash, rest = fault.pointer.removeprefix("/").partition("/")
    if name == "endpoints" and rest:
        at, _slash, field = rest.partition("/")
        if at.isdecimal() and int(at) < len(endpoints):
            _add(endpoints[int(at)], field.partition("/")[0], fault.detail)
            return ""
    if name in form.fields:
        _add(form, name, f"/{rest}: {fault.detail}" if rest and not rest.isdecimal() else fault.detail)
        return ""
    return f"{fault.pointer}: {fault.detail}" if fault.pointer else fault.detail


def _add(form: forms.Form, field: str, sentence: str) -> None:
    form.add_error(field if field in form.fields else None, sentence)


def raw(form: forms.Form) -> Mapping[str, Any]:
    """What was typed, unread: to show a form again without judging it."""
    return {name: bound.field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name)) for name, bound in _bound(form)}


def _bound(form: forms.Form) -> list[tuple[str, forms.BoundField]]:
    return [(name, form[name]) for name in form.fields]
