"""Decoded messages to batches: positions, identities, source health and dead letters of a stretch of file."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lacuna_core.message import DeadLetter
from lacuna_core.position import Domain, IdentityBatch, PositionBatch, SourceHealth
from lacuna_core.units import NULL_I16, NULL_I32, NULL_U16
from lacuna_ingestion.feed import Decoded
from lacuna_ingestion.nmea import NMEA, RECEIVERS_LIMIT, Block, dead_lines, dead_messages
from lacuna_kernels import ais_layout as layout
from lacuna_kernels.ais_columns import MMSI_SCHEME, SLOT_MS, count_heard, to_columns
from lacuna_kernels.ais_names import Names, name_count, name_texts, new_names
from lacuna_kernels.ais_static import decode_static

Array = npt.NDArray[Any]
TEXTS_LIMIT = layout.NAME_CAPACITY - 3 * layout.BLOCK_ROWS - 1
"""Texts known before a stretch is closed: a batch has 16-bit indices, one block can't fill what is left."""
STRETCH_MESSAGES = 131_072
"""Messages and dead letters after which a stretch is closed."""
AID = 21


class Stretch:
    """Gathers blocks until they are handed on as one ``Decoded``.

    Parameters
    ----------
    path : Path
        The file, for the origins of dead letters.
    receivers : numpy.ndarray
        The decoder's table of receivers.
    """

    def __init__(self, path: Path, receivers: Names) -> None:
        self._path = path
        self._receivers = receivers
        self._texts = new_names()
        self._positions: list[tuple[Array, ...]] = []
        self._heard: list[tuple[Array, Array, Array]] = []
        self._statics: list[tuple[Array, Array, Array]] = []
        self._dead: list[DeadLetter] = []
        self._dead_lines = 0
        self._fates = np.zeros(256, np.int64)

    @property
    def full(self) -> bool:
        """Whether no further block may be added."""
        names = name_count(self._texts) > TEXTS_LIMIT or name_count(self._receivers) > RECEIVERS_LIMIT
        return names or int(self._fates.sum()) + self._dead_lines >= STRETCH_MESSAGES

    def add(self, block: Block) -> None:
        """Take the messages and dead letters of a block.

        Parameters
        ----------
        block : Block
            A block.
        """
        count = len(block)
        fate = np.empty(count, np.uint8)
        self._positions.append(to_columns(block.rows, block.fields, count, fate))
        self._heard.append(count_heard(block.rows, fate, count))
        static = decode_static(block.buf, block.rows, block.fields, self._texts)
        if len(static):
            at = static["row"]
            keep = (fate[at] >= layout.PUBLISHED) & (block.fields["kind"][at] != AID)
            keep &= block.rows["t_ms"][at] != layout.NULL_TIME_MS
            static, at = static[keep], at[keep]
            self._statics.append((static, block.fields["mmsi"][at], block.rows["t_ms"][at]))
        if len(block.dead):
            self._dead.extend(dead_lines(block, self._path))
            self._dead_lines += len(block.dead)
        fates = np.bincount(fate, minlength=256)
        self._fates += fates
        if fates[: layout.PUBLISHED].any():
            self._dead.extend(dead_messages(block, fate, self._path))

    def close(self, bytes_read: int) -> Decoded:
        """Hand on what was gathered.

        Parameters
        ----------
        bytes_read : int
            Bytes of the file consumed so far, before decompression.

        Returns
        -------
        Decoded
            The batches; only those that have rows.
        """
        positions = self._position_batch()
        identities = self._identity_batch()
        published = int(self._fates[layout.PUBLISHED])
        non_position = int(self._fates[layout.NON_POSITION])
        return Decoded(
            positions=(positions,) if len(positions) else (),
            identities=(identities,) if len(identities) else (),
            health=self._health(),
            dead=tuple(self._dead),
            messages=published + non_position + len(self._dead),
            published=published,
            non_position=non_position,
            bytes_read=bytes_read,
        )

    def _position_batch(self) -> PositionBatch:
        if not self._positions:
            return PositionBatch.empty(domain=Domain.SEA)
        columns = [np.concatenate(pieces) for pieces in zip(*self._positions, strict=True)]
        craft, t_ms, lat_e7, lon_e7, speed, course, heading, altitude, flags, klass, receiver = columns
        n = len(craft)
        strings, codes = _string_table(self._receivers, [receiver], NMEA)
        return PositionBatch(
            craft=craft, t_ms=t_ms, lat_e7=lat_e7, lon_e7=lon_e7, speed_dkn=speed, course_ddeg=course,
            heading_ddeg=heading, baro_altitude_ft=np.full(n, NULL_I32, np.int32), geo_altitude_ft=altitude,
            vertical_rate_fpm=np.full(n, NULL_I16, np.int16), flags=flags, craft_class=klass,
            source=np.full(n, strings.index(NMEA), np.uint16), receiver=codes[0], strings=strings,
            domain=Domain.SEA,
        )  # fmt: skip

    def _identity_batch(self) -> IdentityBatch:
        if not self._statics:
            return IdentityBatch.empty(domain=Domain.SEA)
        static, mmsi, t_ms = (np.concatenate(pieces) for pieces in zip(*self._statics, strict=True))
        n = len(static)
        numbers = [static[name].astype(np.int64) for name in ("name", "callsign", "destination")]
        strings, (name, callsign, destination) = _string_table(self._texts, numbers, NMEA)
        none = np.full(n, strings.index(""), np.uint16)
        plain = {
            field: np.ascontiguousarray(static[field])
            for field in (
                "imo",
                "ship_type",
                "to_bow_m",
                "to_stern_m",
                "to_port_m",
                "to_starboard_m",
                "draught_dm",
            )
        }
        return IdentityBatch(
            craft=mmsi.astype(np.uint64) | np.uint64(MMSI_SCHEME), t_ms=np.ascontiguousarray(t_ms), **plain,
            squawk=np.full(n, NULL_U16, np.uint16), name=name, callsign=callsign, destination=destination,
            registration=none, type_code=none, source=np.full(n, strings.index(NMEA), np.uint16),
            strings=strings, domain=Domain.SEA,
        )  # fmt: skip

    def _health(self) -> SourceHealth:
        if not self._heard:
            return SourceHealth.empty()
        receiver, start_ms, heard = (np.concatenate(pieces) for pieces in zip(*self._heard, strict=True))
        keys, inverse = np.unique(np.stack([start_ms, receiver]), axis=1, return_inverse=True)
        start_ms, receiver = keys
        n = len(start_ms)
        strings, codes = _string_table(self._receivers, [receiver], NMEA)
        return SourceHealth(
            t_ms=start_ms + SLOT_MS,
            start_ms=start_ms.copy(),
            messages=np.bincount(inverse.reshape(-1), heard, n).astype(np.uint32),
            domain_code=np.full(n, Domain.SEA, np.uint8),
            source=np.full(n, strings.index(NMEA), np.uint16),
            receiver=codes[0],
            strings=strings,
        )


def _string_table(names: Names, columns: list[Array], extra: str) -> tuple[tuple[str, ...], list[Array]]:
    # Sorted table of the texts in use, the empty one and one more, and the columns as indices into it.
    used = np.zeros(name_count(names), bool)
    for numbers in columns:
        used[numbers] = True
    kept = np.flatnonzero(used)
    texts = name_texts(names, kept)
    strings = tuple(sorted({*texts, "", extra}))
    place = {text: i for i, text in enumerate(strings)}
    code = np.zeros(len(used), np.uint16)
    code[kept] = [place[text] for text in texts]
    return strings, [code[numbers] for numbers in columns]
