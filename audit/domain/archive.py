"""The one canonical zip of a set of files: stored, sorted by name, without dates. `verify.py` packs again and compares."""

import re
import struct
import zlib
from collections.abc import Mapping

from audit.domain.errors import BadLeaf

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){0,4}\Z")
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
_DAY_ONE = 0x21  # 1980-01-01, the first day that the format knows
_UNIX_FILE = 0o100644 << 16


class BadFileName(BadLeaf):
    """A file in a pack has a plain relative name of letters, digits, dots and dashes."""

    code = "bad-file-name"


def packed_zip(files: Mapping[str, bytes]) -> bytes:
    """Zip bytes that depend on names and contents alone; raise BadFileName for anything but plain relative names."""
    body, index = bytearray(), bytearray()
    for name in sorted(files):
        if not _NAME.match(name):
            raise BadFileName(f"{name[:80]!r} cannot be a file of a pack.")
        data, raw = files[name], name.encode("ascii")
        common = (20, 0, 0, 0, _DAY_ONE, zlib.crc32(data), len(data), len(data), len(raw), 0)
        index += _CENTRAL.pack(b"PK\x01\x02", 0x0314, *common, 0, 0, 0, _UNIX_FILE, len(body)) + raw
        body += _LOCAL.pack(b"PK\x03\x04", *common) + raw + data
    return bytes(body + index + _END.pack(b"PK\x05\x06", 0, 0, len(files), len(files), len(index), len(body), 0))
