"""/graph: what is joined with what."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.domain.graph import MAX_DEPTH, Direction
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import graph
from foundation.edge.serializers import ReadSerializer
from foundation.edge.views import Edge
from foundation.errors import FieldError
from foundation.filters import BadQuery

_NAMED = {"node", "depth", "direction", "limit"}


class GraphNodeSerializer(ReadSerializer):
    """An entity. A hidden one is an integration that you may not see and that a visible entity relates to: it has no name."""

    id = serializers.CharField()
    kind = serializers.ChoiceField([kind.value for kind in EntityKind])
    slug = serializers.CharField(allow_null=True)
    title = serializers.CharField(allow_null=True)
    distance = serializers.IntegerField()
    is_hidden = serializers.BooleanField()


class GraphEdgeSerializer(ReadSerializer):
    """A connection in the direction of the data. `via` is the data object that an endpoint carries."""

    source = serializers.CharField()  # type: ignore[assignment]  # a field's name, not DRF's own attribute
    target = serializers.CharField()
    type = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    via = serializers.CharField(allow_null=True)


class GraphSerializer(ReadSerializer):
    """What was found around a node; `truncated` when there is more than `limit`."""

    root = serializers.CharField()  # type: ignore[assignment]
    nodes = GraphNodeSerializer(many=True)
    edges = GraphEdgeSerializer(many=True)
    truncated = serializers.BooleanField(source="is_truncated")


class GraphView(Edge):
    """The map around one node."""

    scopes = {"get": "catalog:read"}

    @extend_schema(
        operation_id="graph",
        parameters=[
            OpenApiParameter("node", str, required=True, description="`kind:slug`, such as `system:erp`"),
            OpenApiParameter("depth", int, description=f"steps from the node, 1 to {MAX_DEPTH} (1)"),
            OpenApiParameter("direction", str, enum=[each.value for each in Direction], description="with the data, against it, or both"),
            OpenApiParameter("limit", int, description=f"most nodes, 1 to {graph.MOST_REACHED} ({graph.MOST_AROUND})"),
        ],
        responses=GraphSerializer,
    )
    def get(self, request: Request) -> Response:
        """Systems, integrations, data objects and components joined with a node, level by level."""
        asked = asked_of(request.query_params)
        root = graph.find_node(asked.pop("node"), self.request.viewer)
        return self.answer(GraphSerializer(graph.around(root, viewer=self.request.viewer, **asked)).data)


def asked_of(params: Any) -> dict[str, Any]:
    """`node`, `depth`, `direction` and `most`, typed. Raises BadQuery naming each faulty parameter."""
    faults = [FieldError(f"?{name}"[:120], "unknown-parameter", "There is no such parameter.") for name in params if name not in _NAMED]
    if not params.get("node"):
        faults.append(FieldError("?node", "required", "Name a node as kind:slug."))
    direction = params.get("direction", Direction.BOTH.value)
    if direction not in set(Direction):
        faults.append(FieldError("?direction", "unknown-value", f"Expected one of: {', '.join(Direction)}."))
    depth = _whole(params, "depth", 1, MAX_DEPTH, faults)
    most = _whole(params, "limit", graph.MOST_AROUND, graph.MOST_REACHED, faults)
    if faults:
        raise BadQuery(f"{faults[0].pointer[1:]}: {faults[0].detail}", errors=faults)
    return {"node": params["node"], "depth": depth, "direction": Direction(direction), "most": most}


def _whole(params: Any, name: str, default: int, most: int, faults: list[FieldError]) -> int:
    text = params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= most):
        faults.append(FieldError(f"?{name}", "out-of-range", f"Give a whole number from 1 to {most}."))
        return default
    return int(text)
