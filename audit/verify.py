#!/usr/bin/env python3
"""Checks Portolan's evidence packs and log exports, offline and on its own: Python 3.11+ and `cryptography`, nothing else.

    python verify.py pack.zip                    an evidence pack
    python verify.py --log FOLDER_OR_ZIP         a whole log (manage.py export_log)
        --key VKEY         trust only this log key (otherwise the file's own key is used, and told)
        --retained FILE    signed checkpoints you kept: the log must still contain each of them
        --strict-time      events recorded later than they claim to have happened are failures, not remarks
        --json             one JSON object instead of sentences

Exit codes: 0 everything holds, 1 tampered, 2 incomplete (what is there holds, but something is missing), 3 unusable input.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import gc
import hashlib
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

OK, TAMPERED, INCOMPLETE, UNUSABLE = 0, 1, 2, 3
VERDICTS = {OK: "ok", TAMPERED: "tampered", INCOMPLETE: "incomplete", UNUSABLE: "unusable"}
MAX_INPUT = 512 * 1024 * 1024
MAX_MEMBER = 32 * 1024 * 1024
TOLERANCE = timedelta(minutes=5)
PACK_TYPE = "application/vnd.portolan.pack+json"


class Refused(Exception):
    """A check that failed, its verdict, and the first bad index where there is one."""

    def __init__(self, verdict: int, text: str, index: int | None = None) -> None:
        super().__init__(text)
        self.verdict, self.text, self.index = verdict, text, index


@dataclass
class Result:
    """What was found. Remarks do not change the verdict."""

    findings: list[Refused] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    checked: dict[str, Any] = field(default_factory=dict)

    def add(self, verdict: int, text: str, index: int | None = None) -> None:
        self.findings.append(Refused(verdict, text, index))

    @property
    def verdict(self) -> int:
        found = {one.verdict for one in self.findings}
        return next((code for code in (TAMPERED, UNUSABLE, INCOMPLETE) if code in found), OK)

    @property
    def first_bad_index(self) -> int | None:
        return min((one.index for one in self.findings if one.index is not None), default=None)


# --- bytes, JSON, RFC 8785 ---------------------------------------------------------------------------------------------


def b64(text: Any) -> bytes:
    """Standard base64 in its one canonical spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise Refused(TAMPERED, "There is something else where base64 belongs.") from None
    if base64.b64encode(data).decode() != text:
        raise Refused(TAMPERED, "Base64 in a spelling of its own.")
    return data


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _constant(name: str) -> None:
    raise ValueError(name)


def load(data: bytes, what: str) -> Any:
    """Strict JSON: UTF-8, no duplicate keys, no NaN."""
    try:
        return json.loads(data.decode(), object_pairs_hook=_object, parse_constant=_constant)
    except (ValueError, RecursionError):
        raise Refused(TAMPERED, f"{what} is not strict JSON.") from None


def jcs(value: Any) -> bytes:
    """RFC 8785 canonical JSON."""
    try:
        return _jcs(value).encode()
    except (UnicodeEncodeError, RecursionError):
        raise Refused(TAMPERED, "A value has no canonical JSON form.") from None


def _jcs(value: Any) -> str:
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_jcs(key)}:{_jcs(item)}" for key, item in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_jcs(item) for item in value) + "]"
    if isinstance(value, float):
        return _es6(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        raise Refused(TAMPERED, "An integer beyond 2^53 has no canonical JSON form.")
    return json.dumps(value, ensure_ascii=False)


def _es6(value: float) -> str:
    """ECMAScript Number::toString, as RFC 8785 asks."""
    if value == 0:
        return "0"
    if value - value != 0:
        raise Refused(TAMPERED, "Infinity is not JSON.")
    _, digit_list, exponent = Decimal(repr(abs(value))).normalize().as_tuple()
    digits, point = "".join(map(str, digit_list)), len(digit_list) + int(exponent)
    sign = "-" if value < 0 else ""
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = digits[0] + ("." + digits[1:] if digits[1:] else "")
    return f"{sign}{mantissa}e{point - 1:+d}"


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


# --- Merkle trees (RFC 6962, RFC 9162) ---------------------------------------------------------------------------------


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf_hash(body: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + body).digest()


def tree_root(hashes: list[bytes]) -> bytes:
    """The root over any number of equal-height subtree hashes."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:  # an odd last hash moves up as it is, which is what the RFC's split amounts to
        paired = [node(hashes[at], hashes[at + 1]) for at in range(0, len(hashes) - 1, 2)]
        hashes = paired + hashes[len(paired) * 2 :]
    return hashes[0]


def included_root(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes | None:
    """The root an inclusion proof leads to; None when its shape is wrong."""
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0 or len(step) != 32:
            return None
        if at & 1 or at == last:
            found = node(step, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, step)
        at, last = at >> 1, last >> 1
    return None if last or not 0 <= index < size else found


# --- signed notes, checkpoints, keys (C2SP) ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A log's verification key: `<name>+<id>+<base64 of 0x01 and 32 bytes>`."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def parse(cls, line: str) -> Key:
        name, _, rest = line.strip().partition("+")
        id_hex, _, encoded = rest.partition("+")
        material = b64(encoded)
        expected = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
        if not name or len(material) != 33 or material[0] != 1 or expected.hex() != id_hex:
            raise Refused(UNUSABLE, "That is not an Ed25519 verification key.")
        return cls(name, expected, material[1:])

    def verify(self, signature: bytes, message: bytes, what: str) -> None:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise Refused(TAMPERED, f"The signature of {what} does not hold under the key {self.name}+{self.id.hex()}.") from None


@dataclass(frozen=True)
class Head:
    """A signed head of the log."""

    size: int
    root: bytes
    alive_at: int | None = None  # POSIX seconds at which the log itself said that this was its newest head


def open_head(note: bytes, key: Key, what: str) -> Head:
    """The head in a signed checkpoint, when `key` signed it."""
    try:
        text, gap, tail = note.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise Refused(TAMPERED, f"{what} is not text.") from None
    wanted = f"— {key.name} "
    signatures = [b64(line.removeprefix(wanted)) for line in tail.split("\n") if line.startswith(wanted)]
    mine = [blob[4:] for blob in signatures if blob[:4] == key.id]
    if not gap or len(mine) != 1:
        raise Refused(TAMPERED, f"{what} bears no signature of the key {key.name}+{key.id.hex()}.")
    key.verify(mine[0], (text + "\n").encode(), what)
    lines = text.split("\n")
    if len(lines) < 3 or lines[0] != key.name or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        raise Refused(TAMPERED, f"{what} is not a checkpoint of {key.name}.")
    return Head(int(lines[1]), b64(lines[2]), _alive_at(signatures, text + "\n", key, what))


def _alive_at(signatures: list[bytes], text: str, key: Key, what: str) -> int | None:
    """The time in the log's own cosignature (c2sp.org/tlog-cosignature: key type 4), when the note bears one."""
    known = hashlib.sha256(key.name.encode() + b"\n\x04" + key.public).digest()[:4]
    for blob in signatures:
        if blob[:4] == known:
            at = int.from_bytes(blob[4:12])
            key.verify(blob[12:], f"cosignature/v1\ntime {at}\n{text}".encode(), f"the heartbeat under {what.lower()}")
            return at
    return None


def retained_heads(data: bytes, key: Key) -> list[Head]:
    """Every signed checkpoint in a file that holds one or several, oldest first."""
    notes = re.findall(rb"(?:[^\n]+\n)+\n(?:\xe2\x80\x94 [^\n]+\n)+", data)
    if not notes:
        raise Refused(UNUSABLE, "The retained file holds no signed checkpoint.")
    return sorted({open_head(note, key, "A retained checkpoint") for note in notes}, key=lambda head: head.size)


# --- leaves ------------------------------------------------------------------------------------------------------------

_H = "[0-9a-f]"
PATTERNS: dict[str, Callable[[str], Any]] = {
    "uuid": re.compile(rf"{_H}{{8}}-{_H}{{4}}-{_H}{{4}}-{_H}{{4}}-{_H}{{12}}").fullmatch,
    "digest": re.compile(rf"sha256:{_H}{{64}}").fullmatch,
    "int": re.compile(r"0|-?[1-9][0-9]{0,18}").fullmatch,
    "decimal": re.compile(r"-?(?:0|[1-9][0-9]{0,27})(?:\.[0-9]{1,18})?").fullmatch,
    "time": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z").fullmatch,
    "semver": re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]{1,100})?").fullmatch,
    "token": re.compile(r"[a-z0-9_.:/-]{1,200}").fullmatch,
    "row": re.compile(r"[a-z0-9_.:|,!= -]{1,2000}").fullmatch,
}
_WORD = re.compile(r"[A-Za-z0-9_.:+/-]{1,128}").fullmatch
_PATH = re.compile(r"[a-z][a-z0-9_]{0,63}(?:\.[a-z0-9_]{1,64}){0,3}").fullmatch
_TYPE = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*").fullmatch
REGISTRY_VERB = "audit.registry.published"
BOOTSTRAP = {REGISTRY_VERB: {"version": "int!", "digest": "digest!", "rows": "list:row!"}}
REQUIRED = {"v", "id", "at", "verb", "actor", "subject", "outcome", "facts", "commitments"}
OPTIONAL = {"on_behalf_of", "auth", "version", "previous", "request_id", "policy_digest"}
ACTOR_TYPES = {"user", "token", "runtime", "worker", "system", "db"}
Registry = dict[str, dict[str, str]]
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode  # RFC 8785 for leaves: no floats in them


def read_leaf(body: bytes) -> dict[str, Any]:
    """The leaf's members, when its bytes are canonical and its form is version 1's; ValueError otherwise."""
    leaf = json.loads(body)
    if not isinstance(leaf, dict) or not leaf.keys() >= REQUIRED or leaf.keys() - REQUIRED - OPTIONAL:
        raise ValueError("its members are not those of a leaf")
    if _CANONICAL(leaf).encode() != body:
        raise ValueError("its bytes are not canonical")
    if leaf["v"] != 1 or leaf["v"] is True:
        raise ValueError(f"its version {leaf['v']!r} is unknown to this verifier")
    actor, subject, version = leaf["actor"], leaf["subject"], leaf.get("version")
    well_formed = (
        actor.keys() == {"type", "ref"} and actor["type"] in ACTOR_TYPES and PATTERNS["uuid"](actor["ref"])
        and subject.keys() == {"type", "id"} and _TYPE(subject["type"]) and PATTERNS["uuid"](subject["id"])
        and PATTERNS["uuid"](leaf["id"]) and PATTERNS["time"](leaf["at"]) and leaf["outcome"] in {"allow", "deny", "error"}
        and (version is None or (type(version) is int and version >= 1)) and ("previous" in leaf) == (version is not None and version > 1)
    )  # fmt: skip
    if (
        not well_formed
        or not _optional_fit(leaf)
        or not all(_PATH(path) and PATTERNS["digest"](x) for path, x in leaf["commitments"].items())
    ):
        raise ValueError("a member is not of its type")
    return leaf


def _optional_fit(leaf: dict[str, Any]) -> bool:
    return bool(
        PATTERNS["uuid"](leaf.get("on_behalf_of", leaf["id"]))
        and PATTERNS["digest"](leaf.get("previous", "sha256:" + "0" * 64))
        and PATTERNS["digest"](leaf.get("policy_digest", "sha256:" + "0" * 64))
        and _WORD(leaf.get("request_id", "x"))
        and all(_WORD(name) and _WORD(value) for name, value in leaf.get("auth", {}).items())
    )


def registry_of(leaf: dict[str, Any]) -> Registry:
    """The verb registry that a registry leaf publishes; ValueError when its digest is another's."""
    rows = leaf["facts"]["rows"]
    if sha256(jcs(rows)) != leaf["facts"]["digest"]:
        raise ValueError("its digest is not that of its rows")
    found: Registry = {}
    for row in rows:
        verb, _, members = row.partition(" ")
        found[verb] = dict(member.split("=", 1) for member in members.split(",")) if members else {}
    return found


def facts_fit(leaf: dict[str, Any], registry: Registry) -> bool:
    """Whether the registry knows the verb and each fact is of its type."""
    schema = registry.get(leaf["verb"])
    facts = leaf["facts"]
    if schema is None or facts.keys() - schema.keys():
        return False
    if any(kind[-1] == "!" and name not in facts for name, kind in schema.items()):
        return False
    return all(_fits(schema[name].rstrip("!"), value) for name, value in facts.items())


def _fits(kind: str, value: Any) -> bool:
    head, _, inner = kind.partition(":")
    if head == "list":
        return isinstance(value, list) and len(value) <= 1000 and all(_fits(inner, item) for item in value)
    if head == "bool":
        return isinstance(value, bool)
    if not isinstance(value, str):
        return False
    return value in inner.split("|") if head == "enum" else head in PATTERNS and bool(PATTERNS[head](value))


@dataclass
class Entry:
    """One leaf with its place."""

    index: int
    hash: bytes
    leaf: dict[str, Any]
    sequenced_at: str = ""


@dataclass
class Leaves:
    """Judges leaves one by one and their histories at the end. Any registry that the log published may vouch for a leaf."""

    result: Result
    registries: list[Registry] = field(default_factory=lambda: [BOOTSTRAP])
    unknown: list[Entry] = field(default_factory=list)
    versions: dict[tuple[str, str], dict[int, tuple[int, bytes, str]]] = field(default_factory=dict)  # index, hash, previous
    ids: set[str] = field(default_factory=set)
    count: int = 0

    def take(self, index: int, body: bytes, digest: bytes, sequenced_at: str = "") -> Entry | None:
        """Judge one leaf; None (and a finding) when its form is broken."""
        try:
            entry = Entry(index, digest, read_leaf(body), sequenced_at)
            if entry.leaf["verb"] == REGISTRY_VERB:
                self.registries.append(registry_of(entry.leaf))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            reason = (
                error if isinstance(error, ValueError) and not isinstance(error, json.JSONDecodeError | UnicodeError) else "it is no leaf"
            )
            self.result.add(TAMPERED, f"Leaf {index} breaks the format: {reason}.", index)
            return None
        self.count += 1
        self._double(entry)
        if not any(facts_fit(entry.leaf, registry) for registry in reversed(self.registries)):
            self.unknown.append(entry)
        if "version" in entry.leaf:
            self._version(entry)
        return entry

    def _double(self, entry: Entry) -> None:
        if entry.leaf["id"] in self.ids:
            self.result.add(TAMPERED, f"Leaf {entry.index} repeats the event {entry.leaf['id']}.", entry.index)
        self.ids.add(entry.leaf["id"])

    def _version(self, entry: Entry) -> None:
        subject = entry.leaf["subject"]["type"], entry.leaf["subject"]["id"]
        history = self.versions.setdefault(subject, {})
        if entry.leaf["version"] in history:
            self.result.add(
                TAMPERED, f"Leaf {entry.index} repeats version {entry.leaf['version']} of {subject[0]} {subject[1]}.", entry.index
            )
        history[entry.leaf["version"]] = entry.index, entry.hash, entry.leaf.get("previous", "")

    def finish(self, *, dense: Callable[[tuple[str, str]], bool]) -> None:
        """Facts against every registry that was met, and each subject's history as a chain."""
        if len(self.registries) == 1:
            self.result.add(INCOMPLETE, "No registry of verbs is among the leaves, so their facts cannot be judged.")
            self.unknown.clear()
        for entry in self.unknown:
            if not any(facts_fit(entry.leaf, registry) for registry in self.registries):
                self.result.add(
                    TAMPERED, f"Leaf {entry.index}: no logged registry knows {entry.leaf['verb'][:80]} with these facts.", entry.index
                )
        for subject, history in self.versions.items():
            self._chain(subject, history, dense(subject))

    def _chain(self, subject: tuple[str, str], history: dict[int, tuple[int, bytes, str]], dense: bool) -> None:
        for version, (index, _, previous) in sorted(history.items()):
            before = history.get(version - 1)
            of = f"version {version - 1} of {subject[0]} {subject[1]}"
            if before and previous != "sha256:" + before[1].hex():
                self.result.add(TAMPERED, f"Leaf {index} does not continue {of}.", index)
            elif not before and version > 1 and dense:
                self.result.add(INCOMPLETE, f"Before leaf {index}, {of} is missing.", index)


class Clock:
    """The time rule: nothing from the future, and what comes late is told."""

    def __init__(self, result: Result, *, strict: bool) -> None:
        self.result, self.strict, self.latest, self.late = result, strict, "", 0

    def log_entry(self, entry: Entry) -> None:
        """In log order: an event may not be much older than one recorded before it."""
        at = entry.leaf["at"]
        if at < self.latest and moment(self.latest) - moment(at) > TOLERANCE:
            self._late(entry)
        self.latest = max(self.latest, at)

    def pack_entry(self, entry: Entry) -> None:
        """Against the time it was given its place, which the pack's signature vouches for."""
        if entry.sequenced_at < self.latest:
            self.result.add(TAMPERED, f"Leaf {entry.index} was placed before an earlier leaf.", entry.index)
        self.latest = max(self.latest, entry.sequenced_at)
        behind = moment(entry.sequenced_at) - moment(entry.leaf["at"])
        if -behind > TOLERANCE:
            self.result.add(TAMPERED, f"Leaf {entry.index} claims a time after it was recorded.", entry.index)
        elif behind > TOLERANCE:
            self._late(entry)

    def _late(self, entry: Entry) -> None:
        self.late += 1
        text = f"Leaf {entry.index} says it happened at {entry.leaf['at']}, long before it was recorded."
        if self.strict:
            self.result.add(TAMPERED, text, entry.index)
        elif self.late <= 5:
            self.result.remarks.append(text)


def moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refused(TAMPERED, f"{text[:40]!r} is not a time.") from None


# --- the pack ----------------------------------------------------------------------------------------------------------

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){0,4}").fullmatch
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
NEEDED = {"pack.json", "checkpoint", "events.jsonl", "registry.jsonl", "keys.txt"}


def unzip(data: bytes) -> dict[str, bytes]:
    """The files of a canonical pack: stored, sorted, without dates. Any other byte anywhere is found by packing again."""
    if not data.startswith(b"PK\x03\x04"):
        raise Refused(UNUSABLE, "This is not an evidence pack.")
    files: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == b"PK\x03\x04" and len(data) >= at + _LOCAL.size:
        size, name_length = _LOCAL.unpack_from(data, at)[7], _LOCAL.unpack_from(data, at)[9]
        start = at + _LOCAL.size + name_length
        name = data[at + _LOCAL.size : start].decode("ascii", "replace")
        if not _NAME(name):
            raise Refused(UNUSABLE, f"The pack names a file {name[:80]!r}, which no pack of ours would.")
        if name in files or start + size > len(data):
            raise Refused(TAMPERED, "The pack's container is damaged.")
        files[name] = data[start : start + size]
        at = start + size
    if rezip(files) != data:
        raise Refused(TAMPERED, "The container is not in its one canonical form: it was changed or packed again.")
    return files


def rezip(files: dict[str, bytes]) -> bytes:
    """The one canonical container of these files."""
    body, index = bytearray(), bytearray()
    for name in sorted(files):
        data, raw = files[name], name.encode()
        common = (20, 0, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(raw), 0)
        index += _CENTRAL.pack(b"PK\x01\x02", 0x0314, *common, 0, 0, 0, 0o100644 << 16, len(body)) + raw
        body += _LOCAL.pack(b"PK\x03\x04", *common) + raw + data
    return bytes(body + index + _END.pack(b"PK\x05\x06", 0, 0, len(files), len(files), len(index), len(body), 0))


def verify_pack(data: bytes, *, pinned: Key | None, retained: bytes | None, strict_time: bool) -> Result:
    """Check one evidence pack, from its container to its approvals."""
    result = Result()
    files = unzip(data)
    if not files.keys() >= NEEDED:
        raise Refused(INCOMPLETE, f"The pack lacks {', '.join(sorted(NEEDED - files.keys()))}.")
    key = _pack_key(files["keys.txt"], pinned, result)
    pack = _open_pack(files, key)
    head = open_head(files["checkpoint"], key, "The checkpoint")
    leaves, clock = Leaves(result), Clock(result, strict=strict_time)
    _take_lines(files["registry.jsonl"], head, leaves)
    entries = _take_lines(files["events.jsonl"], head, leaves)
    for entry in entries:
        clock.pack_entry(entry)
    complete = {(str(kind), str(key)) for kind, key in pack["complete"]}
    leaves.finish(dense=complete.__contains__)
    check_approvals(entries, result)
    _check_contents(files, entries, result)
    for older in retained_heads(retained, key) if retained else []:
        _compare_heads(older, head, result)
    result.checked |= {"files": len(files), "events": len(entries), "log_size": head.size, "root": head.root.hex()}
    return result


def _pack_key(listed: bytes, pinned: Key | None, result: Result) -> Key:
    lines = [line for line in listed.decode("utf-8", "replace").splitlines() if line and not line.startswith("#")]
    if not lines:
        raise Refused(INCOMPLETE, "The pack lists no key.")
    found = [Key.parse(line) for line in lines]
    result.checked["key"] = lines[0]
    if pinned is None:
        result.remarks.append(f"No key was given: the pack's own was used. Compare it with the one you were told: {lines[0]}")
        return found[0]
    if pinned not in found:
        raise Refused(TAMPERED, f"The pack is not signed for the key {pinned.name}+{pinned.id.hex()}.")
    return pinned


def _open_pack(files: dict[str, bytes], key: Key) -> dict[str, Any]:
    """The signed list of files, when it is signed and every file is as it says."""
    envelope = load(files["pack.json"], "pack.json")
    try:
        payload, kind, (signature,) = b64(envelope["payload"]), envelope["payloadType"], envelope["signatures"]
        key_id, blob = signature["keyid"], b64(signature["sig"])
        shape = {"payload": envelope["payload"], "payloadType": kind, "signatures": [{"keyid": key_id, "sig": signature["sig"]}]}
    except (KeyError, TypeError, ValueError):
        raise Refused(TAMPERED, "pack.json is not a DSSE envelope.") from None
    if jcs(shape) != files["pack.json"] or kind != PACK_TYPE or key_id != hashlib.sha256(key.public).hexdigest():
        raise Refused(TAMPERED, "pack.json is not the envelope that was signed.")
    key.verify(blob, b"DSSEv1 %d %s %d %s" % (len(kind.encode()), kind.encode(), len(payload), payload), "pack.json")
    pack = load(payload, "The pack's list")
    listed = {one["name"]: (one["sha256"], one["size"]) for one in pack["files"]}
    present = {name: (hashlib.sha256(data).hexdigest(), len(data)) for name, data in files.items() if name != "pack.json"}
    if listed != present:
        wrong = sorted(name for name in listed.keys() | present.keys() if listed.get(name) != present.get(name))
        raise Refused(TAMPERED, f"Not as it was signed: {', '.join(wrong)}.")
    if pack.get("format") != "portolan-pack/1":
        raise Refused(UNUSABLE, "The pack has a format that this verifier does not know.")
    return dict(pack)


def _take_lines(data: bytes, head: Head, leaves: Leaves) -> list[Entry]:
    """Every line's leaf, proven to lie in the tree, with its disclosed texts proven against it."""
    entries = []
    for line in data.splitlines():
        row = load(line, "An event line")
        index, body = row["index"], b64(row["leaf"])
        digest = leaf_hash(body)
        if included_root(digest, index, head.size, [b64(step) for step in row["proof"]]) != head.root:
            leaves.result.add(TAMPERED, f"Leaf {index} is not proven to lie in the log.", index)
        entry = leaves.take(index, body, digest, row["sequenced_at"])
        if entry:
            _check_texts(entry, row["disclosures"], leaves.result)
            entries.append(entry)
    return entries


def _check_texts(entry: Entry, disclosed: list[dict[str, Any]], result: Result) -> None:
    commitments = entry.leaf["commitments"]
    for text in disclosed:
        if sha256(b64(text["salt"]) + jcs([text["path"], text["value"]])) != commitments.get(text["path"]):
            result.add(TAMPERED, f"The text {text['path']} is not the one that leaf {entry.index} committed to.", entry.index)


def check_approvals(entries: list[Entry], result: Result) -> None:
    """Every dispatched change was submitted, and enough distinct, uninvolved persons approved exactly its digest before."""
    checked = 0
    for entry in entries:
        if entry.leaf["verb"] == "governance.change.dispatched":
            _check_dispatch(entry, [one for one in entries if one.index < entry.index], result)
            checked += 1
    result.checked["approved_changes"] = checked


def _check_dispatch(entry: Entry, before: list[Entry], result: Result) -> None:
    change, digest = entry.leaf["subject"]["id"], entry.leaf["facts"]["subject_digest"]
    submitted = [
        one.leaf["facts"] for one in before
        if one.leaf["verb"] == "governance.change.submitted" and one.leaf["subject"]["id"] == change
        and one.leaf["facts"]["subject_digest"] == digest
    ]  # fmt: skip
    if not submitted:
        result.add(INCOMPLETE, f"The submission of the change dispatched by leaf {entry.index} is not in the pack.", entry.index)
        return
    if not submitted[-1]["quorums"]:
        origin = submitted[-1].get("origin", "unknown")
        result.remarks.append(f"The change dispatched by leaf {entry.index} needed nobody's approval (origin: {origin}).")
    excluded = {submitted[-1]["requester"], *submitted[-1]["contributors"]}
    approvals = _approvals(before, change, digest)
    for quorum in submitted[-1]["quorums"]:
        seat, _, needed = quorum.rpartition(":")
        persons = {person for person, seats in approvals.items() if seat in seats} - excluded
        if not needed.isdigit() or len(persons) < int(needed):
            text = f"The change dispatched by leaf {entry.index} has {len(persons)} approvals of {needed} for {seat or 'its quorum'}."
            result.add(TAMPERED, text, entry.index)


def _approvals(before: list[Entry], change: str, digest: str) -> dict[str, list[str]]:
    """Who approves this digest, by the last vote of each person, with the seats they voted from."""
    standing: dict[str, list[str]] = {}
    for entry in before:
        facts = entry.leaf["facts"]
        if facts.get("change") != change:
            continue
        if entry.leaf["verb"] == "governance.vote.retracted":
            standing.pop(facts["person"], None)
        elif entry.leaf["verb"] == "governance.vote.cast" and facts["subject_digest"] == digest:
            standing.pop(facts["person"], None)
            if facts["value"] == "approve":
                standing[facts["person"]] = facts["seats"]
    return standing


def _check_contents(files: dict[str, bytes], entries: list[Entry], result: Result) -> None:
    """Release manifests are the ones that events name; files named by a digest have it."""
    known = {value for entry in entries for value in _digests(entry.leaf["facts"])}
    for name, data in files.items():
        if name == "manifest.json" or (name.startswith("manifests/") and name.endswith(".json")):
            digest = sha256(jcs(load(data, name)))
            named = name.removeprefix("manifests/").removesuffix(".json")
            if digest not in known or (named != "manifest" and digest != f"sha256:{named}"):
                result.add(TAMPERED, f"{name} is not the manifest of a release in these events.")
        elif name.startswith("blobs/") and sha256(data) != f"sha256:{name.removeprefix('blobs/')}":
            result.add(TAMPERED, f"{name} does not have the digest that it is named by.")


def _digests(facts: dict[str, Any]) -> Iterator[str]:
    for value in facts.values():
        yield from (
            item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str) and item.startswith("sha256:")
        )


def _compare_heads(older: Head, head: Head, result: Result) -> None:
    if older.size == head.size and older.root != head.root:
        result.add(TAMPERED, f"Two heads of {head.size} leaves differ: the log was rewritten.")
    elif older.size > head.size:
        result.remarks.append(f"You hold a newer head ({older.size} leaves) than this pack's ({head.size}).")
    elif older.size < head.size:
        result.remarks.append(f"A pack cannot prove that it continues your head of {older.size} leaves; ask for the log (--log).")


# --- the whole log -----------------------------------------------------------------------------------------------------


def tile_path(level: int | str, index: int, width: int) -> str:
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < 256 else "")


class Folder:
    """A log export in a folder or an ordinary zip; only names that this verifier computes are ever opened."""

    def __init__(self, path: Path) -> None:
        self.root = path
        self.zip = None if path.is_dir() else zipfile.ZipFile(path)
        names = self.zip.namelist() if self.zip else []
        if len(names) != len(set(names)):
            raise Refused(UNUSABLE, "The zip names a file twice.")

    def read(self, name: str) -> bytes | None:
        """The file's bytes, or None when there is no such file; never more than a tile can have."""
        try:
            with self.zip.open(name) if self.zip else (self.root / name).open("rb") as file:
                data = file.read(MAX_MEMBER + 1)
        except (KeyError, FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        if len(data) > MAX_MEMBER:
            raise Refused(UNUSABLE, f"{name} is larger than any file of a log.")
        return bytes(data)


def verify_log(path: Path, *, pinned: Key | None, retained: bytes | None, strict_time: bool) -> Result:
    """Check a whole log: every leaf, tile and head, from the first index on."""
    result, folder = Result(), Folder(path)
    note = folder.read("checkpoint")
    if note is None:
        raise Refused(UNUSABLE, "There is no checkpoint here.")
    key = _pack_key(folder.read("keys.txt") or b"", pinned, result) if pinned is None else pinned
    head = open_head(note, key, "The checkpoint")
    leaves, clock = Leaves(result), Clock(result, strict=strict_time)
    hashes: list[bytes] = []
    entries = []
    for index, body in _bodies(folder, head.size, result):
        hashes.append(leaf_hash(body or b""))
        entry = None if body is None else leaves.take(index, body, hashes[-1])
        if entry:
            clock.log_entry(entry)
            if entry.leaf["verb"].startswith("governance."):
                entries.append(entry)
    leaves.finish(dense=lambda _: True)
    check_approvals(entries, result)
    _check_tiles(folder, hashes, head.size, result)
    _check_heads(hashes, [*(retained_heads(retained, key) if retained else []), head], head.size, result)
    result.checked |= {"leaves": len(hashes), "log_size": head.size, "root": head.root.hex()}
    if head.alive_at is not None:
        result.checked["alive_at"] = datetime.fromtimestamp(head.alive_at, UTC).isoformat()
    return result


def _bodies(folder: Folder, size: int, result: Result) -> Iterator[tuple[int, bytes | None]]:
    """Every leaf of the entry bundles in order; None where a bundle has too few. A missing bundle ends the walk."""
    for start in range(0, size, 256):
        width = min(256, size - start)
        data = folder.read(tile_path("entries", start // 256, width))
        if data is None:
            result.add(INCOMPLETE, f"The leaves from {start} on are missing.", start)
            return
        bodies: list[bytes | None] = [*_split(data)]
        if len(bodies) != width:
            text = f"There are {len(bodies)} leaves where {width} belong, from {start} on."
            result.add(TAMPERED, text, start + min(len(bodies), width))
        yield from zip(range(start, start + width), bodies + [None] * (width - len(bodies)), strict=False)


def _split(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + 2 <= len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        if at + 2 + length > len(data):
            return
        yield data[at + 2 : at + 2 + length]
        at += 2 + length


def _check_tiles(folder: Folder, hashes: list[bytes], size: int, result: Result) -> None:
    """Every exported hash tile against the hashes of the leaves; the first difference names the first bad leaf."""
    level, entries = 0, hashes
    while entries:
        for start in range(0, len(entries), 256):
            width = min(256, (size >> (8 * level)) - start)
            bad = _first_difference(folder.read(tile_path(level, start // 256, width)), entries[start : start + width], width)
            if bad is None:
                continue
            first = (start + max(bad, 0)) << (8 * level)
            if bad < 0:
                result.add(INCOMPLETE, f"The hash tile {tile_path(level, start // 256, width)} is missing.")
            else:
                result.add(TAMPERED, f"Leaf {first} is not the one that was hashed (tile level {level}).", first)
                return
        entries = [tree_root(entries[at : at + 256]) for at in range(0, len(entries) - 255, 256)]
        level += 1


def _first_difference(data: bytes | None, expected: list[bytes], width: int) -> int | None:
    """Where the tile differs from what was computed; -1 when there is no tile, None when nothing differs."""
    if data is None:
        return -1
    stored = [data[at : at + 32] for at in range(0, len(data), 32)]
    bad = next((at for at, one in enumerate(expected) if stored[at : at + 1] != [one]), None)
    return min(len(stored), width - 1) if bad is None and len(stored) != width else bad


def _check_heads(hashes: list[bytes], heads: Iterable[Head], size: int, result: Result) -> None:
    """Each signed head must be the root of that many leaves; between a good and a bad one lies the first bad index."""
    good = 0
    for head in sorted(heads, key=lambda one: one.size):
        if head.size > size:
            result.add(TAMPERED, f"A head of {head.size} leaves was signed, but the log ends after {size}: it was cut.", size)
        elif len(hashes) < head.size:
            continue
        elif tree_root(hashes[: head.size]) != head.root:
            named = result.first_bad_index is not None
            text = f"The head of {head.size} leaves does not match them: the first bad leaf is {good} or later."
            result.add(TAMPERED, text, None if named else good)
        else:
            good = max(good, head.size)


# --- command line ------------------------------------------------------------------------------------------------------


def run(arguments: argparse.Namespace) -> Result:
    """One verification; whatever goes wrong becomes a finding."""
    result = Result()
    try:
        pinned = Key.parse(arguments.key) if arguments.key else None
        retained = arguments.retained.read_bytes() if arguments.retained else None
        if arguments.log:
            return verify_log(arguments.log, pinned=pinned, retained=retained, strict_time=arguments.strict_time)
        if arguments.pack.stat().st_size > MAX_INPUT:
            raise Refused(UNUSABLE, "The file is larger than any evidence pack.")
        return verify_pack(arguments.pack.read_bytes(), pinned=pinned, retained=retained, strict_time=arguments.strict_time)
    except Refused as refused:
        result.findings.append(refused)
    except OSError as error:
        result.add(UNUSABLE, f"The input cannot be read: {error.strerror or error}.")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        result.add(UNUSABLE, "The zip cannot be read.")
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, MemoryError, RecursionError, struct.error, OverflowError):
        result.add(TAMPERED, "The contents do not have the form that they were given.")
    return result


def report(result: Result, *, as_json: bool) -> str:
    """What was found, for people or for programs."""
    if as_json:
        findings = [{"verdict": VERDICTS[one.verdict], "text": one.text, "index": one.index} for one in result.findings]
        verdict = {"verdict": VERDICTS[result.verdict], "exit": result.verdict, "first_bad_index": result.first_bad_index}
        return json.dumps({**verdict, "findings": findings, "remarks": result.remarks, "checked": result.checked}, indent=2)
    lines = [f"{VERDICTS[one.verdict].upper()}: {one.text}" for one in result.findings[:50]]
    lines += [f"note: {text}" for text in result.remarks] + [f"{name}: {value}" for name, value in result.checked.items()]
    if result.first_bad_index is not None:
        lines.append(f"first bad index: {result.first_bad_index}")
    return "\n".join([*lines, "Everything holds." if result.verdict == OK else f"Result: {VERDICTS[result.verdict]}."])


def main(argv: list[str] | None = None) -> int:
    """Check what the arguments name and return the exit code."""
    parser = argparse.ArgumentParser(description="Check an evidence pack or a log export, offline.")
    parser.add_argument("pack", nargs="?", type=Path, help="evidence pack (zip)")
    parser.add_argument("--log", type=Path, help="log export: folder or zip")
    parser.add_argument("--key", help="verification key of the log: <origin>+<id>+<base64>")
    parser.add_argument("--retained", type=Path, help="signed checkpoints that you kept")
    parser.add_argument("--strict-time", action="store_true", help="late events are failures")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args(argv)
    if (arguments.pack is None) == (arguments.log is None):
        print("Name either an evidence pack or, with --log, a log export.", file=sys.stderr)
        return UNUSABLE
    gc.disable()  # millions of small objects without cycles
    result = run(arguments)
    print(report(result, as_json=arguments.json))
    return result.verdict


if __name__ == "__main__":
    sys.exit(main())
