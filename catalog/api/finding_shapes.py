"""How found integrations, facets, suggestions and saved views look over HTTP."""

from typing import Any

from rest_framework import serializers

from catalog.api.integration_shapes import IntegrationSerializer
from catalog.selectors.facets import FACETS
from catalog.selectors.suggestions import FILTER_OF
from foundation.edge.serializers import CommandSerializer, ReadSerializer

KINDS = ["integration", *FILTER_OF]


class SegmentSerializer(ReadSerializer):
    """A piece of a text: found words, or what stands between."""

    text = serializers.CharField()
    is_hit = serializers.BooleanField()


class HighlightsSerializer(ReadSerializer):
    """Where the words stand. Plain text, shortened around the first hit; the title always, the others where they have a hit."""

    title = SegmentSerializer(many=True)
    purpose = SegmentSerializer(many=True, required=False)
    team = SegmentSerializer(many=True, required=False)
    tags = SegmentSerializer(many=True, required=False)
    systems = SegmentSerializer(many=True, required=False)
    data_objects = SegmentSerializer(many=True, required=False)
    fields_touched = SegmentSerializer(many=True, required=False)
    documents = SegmentSerializer(many=True, required=False)


class WhereAsked(serializers.SerializerMethodField):
    """A method field that an answer may lack, so that the description does not promise it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.read_only, self.required = False, False


class FoundIntegrationSerializer(IntegrationSerializer):
    """An integration in the list; after a search also how near to its name the words stand (4 … 0), and where."""

    relevance = serializers.IntegerField(required=False, min_value=0, max_value=4)
    highlights = WhereAsked()

    def get_highlights(self, row: Any) -> dict[str, Any] | None:
        """By the name of the text."""
        found: dict[str, Any] | None = self.context["highlights"].get(row.pk)
        return found


class FacetValueSerializer(ReadSerializer):
    """A value as the filter takes it, its name, and how many integrations have it."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name of a field, not DRF's own
    count = serializers.IntegerField()


class OtherValuesSerializer(ReadSerializer):
    """What is not among the most frequent values: how many values, and their counts together."""

    values = serializers.IntegerField(source="other_values")
    count = serializers.IntegerField(source="other_count")


class FacetSerializer(ReadSerializer):
    """The counts of one filter. The counts of one that is not multiple add up to the count of what was found."""

    is_multiple = serializers.BooleanField()
    values = FacetValueSerializer(many=True)
    other = OtherValuesSerializer(source="*")


class FacetsByNameSerializer(ReadSerializer):
    """By the name of the filter."""

    team = FacetSerializer(required=False)
    stage = FacetSerializer(required=False)
    tier = FacetSerializer(required=False)
    type = FacetSerializer(required=False)
    visibility = FacetSerializer(required=False)
    calls_ai = FacetSerializer(required=False)
    system = FacetSerializer(required=False)
    data_object = FacetSerializer(required=False)
    domain = FacetSerializer(required=False)
    environment = FacetSerializer(required=False)
    tag = FacetSerializer(required=False)


assert set(FacetsByNameSerializer._declared_fields) == set(FACETS)  # noqa: SLF001, S101 - a facet nobody described


class FacetsSerializer(ReadSerializer):
    """How many of the found integrations have which value."""

    facets = FacetsByNameSerializer()
    count = serializers.IntegerField()


class SuggestionSerializer(ReadSerializer):
    """What was perhaps meant; `filter` is the filter of the list that `value` is for, null for an integration itself."""

    kind = serializers.ChoiceField(KINDS)
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name of a field, not DRF's own
    filter = serializers.CharField(allow_null=True)


class SuggestionsSerializer(ReadSerializer):
    """Integrations first, then kind by kind."""

    results = SuggestionSerializer(many=True)


class SavedViewSerializer(ReadSerializer):
    """A list's query under a name. It shows everybody what they may see."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    query = serializers.CharField()
    is_shared = serializers.BooleanField()
    owner = serializers.CharField(source="owner.username")
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class UpdateSavedViewSerializer(CommandSerializer):
    title = serializers.CharField(max_length=120, required=False)
    query = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    is_shared = serializers.BooleanField(required=False)


class SaveViewSerializer(UpdateSavedViewSerializer):
    title = serializers.CharField(max_length=120)
    query = serializers.CharField(max_length=2000, allow_blank=True)
    is_shared = serializers.BooleanField(default=False)
