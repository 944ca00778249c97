"""The tests themselves."""

import copy
import json
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid5

import pytest

from runtime_adapters.conformance.subject import PushSubject, slot
from runtime_adapters.conformance.wire import ERRORS, GARBAGE, READS, Reply
from runtime_adapters.contract import (
    CONTRACT_VERSION,
    Adapter,
    AdapterError,
    ApplyRequest,
    AuthFailed,
    Concurrency,
    Conflict,
    ConnectFailed,
    FencedOut,
    Generation,
    HttpReply,
    InvalidInput,
    Marks,
    Mode,
    Observe,
    Outcome,
    OutcomeUnknown,
    RateLimited,
    RemoveRequest,
    Severity,
    SlotRef,
    TransportFailed,
    Unavailable,
    Unsupported,
)


class AdapterConformance:
    """Inherit, and define a `subject` fixture."""

    # What the adapter says of itself, and its pure parts

    def test_its_specification_can_be_used(self, subject: PushSubject) -> None:
        spec = subject.adapter.spec
        assert spec.contract_version.split(".")[0] == CONTRACT_VERSION.split(".")[0]
        assert spec.kind == spec.kind.lower()
        assert " " not in spec.kind
        assert spec.config_schema["type"] == "object"
        assert spec.config_schema["additionalProperties"] is False
        assert isinstance(subject.adapter, Adapter)
        assert not [f for f in type(subject.adapter).validate(subject.config, None, None) if f.severity is Severity.ERROR]
        assert spec.capabilities.secrets_by_reference or not spec.secret_fields

    def test_an_unknown_setting_is_told(self, subject: PushSubject) -> None:
        assert type(subject.adapter).validate({**subject.config, "surprise": 1}, None, None)
        with pytest.raises(InvalidInput):
            type(subject.adapter)({**subject.config, "surprise": 1})

    def test_marks_are_no_part_of_the_content(self, subject: PushSubject) -> None:
        adapter, manifest = subject.adapter, subject.manifests[0]
        first = adapter.render(manifest, Marks(slot(), "sha256:" + "a" * 64, Generation(1, 1)))
        again = adapter.render(manifest, Marks(slot(), "sha256:" + "a" * 64, Generation(1, 1)))
        later = adapter.render(manifest, Marks(slot(), "sha256:" + "b" * 64, Generation(2, 7)))
        other = adapter.render(subject.manifests[1], Marks(slot(), "sha256:" + "a" * 64, Generation(1, 1)))
        assert first == again
        assert adapter.content_hash(first) == adapter.content_hash(later)
        assert adapter.content_hash(first) != adapter.content_hash(other)
        assert not adapter.spec.capabilities.marker or first != later

    def test_pure_parts_leave_their_input_alone(self, subject: PushSubject) -> None:
        manifest = copy.deepcopy(subject.manifests[0])
        payload = subject.adapter.render(manifest, Marks(slot(), "sha256:" + "a" * 64, Generation(1, 1)))
        before = copy.deepcopy(payload)
        subject.adapter.content_hash(payload)
        subject.adapter.plan(payload, None)
        assert manifest == subject.manifests[0]
        assert payload == before

    def test_normalising_twice_is_normalising_once(self, subject: PushSubject) -> None:
        payload = subject.request(slot()).payload
        once = subject.adapter.normalize(payload)
        assert subject.adapter.normalize(once) == once
        assert subject.adapter.content_hash(once) == subject.adapter.content_hash(payload)

    def test_a_plan_names_what_differs(self, subject: PushSubject) -> None:
        first, second = subject.request(slot(), 0).payload, subject.request(slot(), 1).payload
        assert subject.adapter.plan(first, first) == ()
        assert subject.adapter.plan(first, None)
        assert bool(subject.adapter.plan(second, first)) == subject.adapter.spec.capabilities.dry_run

    def test_a_bad_release_is_refused_before_it_is_sent(self, subject: PushSubject) -> None:
        found = type(subject.adapter).validate(subject.config, subject.bad_manifest["payload"], None)
        assert [finding for finding in found if finding.severity is Severity.ERROR]
        assert all(finding.pointer == "" or finding.pointer.startswith("/") for finding in found)
        with pytest.raises(InvalidInput):
            subject.adapter.render(subject.bad_manifest, Marks(slot(), "sha256:" + "a" * 64, Generation(1, 1)))
        assert subject.http.calls == []

    def test_closing_twice_is_fine(self, subject: PushSubject) -> None:
        subject.adapter.close()
        subject.adapter.close()

    # One effect, and the truth about it

    def test_what_was_applied_is_what_is_seen(self, subject: PushSubject) -> None:
        request = subject.request(slot())
        result = subject.apply(request)
        seen = subject.observe(slot())
        claims = subject.adapter.spec.capabilities
        assert result.outcome is (Outcome.ACCEPTED if claims.mode is Mode.PULL else Outcome.APPLIED)
        assert (seen.slot, seen.present, seen.digest) == (slot().id, True, request.digest)
        assert seen.generation == (request.generation if claims.marker else None)
        assert seen.content_hash == subject.adapter.content_hash(request.payload)
        assert (seen.started is not None) == claims.started
        if claims.observe is Observe.CONTENT:
            assert seen.content is not None
            assert subject.adapter.plan(request.payload, seen.content) == ()

    def test_applying_twice_has_one_effect(self, subject: PushSubject) -> None:
        request = subject.request(slot())
        subject.apply(request)
        first, effects = subject.observe(slot()), subject.effects()
        again = subject.apply(request)
        assert again.outcome is not Outcome.APPLIED
        assert subject.effects() == effects
        assert subject.observe(slot()).native_revision == first.native_revision

    def test_other_content_under_the_same_key_is_refused_or_seen(self, subject: PushSubject) -> None:
        first = subject.request(slot(), 0)
        subject.apply(first)
        other = subject.request(slot(), 1, idempotency_key=first.idempotency_key)
        try:
            subject.apply(other)
        except AdapterError:
            expected = first
        else:
            expected = other
        seen = subject.observe(slot())
        assert (seen.digest, seen.content_hash) in {
            (expected.digest, subject.adapter.content_hash(expected.payload)),
            (first.digest, subject.adapter.content_hash(first.payload)),
        }

    def test_a_newer_release_takes_the_place_of_the_older(self, subject: PushSubject) -> None:
        subject.apply(subject.request(slot(), 0, n=1))
        newer = subject.request(slot(), 1, n=2)
        subject.apply(newer)
        seen = subject.observe(slot())
        assert (seen.digest, seen.content_hash) == (newer.digest, subject.adapter.content_hash(newer.payload))

    def test_an_older_generation_stays_out(self, subject: PushSubject) -> None:
        newer = subject.request(slot(), 1, n=2)
        subject.apply(newer)
        older = subject.request(slot(), 0, n=1)
        if Concurrency.FENCING not in subject.adapter.spec.capabilities.concurrency:
            assert subject.apply(older).outcome is not None
            return
        if subject.adapter.spec.capabilities.mode is Mode.PUSH:
            with pytest.raises(FencedOut) as refused:
                subject.apply(older)
            assert refused.value.highest == newer.generation
        else:
            subject.apply(older)
        assert subject.observe(slot()).digest == newer.digest

    def test_a_stale_revision_is_refused(self, subject: PushSubject) -> None:
        first = subject.apply(subject.request(slot(), 0, n=1))
        subject.apply(subject.request(slot(), 1, n=2))
        stale = subject.request(slot(), 0, n=3, expected_revision=first.native_revision)
        if Concurrency.CAS_REVISION not in subject.adapter.spec.capabilities.concurrency:
            assert subject.apply(stale).outcome is not None
            return
        with pytest.raises(Conflict) as refused:
            subject.apply(stale)
        seen = subject.observe(slot())
        assert refused.value.current_revision == seen.native_revision
        assert seen.generation == Generation(1, 2)
        subject.apply(replace(stale, expected_revision=seen.native_revision))
        assert subject.observe(slot()).digest == stale.digest

    def test_nothing_of_others_is_touched(self, subject: PushSubject) -> None:
        before = copy.deepcopy(subject.foreign())
        assert before
        subject.apply(subject.request(slot(), 0, n=1))
        subject.apply(subject.request(slot(), 1, n=2))
        assert subject.foreign() == before
        subject.remove(_removal(slot(), 3))
        assert subject.foreign() == before

    def test_two_slots_do_not_meet(self, subject: PushSubject) -> None:
        orders, invoices = slot("orders"), slot("invoices")
        subject.apply(subject.request(orders, 0))
        subject.apply(subject.request(invoices, 1))
        before = subject.observe(orders)
        subject.apply(replace(subject.request(invoices, 1, n=2)))
        subject.remove(_removal(invoices, 3))
        after = subject.observe(orders)
        assert (after.native_revision, after.content_hash) == (before.native_revision, before.content_hash)
        assert not subject.observe(invoices).present

    def test_removing_is_complete_and_may_be_repeated(self, subject: PushSubject) -> None:
        assert subject.adapter.spec.capabilities.remove
        subject.apply(subject.request(slot()))
        subject.remove(_removal(slot(), 2))
        assert not subject.observe(slot()).present
        effects = subject.effects()
        assert subject.remove(_removal(slot(), 2)).outcome is not Outcome.APPLIED
        assert subject.effects() == effects

    def test_an_empty_slot_is_seen_as_empty(self, subject: PushSubject) -> None:
        seen = subject.observe(slot("nothing-here"))
        assert (seen.present, seen.digest, seen.content_hash) == (False, None, None)

    def test_names_in_every_script_come_back(self, subject: PushSubject) -> None:
        text = "Bestellübersicht 注文 🚚 \u2028 \u0645 e\u0301"
        manifest = json.loads(json.dumps(subject.manifests[0]).replace("conformance", json.dumps(text)[1:-1]))
        assert manifest != subject.manifests[0], "the manifest holds the word `conformance` somewhere"
        payload = subject.adapter.render(manifest, Marks(slot(), "sha256:" + "c" * 64, Generation(1, 1)))
        subject.apply(replace(subject.request(slot()), payload=payload, digest="sha256:" + "c" * 64))
        assert subject.observe(slot()).content_hash == subject.adapter.content_hash(payload)

    def test_what_is_held_is_listed(self, subject: PushSubject) -> None:
        request = subject.request(slot())
        subject.apply(request)
        ours = [item for item in subject.held() if item.managed]
        assert [(item.integration, item.digest) for item in ours] == [(slot().integration, request.digest)]


class PushConformance(AdapterConformance):
    """For adapters that call the runtime: everything above, and what the network does to it."""

    def test_foreign_objects_are_listed_as_unmanaged(self, subject: PushSubject) -> None:
        subject.foreign()
        assert [item for item in subject.held() if not item.managed]

    def test_a_connection_cut_after_sending_is_settled_by_looking(self, subject: PushSubject) -> None:
        request = subject.request(slot())

        def cut(method: str, send: Reply) -> HttpReply:
            reply = send()
            if method not in READS:
                raise TransportFailed("cut after the bytes left")
            return reply

        assert _tried(subject, request, cut) in {"applied", "outcome-unknown"}
        seen = subject.observe(slot())
        assert (seen.digest, seen.content_hash) == (request.digest, subject.adapter.content_hash(request.payload))
        assert subject.apply(request).outcome is Outcome.ALREADY_APPLIED
        assert subject.effects() == 1

    def test_a_cut_with_nobody_left_to_ask_is_unknown(self, subject: PushSubject) -> None:
        sent: list[str] = []

        def gone(method: str, send: Reply) -> HttpReply:
            if method in READS and not sent:
                return send()
            sent.append(method)
            raise TransportFailed("gone")

        assert _tried(subject, subject.request(slot()), gone) == "outcome-unknown"
        assert not subject.observe(slot()).present

    def test_no_connection_changes_nothing(self, subject: PushSubject) -> None:
        def unreachable(_method: str, _send: Reply) -> HttpReply:
            raise ConnectFailed("refused")

        assert _tried(subject, subject.request(slot()), unreachable) == "unavailable"
        assert not subject.observe(slot()).present

    def test_a_runtime_that_says_yes_and_does_nothing_is_found_out(self, subject: PushSubject) -> None:
        first = subject.request(slot(), 0, n=1)
        subject.apply(first)
        yes = subject.http.writes[-1]
        subject.http.spoil = lambda method, send: send() if method in READS else yes
        subject.apply(subject.request(slot(), 1, n=2))
        subject.http.spoil = None
        assert subject.observe(slot()).digest == first.digest

    @pytest.mark.parametrize(("status", "expected"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
    def test_each_refused_write_has_its_error(self, subject: PushSubject, status: int, expected: type[AdapterError]) -> None:
        said = HttpReply(status, {"retry-after": "7"}, json.dumps({"message": subject.secret}).encode())
        subject.http.spoil = lambda method, send: send() if method in READS else said
        with pytest.raises(AdapterError) as refused:
            subject.apply(subject.request(slot()))
        subject.http.spoil = None
        assert type(refused.value) is expected
        assert refused.value.after_s == (7 if expected is RateLimited else None)
        assert subject.secret not in _everything_in(refused.value)
        assert not subject.observe(slot()).present

    @pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE.keys())
    def test_garbage_for_an_answer_is_one_of_our_errors(self, subject: PushSubject, body: bytes) -> None:
        subject.http.spoil = lambda _method, _send: HttpReply(200, {"content-type": "text/html"}, body)
        for call in (
            lambda: subject.apply(subject.request(slot())),
            lambda: subject.observe(slot()),
            subject.held,
            lambda: subject.adapter.probe(subject.context()),
        ):
            with pytest.raises((Unavailable, Unsupported, OutcomeUnknown)):
                call()

    def test_an_unreadable_yes_is_unknown_until_seen(self, subject: PushSubject) -> None:
        request = subject.request(slot())

        def mumble(method: str, send: Reply) -> HttpReply:
            reply = send()
            return reply if method in READS else HttpReply(200, {}, b"<html>")

        assert _tried(subject, request, mumble) in {"applied", "outcome-unknown"}
        assert subject.observe(slot()).digest == request.digest

    def test_no_call_outlives_the_deadline(self, subject: PushSubject) -> None:
        began = time.monotonic()
        subject.adapter.observe([slot()], subject.context(seconds=5))
        assert all(timeout_s <= 5 for _method, _url, timeout_s in subject.http.calls)
        subject.http.calls.clear()
        with pytest.raises(Unavailable):
            subject.adapter.apply(subject.request(slot()), subject.context(seconds=-1))
        assert subject.http.calls == []
        assert time.monotonic() - began < 30

    def test_secrets_stay_out_of_what_is_told(self, subject: PushSubject, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        told = [subject.apply(subject.request(slot())), subject.observe(slot()), subject.adapter.probe(subject.context()), subject.held()]
        assert subject.secret not in repr(told)
        assert subject.secret not in caplog.text
        assert subject.secret not in "".join(url for _method, url, _timeout in subject.http.calls)

    def test_a_secret_that_does_not_resolve_is_an_authentication_error(self, subject: PushSubject) -> None:
        def unresolved(_ref: str) -> str:
            raise AuthFailed("the reference does not resolve")

        if not subject.adapter.spec.secret_fields:
            return
        with pytest.raises(AuthFailed):
            subject.adapter.observe([slot()], replace(subject.context(), secret=unresolved))
        assert subject.http.calls == []

    def test_the_probe_tells_the_version(self, subject: PushSubject) -> None:
        assert subject.adapter.probe(subject.context()).version
        assert subject.http.writes == []


def _removal(place: SlotRef, n: int) -> RemoveRequest:
    return RemoveRequest(place, Generation(1, n), str(uuid5(place.id, f"{n}/remove")))


def _tried(subject: PushSubject, request: ApplyRequest, spoil: Callable[[str, Reply], HttpReply]) -> str:
    """Apply once under a fault; return the outcome, or the error's code."""
    subject.http.spoil = spoil
    try:
        return subject.apply(request).outcome.value
    except AdapterError as error:
        return error.code
    finally:
        subject.http.spoil = None


def _everything_in(error: BaseException | None) -> str:
    """All text that a log of this error could show."""
    parts = []
    while error is not None:
        parts.append(repr(error) + repr(vars(error)))
        error = error.__cause__ or error.__context__
    return "".join(parts)
