"""What runtimes themselves call, with a runtime token: desired state down, observations and health up."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from foundation.conditional import parse_tags
from foundation.edge.views import Edge, EdgeRequest
from foundation.errors import DomainError, FieldError, Kind
from runtime_adapters.api.shapes import DesiredKey, Envelope, HealthReports, Observations, Received
from runtime_adapters.domain.errors import NotARuntime
from runtime_adapters.intake import native
from runtime_adapters.models import Runtime
from runtime_adapters.selectors.runtimes import runtime_of_user
from runtime_adapters.services import desired_feed, observations

MAX_REPORT_BODY = 5 * 1024 * 1024


class BadReport(DomainError):
    """A health report is an object with one member `reports`, a list of at most 1,000."""

    kind, code = Kind.MALFORMED, "bad-report"


def runtime_of(request: EdgeRequest) -> Runtime:
    """The runtime whose token this is. Raises NotARuntime."""
    runtime = runtime_of_user(request.user.pk)
    if runtime is None:
        raise NotARuntime
    return runtime


class Desired(Edge):
    """The signed desired state of the caller's slots; fetching it marks each generation as accepted."""

    scopes = {"get": "runtime:pull"}

    @extend_schema(operation_id="runtime_desired", responses={200: Envelope, 304: None})
    def get(self, request: EdgeRequest) -> HttpResponse:
        runtime = runtime_of(request)
        desired_feed.touch(runtime=runtime, now=request.now)
        feed = desired_feed.feed_of(runtime=runtime, now=request.now)
        headers = {"ETag": feed.etag, "Cache-Control": "private, no-cache"}
        known = request.META.get("HTTP_IF_NONE_MATCH")
        if known and parse_tags(known).match_weakly(feed.etag):
            return HttpResponse(status=304, headers=headers)
        envelope = desired_feed.deliver(feed=feed, actor=request.actor, now=request.now)
        return HttpResponse(envelope, content_type="application/json", headers=headers)


class Key(Edge):
    """The public key that signs desired states; agents pin it."""

    scopes = {"get": ""}

    @extend_schema(operation_id="runtime_key", responses=DesiredKey)
    def get(self, _request: EdgeRequest) -> Response:
        key = {"key_id": desired_feed.public_key_id(), "algorithm": "ed25519", "public_key": desired_feed.public_key_pem()}
        return self.answer(key)


class ObservationIntake(Edge):
    """What an agent did with its slots. Each item stands by itself; repeated and late ones are ignored."""

    scopes = {"post": "runtime:report"}
    own_transactions = True

    @extend_schema(operation_id="runtime_observations", request=Observations, responses=Received)
    def post(self, request: EdgeRequest) -> Response:
        runtime = runtime_of(request)
        reported = [observations.Reported.of(item) for item in self.read(Observations)["observations"]]
        return self.answer(observations.receive(runtime=runtime, reported=reported, actor=request.actor, now=request.now))


class HealthIntake(Edge):
    """A batch of health readings. A faulty one is refused with a pointer and the rest is kept."""

    scopes = {"post": "runtime:report"}
    own_transactions = True
    max_body = MAX_REPORT_BODY

    @extend_schema(operation_id="runtime_health_reports", request=HealthReports, responses=Received)
    def post(self, request: EdgeRequest) -> Response:
        runtime = runtime_of(request)
        desired_feed.touch(runtime=runtime, now=request.now)
        reports = _reports(request.data)
        return self.answer(native.take(runtime_id=runtime.id, reports=reports, now=request.now).body)


def _reports(data: object) -> list[object]:
    if not isinstance(data, dict):
        raise BadReport(errors=[FieldError("", "not-an-object", "Expected an object.")])
    unknown = sorted(data.keys() - {"reports"})
    if unknown:
        raise BadReport(errors=[FieldError(f"/{unknown[0][:63]}", "unknown-field", "There is no such field.")])
    reports = data.get("reports")
    if not isinstance(reports, list) or len(reports) > native.MAX_REPORTS:
        raise BadReport(
            errors=[FieldError("/reports", "too-many" if isinstance(reports, list) else "wrong-type", "A list of at most 1,000.")]
        )
    return reports
