"""Opaque signed cursors: where a page ended, for which filters, and until when it is good."""

import base64
import binascii
import hashlib
import hmac
from typing import Any

import orjson

from lacuna_core.ports import Clock
from lacuna_gateway.problems import TYPES, Problem
from lacuna_gateway.settings import GatewaySettings

_SIGNATURE_BYTES = 16


class Cursors:
    """Signs and reads cursors.

    Parameters
    ----------
    settings : GatewaySettings
        Secret and life time.
    clock : Clock
        Tells when a cursor has expired.
    """

    def __init__(self, settings: GatewaySettings, clock: Clock) -> None:
        self._secret = settings.cursor_secret
        self._ttl_ms = settings.cursor_ttl_ms
        self._clock = clock

    def _signature(self, payload: bytes, scope: str) -> bytes:
        # The filters are signed, not stored: a cursor stays short and fits no others.
        message = hashlib.blake2b(scope.encode("utf-8", "surrogatepass")).digest() + payload
        return hmac.new(self._secret, message, hashlib.sha256).digest()[:_SIGNATURE_BYTES]

    def sign(self, scope: str, key: Any) -> str:
        """Make a cursor.

        Parameters
        ----------
        scope : str
            What it is bound to: path and filters.
        key : Any
            Place in the order, plain JSON values.

        Returns
        -------
        str
            URL-safe text.
        """
        payload = orjson.dumps([self._clock.now_ms() + self._ttl_ms, key])
        return base64.urlsafe_b64encode(self._signature(payload, scope) + payload).rstrip(b"=").decode()

    def read(self, scope: str, cursor: str) -> Any:
        """Read a cursor.

        Parameters
        ----------
        scope : str
            What it must be bound to.
        cursor : str
            As a client sent it.

        Returns
        -------
        Any
            The place in the order.

        Raises
        ------
        Problem
            If it was not signed here for this, or has expired.
        """
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise Problem("invalid-cursor", TYPES["invalid-cursor"].description) from error
        signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(payload, scope)):
            raise Problem("invalid-cursor", TYPES["invalid-cursor"].description)
        expires_ms, key = orjson.loads(payload)
        if self._clock.now_ms() >= expires_ms:
            raise Problem("cursor-expired", TYPES["cursor-expired"].description)
        return key
