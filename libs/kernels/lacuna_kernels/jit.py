"""The only place where numba is imported and its flags are set.

No fastmath and no parallel reductions: a kernel that decides must give the same bits on every run.

Compiled code is cached in a folder named after the sources of all kernels. The compiler's own cache looks at
the file of a function only, not at the functions and constants that it takes from other files: after a change
there it would go on running code for a layout that no longer exists.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import config

_HERE = Path(__file__).resolve().parent


def _cache_folder() -> Path:
    sources = b"".join(path.read_bytes() for path in sorted(_HERE.glob("*.py")))
    name = f"kernels-{hashlib.blake2b(sources, digest_size=8).hexdigest()}"
    chosen = vars(config).get("CACHE_DIR")
    if chosen:
        return Path(chosen) / name
    beside = _HERE / "__pycache__"
    return (beside if os.access(_HERE, os.W_OK) else Path.home() / ".cache" / "lacuna") / name


vars(config)["CACHE_DIR"] = str(_cache_folder())  # set at run time by the compiler, unknown to type checkers

F = TypeVar("F", bound=Callable[..., Any])
_LEAN: dict[str, Any] = {"_nrt": False}


def kernel(function: F) -> F:
    """Compile a function over arrays: no Python objects, no GIL, cached on disk.

    Parameters
    ----------
    function : callable
        Arrays and scalars in, arrays and scalars out.

    Returns
    -------
    callable
        The compiled function, typed as the original.
    """
    return cast(F, numba.njit(cache=True, nogil=True, fastmath=False)(function))


def inline(function: F) -> F:
    """Compile a small function that other kernels call.

    Parameters
    ----------
    function : callable
        Scalars in, scalars out.

    Returns
    -------
    callable
        The compiled function, inlined by LLVM where that pays.
    """
    return cast(F, numba.njit(cache=True, nogil=True, fastmath=False)(function))


def lean_kernel(function: F) -> F:
    """Compile a function over arrays that allocates nothing: arrays are borrowed, never reference-counted.

    Reference counting costs atomic operations at every call that LLVM doesn't inline; a kernel that calls a
    dozen functions a row spends most of its time in them.

    Parameters
    ----------
    function : callable
        Arrays and scalars in, scalars out; it writes only into arrays that it was given.

    Returns
    -------
    callable
        The compiled function, typed as the original.
    """
    return cast(F, numba.njit(cache=True, nogil=True, fastmath=False, **_LEAN)(function))


def lean_inline(function: F) -> F:
    """Compile a small function for lean kernels.

    Parameters
    ----------
    function : callable
        Arrays and scalars in, scalars out; it allocates nothing.

    Returns
    -------
    callable
        The compiled function.
    """
    return cast(F, numba.njit(cache=True, nogil=True, fastmath=False, **_LEAN)(function))
