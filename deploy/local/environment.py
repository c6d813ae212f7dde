"""Settings as the environment of a process."""

import json
from typing import Any

from pydantic import BaseModel

from lacuna_runtime.settings import ENV_PREFIX, Settings


def environment(settings: Settings) -> dict[str, str]:
    """Spell what differs from the defaults as environment variables.

    Parameters
    ----------
    settings : Settings
        Any.

    Returns
    -------
    dict of str to str
        ``LACUNA__SECTION__KEY`` to value, lists and tables as JSON.
    """
    return dict(_spell(ENV_PREFIX.removesuffix("__"), settings))


def _spell(prefix: str, section: BaseModel) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        key = f"{prefix}__{name.upper()}"
        if isinstance(value, BaseModel):
            found += _spell(key, value)
        elif value is not None and value != field.get_default(call_default_factory=True):
            found.append((key, _text(value)))
    return found


def _text(value: Any) -> str:
    return json.dumps(value, default=str) if isinstance(value, tuple | list | dict | bool) else str(value)
