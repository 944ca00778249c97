"""Archives of strangers: every file is read or says why not, and none of them costs more than it may."""

import io
import stat
import zipfile

import pytest

from catalog.domain.imports import NotImported
from catalog.domain.imports.archives import MAX_FILES, MAX_TOTAL, is_archive, unpacked
from catalog.domain.imports.loading import MAX_BYTES


def packed(files, method=zipfile.ZIP_DEFLATED):
    """The bytes of an archive of {name or ZipInfo: content}."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return kept.getvalue()


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def reason(content):
    with pytest.raises(NotImported) as refusal:
        unpacked(content)
    return str(refusal.value)


def test_files_come_by_their_paths_without_what_is_hidden():
    content = packed({"b/x.json": b"1", "a.yaml": b"2", "b/": b"", "__MACOSX/a.yaml": b"3", ".git/config": b"4"})
    assert is_archive("Flows.ZIP", content)
    assert unpacked(content) == [("a.yaml", b"2"), ("b/x.json", b"1")]
    assert not is_archive("flows.json", content)
    assert not is_archive("flows.zip", b"{}")


@pytest.mark.parametrize("name", ["../up.json", "a/../../up.json", "/etc/passwd", "C:/x.json", "..\\up.json"])
def test_a_name_that_leads_out_is_told_and_the_others_are_read(name):
    found = dict(unpacked(packed({name: b"x", "good.json": b"{}"})))
    assert found.pop("good.json") == b"{}"
    ((_path, left_out),) = found.items()
    assert "leads out" in str(left_out)


def test_links_other_compressions_and_passwords_are_left_out():
    found = dict(unpacked(packed({link("there.json"): b"/etc/passwd"})))
    assert "link" in str(found["there.json"])
    assert "compressed" in str(dict(unpacked(packed({"a": b"x"}, zipfile.ZIP_LZMA)))["a"])
    locked = bytearray(packed({"a.json": b"{}"}))
    for at in (locked.index(b"PK\x03\x04") + 6, locked.index(b"PK\x01\x02") + 8):
        locked[at] |= 1
    assert "encrypted" in str(dict(unpacked(bytes(locked)))["a.json"])


def test_a_bomb_is_not_unpacked_beyond_the_limits():
    one = unpacked(packed({"big.json": b" " * (MAX_BYTES * 3)}))
    assert [len(content) for _path, content in one] == [MAX_BYTES + 1]  # the reader refuses it by its size
    many = packed({f"{n}.json": b" " * MAX_BYTES for n in range(MAX_TOTAL // MAX_BYTES + 1)})
    assert len(many) < MAX_TOTAL / 100
    assert "20 MiB" in reason(many)


def test_too_many_files_are_refused_before_they_are_listed():
    assert str(MAX_FILES) in reason(packed({f"{n}.json": b"" for n in range(MAX_FILES + 1)}))
    long_list = bytearray(packed({"a": b""}))
    end = long_list.rindex(b"PK\x05\x06")
    long_list[end + 12 : end + 16] = (2**31).to_bytes(4, "little")
    assert str(MAX_FILES) in reason(bytes(long_list))


@pytest.mark.parametrize("cut", [5, 40, 90])
def test_a_damaged_archive_says_so(cut):
    assert "damaged" in reason(packed({"a.json": b"{}" * 200})[:-cut])


def test_a_damaged_file_leaves_the_others():
    content = bytearray(packed({"a.json": b"aaaa", "b.json": b"{}"}, zipfile.ZIP_STORED))
    content[content.index(b"aaaa")] = 0
    found = dict(unpacked(bytes(content)))
    assert "damaged" in str(found["a.json"])
    assert found["b.json"] == b"{}"
