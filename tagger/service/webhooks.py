"""Webhooks: a signed message to an allowed host at a job's end, sent until it is taken.

The message is signed as the Standard Webhooks specification says, so that receivers can check it with a library of
theirs. It is sent to the very address that was looked at: a name that is resolved anew in between (DNS rebinding)
leads nowhere else, and redirects are not followed.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import socket
import time
from contextlib import AbstractAsyncContextManager, suppress

import httpx
import structlog
from starlette.concurrency import run_in_threadpool

from tagger.errors import SettingsError, StoreError, WebhookRefusedError
from tagger.service.background import beside
from tagger.settings import Settings
from tagger.store.jobs import Deliveries, JobRow

SECRET_MARK = "whsec_"  # noqa: S105 - the mark, not the secret
PAUSES: tuple[float, ...] = (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600)  # seconds after each failed attempt
_ATTEMPT_SECONDS = 15.0
_CLAIM_SECONDS = 60.0
_POLL_SECONDS = 2.0
_LEAST_SECRET, _MOST_SECRET = 24, 64
_LONGEST_URL = 2000
_USUAL_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_log = structlog.get_logger(__name__)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class WebhookPolicy:
    """Where webhooks may go, and how they are signed: what the operator set.

    Raises:
        SettingsError: hosts are allowed and there is no secret to sign with, or it is none.
    """

    def __init__(self, settings: Settings) -> None:
        self._hosts = {host.strip().lower() for host in (settings.webhook_hosts or "").split(",") if host.strip()}
        self._allow_private = settings.webhook_allow_private
        self._secret = _secret(settings) if self._hosts else b""

    def check(self, url: str) -> httpx.URL:
        """Give a URL that webhooks may go to, read.

        Raises:
            WebhookRefusedError: its host is not allowed, or it is no address for a webhook.
        """
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise WebhookRefusedError(f"The webhook is no URL: {error}.") from None
        usual = _USUAL_PORTS.get(parsed.scheme)
        if usual is None or not parsed.host or parsed.userinfo or len(url) > _LONGEST_URL:
            raise WebhookRefusedError(
                f"A webhook is an http or https URL of at most {_LONGEST_URL} characters, without a user name."
            )
        host = parsed.host.lower()
        asked = host if parsed.port in (None, usual) else f"{host}:{parsed.port}"
        if asked not in self._hosts:
            raise WebhookRefusedError(
                f"Webhooks may not go to {asked}. The operator allows hosts in TAGGER_WEBHOOK_HOSTS."
            )
        return parsed

    async def resolve(self, url: httpx.URL) -> Address:
        """Look up the address to connect to.

        Raises:
            WebhookRefusedError: an address of the host is inside the network.
            OSError: the host has no address.
        """
        port = url.port or _USUAL_PORTS[url.scheme]
        found = await run_in_threadpool(socket.getaddrinfo, url.host, port, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        if not self._allow_private:
            for address in addresses:
                if not is_public(address):
                    raise WebhookRefusedError(
                        f"{url.host} is {address}, inside the network. TAGGER_WEBHOOK_ALLOW_PRIVATE allows that."
                    )
        return addresses[0]

    def sign(self, message_id: str, moment: int, body: bytes) -> dict[str, str]:
        """Give the headers that identify and sign a message; `moment` is in seconds since 1970."""
        signed = f"{message_id}.{moment}.".encode() + body
        signature = base64.b64encode(hmac.new(self._secret, signed, hashlib.sha256).digest()).decode()
        return {"webhook-id": message_id, "webhook-timestamp": str(moment), "webhook-signature": f"v1,{signature}"}


class WebhookSender:
    """Sends what is due, and tries again after each of `PAUSES`."""

    def __init__(self, deliveries: Deliveries, policy: WebhookPolicy) -> None:
        self._deliveries = deliveries
        self._policy = policy
        self._due = asyncio.Event()

    def wake(self) -> None:
        """Tell that a webhook is due."""
        self._due.set()

    def sending(self) -> AbstractAsyncContextManager[None]:
        """Send in the background; one that is being sent at the end is sent again by the next start."""
        return beside(self._send_due())

    async def _send_due(self) -> None:
        while True:
            self._due.clear()
            try:
                while job := await run_in_threadpool(self._deliveries.claim, _CLAIM_SECONDS):
                    await self._send(job)
            except StoreError as error:
                _log.warning("webhooks wait for the database", reason=str(error))
            except Exception:
                _log.exception("a webhook could not be sent because of a fault in this program")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), _POLL_SECONDS)

    async def _send(self, job: JobRow) -> None:
        if job.delivery is None:
            return
        attempts = job.delivery.attempts
        error = await self._attempt(job, job.delivery.url)
        retry_in = PAUSES[attempts - 1] if error and attempts <= len(PAUSES) else None
        if error:
            _log.warning("a webhook was not taken", job=job.id, attempt=attempts, reason=error)
        await run_in_threadpool(self._deliveries.settle, job.id, error, retry_in)

    async def _attempt(self, job: JobRow, url: str) -> str | None:
        """Send once; give what went wrong, None where it was taken."""
        try:
            async with asyncio.timeout(_ATTEMPT_SECONDS):
                status = await self._post(job, url)
        except TimeoutError:
            return f"no answer in {_ATTEMPT_SECONDS:.0f} s"
        except (WebhookRefusedError, OSError, httpx.HTTPError) as error:
            return str(error) or type(error).__name__
        return None if httpx.codes.is_success(status) else f"answered with status {status}"

    async def _post(self, job: JobRow, url: str) -> int:
        """Send the message to the address that the policy found, and give the answer's status."""
        parsed = self._policy.check(url)
        address = await self._policy.resolve(parsed)
        body = message(job)
        headers = self._policy.sign(f"job-{job.id}", int(time.time()), body)
        headers |= {"host": parsed.netloc.decode(), "content-type": "application/json", "user-agent": "tagger"}
        pinned = parsed.copy_with(host=str(address))
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False) as client:
            request = client.build_request(
                "POST", pinned, content=body, headers=headers, extensions={"sni_hostname": parsed.host}
            )
            answer = await client.send(request, stream=True)  # nothing of its body is read
            await answer.aclose()
            return answer.status_code


def message(job: JobRow) -> bytes:
    """Give the message of a job's end: no word of the articles, only what became of the job."""
    data = {
        "id": job.id,
        "state": job.state,
        "total": job.total,
        "answered": job.answered,
        "errors": job.errors,
        "reason": job.reason,
        "result": f"/v1/jobs/{job.id}/result" if job.state == "done" else None,
    }
    timestamp = job.finished.isoformat() if job.finished else None
    return json.dumps({"type": f"job.{job.state}", "timestamp": timestamp, "data": data}).encode()


def is_public(address: Address) -> bool:
    """Whether it is an address of the public internet, and so is the IPv4 address that it may hold."""
    if isinstance(address, ipaddress.IPv6Address):
        held = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if held is None and address in _NAT64:
            held = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if held is not None:
            return is_public(held)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_private)


def _secret(settings: Settings) -> bytes:
    given = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    try:
        secret = base64.b64decode(given.removeprefix(SECRET_MARK), validate=True)
    except ValueError:
        secret = b""
    if not given.startswith(SECRET_MARK) or not _LEAST_SECRET <= len(secret) <= _MOST_SECRET:
        raise SettingsError(
            f"TAGGER_WEBHOOK_HOSTS needs TAGGER_WEBHOOK_SECRET: {SECRET_MARK} and {_LEAST_SECRET} to {_MOST_SECRET} "
            'bytes in base64, such as "whsec_$(openssl rand -base64 32)".'
        )
    return secret
