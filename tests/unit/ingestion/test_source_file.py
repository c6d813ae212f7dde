"""Files that people give: plain, gzip, zstd, damaged, empty, missing."""

import gzip
from pathlib import Path

import pytest
import zstandard

from lacuna_core.errors import InvalidInput
from lacuna_ingestion.source_file import MAX_LINE_BYTES, head, open_input

TEXT = b"".join(b"line %d\n" % i for i in range(200_000))


def _write(path: Path, kind: str) -> Path:
    packed = {
        "plain": TEXT,
        "gz": gzip.compress(TEXT[:1_000_000], mtime=0) + gzip.compress(TEXT[1_000_000:]),
        "zst": zstandard.compress(TEXT[:999]) + zstandard.compress(TEXT[999:]),
    }[kind]
    path.write_bytes(packed)
    return path


@pytest.mark.parametrize("kind", ["plain", "gz", "zst"])
def test_the_same_bytes_whatever_the_packing(tmp_path: Path, kind: str) -> None:
    path = _write(tmp_path / f"a.{kind}", kind)
    assert head(path) == TEXT[:65_536]
    with open_input(path) as file:
        assert file.peek() == TEXT[:65_536]
        assert file.read(10) == TEXT[:10]
        blocks = list(file.line_blocks(100_000))
        assert file.bytes_read() == path.stat().st_size
    assert b"".join(blocks) == TEXT[10:]
    assert all(block.endswith(b"\n") for block in blocks)


def test_a_packed_file_is_known_by_its_content_not_its_name(tmp_path: Path) -> None:
    assert head(_write(tmp_path / "a.csv", "gz")) == TEXT[:65_536]


def test_an_endless_line_comes_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "endless"
    path.write_bytes(b"x" * (3 * MAX_LINE_BYTES + 5) + b"\ny")
    with open_input(path) as file:
        blocks = list(file.line_blocks(MAX_LINE_BYTES // 2))
    assert b"".join(blocks) == path.read_bytes()
    assert max(map(len, blocks)) <= 2 * MAX_LINE_BYTES


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "is empty"),
        ("empty.csv.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("not.csv.gz", b"MMSI,LAT", "holds no gz data"),
        ("cut.gz", gzip.compress(TEXT, mtime=0)[:2000], "damaged"),
        ("cut.zst", zstandard.compress(TEXT)[:2000], "damaged"),
        ("hurt.gz", gzip.compress(b"abc" * 100, mtime=0)[:-8] + b"12345678", "damaged"),
        ("hurt.zst", b"\x28\xb5\x2f\xfd" + b"\xff" * 40, "damaged"),
    ],
)
def test_a_bad_file_is_one_line_that_names_it(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        _read_whole(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def _read_whole(path: Path) -> bytes:
    with open_input(path) as file:
        return b"".join(file.line_blocks())


def test_missing_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no such file"):
        open_input(tmp_path / "nowhere.csv")
    with pytest.raises(InvalidInput, match="is a folder"):
        open_input(tmp_path)
    with pytest.raises(InvalidInput):
        open_input(Path("a\0b"))
