"""Uploading files to import."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

MAX_FILES = 200
MAX_BYTES = 20 * 1024 * 1024


class _Files(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files of one field. Empty ones are told by the import itself, file by file."""

    widget = _Files

    def clean(self, data: Any, initial: Any = None) -> list["UploadedFile[bytes]"]:  # noqa: ARG002 - Django's signature
        """At least one, at most MAX_FILES and MAX_BYTES in all."""
        files = [file for file in data or () if file]
        if not files:
            raise forms.ValidationError(self.error_messages["required"])
        if len(files) > MAX_FILES:
            raise forms.ValidationError(ngettext("Choose at most %d file.", "Choose at most %d files.", MAX_FILES) % MAX_FILES)
        if sum(file.size or 0 for file in files) > MAX_BYTES:
            raise forms.ValidationError(_t("The files are larger than 20 MiB in all."))
        return files


class ImportForm(forms.Form):
    """For which team, from which source, which files."""

    team = forms.ChoiceField(label=_("Team"), help_text=_("Owns what is new. What is there already keeps its team."))
    label = forms.CharField(
        label=_("Source"),
        max_length=120,
        help_text=_("A name that stays, such as “n8n production”: the same file of the same source is the same integration next time."),
    )
    uploads = FilesField(
        label=_("Files"),
        help_text=_(
            "Up to 200 files, 20 MiB in all: n8n, Node-RED, Backstage, OpenAPI, AsyncAPI, Kafka Connect, Airflow (dag-factory). "
            "A ZIP archive counts as the files in it, up to 1,000."
        ),
        error_messages={"required": _("Choose at least one file.")},
    )
    is_dry_run = forms.BooleanField(label=_("Only try"), required=False, help_text=_("Say what would come of it; register nothing."))

    def __init__(self, *args: Any, teams: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = teams  # type: ignore[attr-defined]
        self.fields["uploads"].widget.attrs["multiple"] = True

    def contents(self) -> list[tuple[str, bytes]]:
        """(name, content) of every file."""
        return [(_named(file), file.read()) for file in self.cleaned_data["uploads"]]


def _named(file: "UploadedFile[bytes]") -> str:
    return file.name or _t("without a name")
