"""Where a service's refusal belongs in a form: its JSON pointers name the fields."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from foundation.errors import DomainError, FieldError


def place(error: DomainError, form: forms.Form, *, endpoints: Sequence[forms.Form] = (), block: str = "") -> list[str]:
    """Put each fault at its field; return the sentences that belong to no field.

    `endpoints` are the forms behind `/endpoints/<n>`, in the order they were sent; the fields of a form for one `block` stand below it.
    """
    if not error.errors:
        return [str(error)]
    below = f"/{block}" if block else ""
    faults = [replace(fault, pointer=fault.pointer.removeprefix(below)) for fault in error.errors]
    left = [sentence for fault in faults if (sentence := _placed(fault, form, endpoints))]
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


def moved(form: forms.Form, error: DomainError) -> str:
    """Somebody was faster. The next save, if the person still wants it, is against the version that is there now."""
    now_there = error.extra.get("current_version")
    if isinstance(now_there, int):
        form.data = {**{name: form.data[name] for name in form.data}, "version": str(now_there)}
    return _("Somebody else changed it while you were writing. Compare with its page; saving again replaces what they wrote.")


def raw(form: forms.Form) -> Mapping[str, Any]:
    """What was typed, unread: to show a form again without judging it."""
    return {name: bound.field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name)) for name, bound in _bound(form)}


def _bound(form: forms.Form) -> list[tuple[str, forms.BoundField]]:
    return [(name, form[name]) for name in form.fields]
