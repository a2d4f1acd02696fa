"""Telling of budgets: in the log, and by webhooks that are signed and sent beside everything else."""

import asyncio
import hmac
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ..config import Config, budgets, webhook_host
from ..savings.budgets import Signal

SIGNATURE = "X-Prompt-Cache-Signature"

_TIMEOUT = 10.0
"""Seconds that a receiver has to answer each time."""
_PAUSES = (1.0, 5.0, 25.0)
"""Seconds after which it is tried again."""
_AT_ONCE = 32
"""So many are on their way at most; what comes on top is in the log alone."""
_TRY_AGAIN = frozenset((408, 425, 429))


class Failed(Exception):
    """The receiver did not take it; the message is for people, and says nothing that is secret."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final
        """Whether it would say the same again."""


class Signalling:
    """Whatever a receiver does, nobody waits for it: each signal has a thread of its own, which ends by itself."""

    def __init__(
        self, config: Config, report: Callable[[str, str], None], *, pauses: Sequence[float] = _PAUSES
    ) -> None:
        self._webhooks = {
            name: (each.webhook.url, each.webhook.secret or "")
            for name, each in zip((budget.name for budget in budgets(config)), config.budgets, strict=True)
            if each.webhook
        }
        self._currency = config.currency.currency
        self._report = report
        self._pauses = pauses
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def tell(self, signal: Signal) -> None:
        """Never waits, never fails."""
        budget = signal.budget
        told = f"{budget.name}: {signal.spent_usd:.4f} of {budget.usd:g} USD spent this {budget.per}"
        self._report(signal.event, told)
        if budget.name not in self._webhooks:
            return
        url, secret = self._webhooks[budget.name]
        if not self._places.acquire(blocking=False):
            self._report("webhook_failed", f"{budget.name}: too many are on their way")
            return
        body = msgspec.json.encode(self._told(signal))
        threading.Thread(target=self._send, args=(budget.name, url, secret, body), name="webhook", daemon=True).start()

    def _told(self, signal: Signal) -> dict[str, Any]:
        budget = signal.budget
        return {
            "event": signal.event,
            "budget": budget.name,
            "namespace": budget.namespace,
            "model": budget.model,
            "workflow": budget.workflow,
            "token": budget.token,
            "period": {
                "since": datetime.fromtimestamp(signal.period.since, UTC),
                "until": datetime.fromtimestamp(signal.period.until, UTC),
            },
            "limit_usd": budget.usd,
            "spent_usd": signal.spent_usd,
            "then": budget.then,
            "currency": self._currency,
        }

    def _send(self, name: str, url: str, secret: str, body: bytes) -> None:
        try:
            asyncio.run(self._sent(url, secret, body))
        except Failed as failed:
            self._report("webhook_failed", f"{name}: {webhook_host(url)}: {failed}")
        finally:
            self._places.release()

    async def _sent(self, url: str, secret: str, body: bytes) -> None:
        """Raises Failed."""
        for pause in self._pauses:
            try:
                await _post(url, secret, body)
            except Failed as failed:
                if failed.final:
                    raise
                await asyncio.sleep(pause)
            else:
                return
        await _post(url, secret, body)


def signature(secret: str, now: int, body: bytes) -> str:
    """What shows a receiver who sent it, and when: `t` is in seconds since the epoch."""
    digest = hmac.digest(secret.encode(), b"%d." % now + body, "sha256").hex()
    return f"t={now},v1={digest}"


async def _post(url: str, secret: str, body: bytes) -> None:
    """Raises Failed."""
    import aiohttp  # which takes a tenth of a second, and few have webhooks

    headers = {"Content-Type": "application/json", SIGNATURE: signature(secret, int(time.time()), body)}
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            status = response.status
    except TimeoutError:
        raise Failed(f"it did not answer within {_TIMEOUT:g} s") from None
    except aiohttp.ClientConnectorDNSError:
        raise Failed("its host name is not known") from None
    except aiohttp.ClientConnectorCertificateError:
        raise Failed("its certificate is not trusted") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:  # never with what was sent, or where
        raise Failed(f"it cannot be reached ({type(error).__name__})") from None
    if 300 <= status < 400:
        raise Failed(f"it sends callers elsewhere ({status}), and nobody follows: set its `url` to there", final=True)
    if not 200 <= status < 300:
        raise Failed(f"it answered {status}", final=status < 500 and status not in _TRY_AGAIN)
