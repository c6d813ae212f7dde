"""The kernel's row digests are blake2b's."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lacuna_core.position import PositionBatch
from lacuna_kernels.digest import row_digests
from tests.reference import digest_oracle


@given(data=st.data(), n=st.integers(0, 20))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_kernel_equals_hashlib(data: st.DataObject, n: int) -> None:
    columns = {
        c.name: data.draw(hnp.arrays(np.dtype(c.dtype), n)) for c in PositionBatch.SCHEMA if not c.text
    }
    assert row_digests(columns).tolist() == digest_oracle.row_digests(columns)


def test_one_digest_is_fixed_forever() -> None:
    columns = {c.name: np.array([7], c.dtype) for c in PositionBatch.SCHEMA if not c.text}
    assert f"{row_digests(columns)[0]:016x}" == "64ca9cd784ddd8ff"
