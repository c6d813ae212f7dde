"""Row digests over columns: blake2b-64 (RFC 7693) of one packed 43-byte row each.

The packed row is little-endian: craft u64, t_ms i64, lat_e7 i32, lon_e7 i32, speed u16, course u16, heading
u16, barometric altitude i32, geometric altitude i32, vertical rate i16, flags u16, class u8. It fits
one block, so a digest is one compression, of which only the first word of the state is kept.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lacuna_kernels.jit import inline, kernel

_ROW_BYTES = np.uint64(43)
_IV = np.array(
    [
        0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
        0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
    ],
    dtype=np.uint64,
)  # fmt: skip
# digest length 8, no key, fanout 1, depth 1
_PARAMETERS = np.uint64(0x0101_0008)
_SIGMA = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    ],
    dtype=np.int64,
)


@inline
def _rotate(x: np.uint64, n: int) -> np.uint64:
    return (x >> np.uint64(n)) | (x << np.uint64(64 - n))


@inline
def _mix(
    a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64, x: np.uint64, y: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    a = a + b + x
    d = _rotate(d ^ a, 32)
    c = c + d
    b = _rotate(b ^ c, 24)
    a = a + b + y
    d = _rotate(d ^ a, 16)
    c = c + d
    b = _rotate(b ^ c, 63)
    return a, b, c, d


@inline
def _compress(m: npt.NDArray[np.uint64]) -> np.uint64:
    """First word of blake2b's state after its only block."""
    v0, v1, v2, v3 = _IV[0] ^ _PARAMETERS, _IV[1], _IV[2], _IV[3]
    v4, v5, v6, v7 = _IV[4], _IV[5], _IV[6], _IV[7]
    v8, v9, v10, v11 = _IV[0], _IV[1], _IV[2], _IV[3]
    v12, v13, v14, v15 = _IV[4] ^ _ROW_BYTES, _IV[5], ~_IV[6], _IV[7]
    for round_ in range(12):
        s = _SIGMA[round_]
        v0, v4, v8, v12 = _mix(v0, v4, v8, v12, m[s[0]], m[s[1]])
        v1, v5, v9, v13 = _mix(v1, v5, v9, v13, m[s[2]], m[s[3]])
        v2, v6, v10, v14 = _mix(v2, v6, v10, v14, m[s[4]], m[s[5]])
        v3, v7, v11, v15 = _mix(v3, v7, v11, v15, m[s[6]], m[s[7]])
        v0, v5, v10, v15 = _mix(v0, v5, v10, v15, m[s[8]], m[s[9]])
        v1, v6, v11, v12 = _mix(v1, v6, v11, v12, m[s[10]], m[s[11]])
        v2, v7, v8, v13 = _mix(v2, v7, v8, v13, m[s[12]], m[s[13]])
        v3, v4, v9, v14 = _mix(v3, v4, v9, v14, m[s[14]], m[s[15]])
    return _IV[0] ^ _PARAMETERS ^ v0 ^ v8  # type: ignore[no-any-return]  # numpy's uint64


@kernel
def _digests(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    digests = np.empty(words.shape[0], np.uint64)
    m = np.zeros(16, np.uint64)
    for row in range(words.shape[0]):
        for i in range(6):
            m[i] = words[row, i]
        digests[row] = _compress(m)
    return digests


_PACKED = np.dtype(
    [
        ("craft", "<u8"), ("t_ms", "<i8"), ("lat_e7", "<i4"), ("lon_e7", "<i4"), ("speed_dkn", "<u2"),
        ("course_ddeg", "<u2"), ("heading_ddeg", "<u2"), ("baro_altitude_ft", "<i4"),
        ("geo_altitude_ft", "<i4"), ("vertical_rate_fpm", "<i2"), ("flags", "<u2"), ("craft_class", "|u1"),
        ("padding", "V5"),
    ]
)  # fmt: skip
PAYLOAD_FIELDS = tuple(name for name in _PACKED.names or () if name not in ("craft", "t_ms", "padding"))
"""Digested fields besides the craft and the time."""


def row_digests(columns: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[np.uint64]:
    """Digest positions, the same number as ``lacuna_core.digest.row_digest`` gives for each.

    Parameters
    ----------
    columns : mapping of str to numpy.ndarray
        ``craft`` uint64, ``t_ms`` int64 (Unix ms UTC) and the ``PAYLOAD_FIELDS``, each of shape (n,), dtypes
        and units as in a position batch.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint64.

    Examples
    --------
    >>> zero = {"craft": np.zeros(1, np.uint64), "t_ms": np.zeros(1, np.int64)}
    >>> f"{row_digests(zero | {name: np.zeros(1, np.int16) for name in PAYLOAD_FIELDS})[0]:016x}"
    '1ea2e7fd88e05ab6'
    """
    packed = np.zeros(len(columns["craft"]), _PACKED)
    for name in ("craft", "t_ms", *PAYLOAD_FIELDS):
        packed[name] = columns[name]
    return _digests(packed.view(np.uint64).reshape(-1, 6))
