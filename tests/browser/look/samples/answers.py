"""Forms of the shapes the views give."""

from django import forms


class RequestForm(forms.Form):
    release = forms.ChoiceField(label="Release", choices=[("1", "Orders → Warehouse 2.0.0"), ("2", "Orders → Warehouse 1.1.0")])
    targets = forms.MultipleChoiceField(
        label="Where it should run",
        help_text="Each becomes one slot.",
        widget=forms.CheckboxSelectMultiple,
        choices=[("a", "production on Node-RED, Hamburg"), ("b", "staging on Reference agent")],
    )
    reason = forms.CharField(
        label="Reason", help_text="One or two sentences the board reads first.", widget=forms.Textarea(attrs={"rows": 4})
    )


class TakeOutForm(forms.Form):
    targets = forms.MultipleChoiceField(
        label="Where it should be taken out",
        help_text="Places where a release of it should run now.",
        widget=forms.CheckboxSelectMultiple,
        choices=[("a", "Production · Node-RED, Hamburg (2.0.0)"), ("b", "Staging · Reference agent (what is left there)")],
    )
    reason = forms.CharField(label="Reason", help_text="The board reads this first.", widget=forms.Textarea(attrs={"rows": 4}))


class IntegrationForm(forms.Form):
    title = forms.CharField(label="Title", help_text="Source → target, in words people use.")
    slug = forms.SlugField(label="Slug", help_text="Lower-case letters, digits and hyphens; part of its address for ever.")
    team = forms.ChoiceField(label="Owning team", choices=[("f", "Fulfilment")])
    tier = forms.ChoiceField(label="Tier", choices=[("1", "1, critical")])
    restricted = forms.BooleanField(
        label="Restricted", required=False, help_text="Seen by the owning team and those it is shared with only."
    )
    purpose = forms.CharField(label="Purpose", widget=forms.Textarea(attrs={"rows": 3}), required=False)


class EndpointForm(forms.Form):
    system = forms.ChoiceField(label="System", choices=[("", ""), ("shop", "Shop"), ("wms", "Warehouse")])
    role = forms.ChoiceField(label="Role", choices=[("source", "Source"), ("target", "Target")])
    data_object = forms.ChoiceField(label="Data object", choices=[("order", "Order")], required=False)
    address = forms.CharField(label="Address", required=False)


class ReleaseForm(forms.Form):
    version = forms.CharField(label="Version", help_text="Semantic, such as 1.2.0.")
    manifest = forms.CharField(label="Manifest (JSON)", widget=forms.Textarea, required=False)
    manifest_file = forms.FileField(label="Or a file", required=False, help_text="At most 1 MiB. Wins over the text above.")
    notes = forms.CharField(label="Notes", widget=forms.Textarea(attrs={"rows": 3}), required=False)
