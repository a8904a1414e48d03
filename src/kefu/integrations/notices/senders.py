"""The senders, and which of them this installation has set up (CASE5). The composition root names ``configured``."""

import hashlib
import hmac
import json
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import urllib3
from django.conf import settings
from django.core.mail import EmailMessage
from urllib3.exceptions import HTTPError

from kefu.notices.channels import NotSent, Outgoing, Sender
from kefu.notices.vocabulary import Reason

_CONNECT, _ANSWER, _MOST = 5.0, 15.0, 20_000


@dataclass(frozen=True)
class Folder:
    """Writes each message into a file: for the demo and for trying out. It reaches nobody, and every file says so."""

    folder: Path
    demo: bool = True

    def send(self, message: Outgoing) -> str:
        """Name of the file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{message.key}.txt"
        lines = [
            "演示：只写入文件夹，没有真正发出。Demo: written to a folder, sent to nobody.",
            f"渠道 {message.channel}",
            f"时间 {message.at}",
        ]
        path.write_text("\n".join([*lines, f"收件 {message.address}", "", message.text, ""]), encoding="utf-8")
        path.chmod(0o600)
        return path.name


@dataclass(frozen=True)
class Gateway:
    """Posts JSON to a gateway of the operator, signed: ``X-Kefu-Signature`` is the HMAC-SHA256 of ``<timestamp>.<body>`` in hex."""

    url: str
    secret: str
    demo: bool = False

    def send(self, message: Outgoing) -> str:
        """The number the gateway gives (``id`` of its answer), or our own key. Redirects are not followed."""
        body, headers = signed(message, self.secret)
        pool = urllib3.PoolManager(retries=False)
        timeout = urllib3.Timeout(connect=_CONNECT, read=_ANSWER)
        try:
            answer = pool.request("POST", self.url, body=body, headers=headers, timeout=timeout, redirect=False, preload_content=False)
            content = answer.read(_MOST)
            answer.release_conn()
        except (HTTPError, OSError, ValueError) as error:
            raise NotSent(Reason.UNREACHABLE, again=True, detail=type(error).__name__) from error
        if answer.status in (408, 425, 429) or answer.status >= 500:
            raise NotSent(Reason.BUSY, again=True, detail=f"HTTP {answer.status}")
        if not 200 <= answer.status < 300:
            raise NotSent(Reason.REFUSED, again=False, detail=f"HTTP {answer.status}")
        return _number(content) or message.key


def signed(message: Outgoing, secret: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a message; the signature is over exactly these bytes."""
    fields = {"key": message.key, "channel": message.channel, "to": message.address, "text": message.text}
    body = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    stamp = str(int(datetime.fromisoformat(message.at).timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": message.key,
        "X-Kefu-Timestamp": stamp,
        "X-Kefu-Signature": f"sha256={digest}",
    }
    return body, headers


def _number(content: bytes) -> str:
    try:
        found = json.loads(content)
    except ValueError:
        return ""
    return str(found.get("id", ""))[:120] if isinstance(found, dict) else ""


@dataclass(frozen=True)
class Mail:
    """Sends mail through Django's backend; the first sentence of the text is the subject."""

    demo: bool = False

    def send(self, message: Outgoing) -> str:
        """Our own key: mail servers give no number."""
        subject = message.text.partition("，")[0].replace("\n", " ")[:78]
        try:
            EmailMessage(subject, message.text, None, [message.address], headers={"X-Kefu-Key": message.key}).send()
        except smtplib.SMTPRecipientsRefused as error:
            raise NotSent(Reason.REFUSED, again=False, detail="SMTP recipient refused") from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(Reason.UNREACHABLE, again=True, detail=type(error).__name__) from error
        return message.key


def configured() -> Mapping[str, Sender]:
    """Senders by channel, as the operator's environment says; a channel without one is told by people."""
    found: dict[str, Sender] = {}
    for channel in ("sms", "wechat", "platform"):
        url = settings.KEFU_NOTICE_GATEWAYS.get(channel, "")
        if url:
            found[channel] = Gateway(url, settings.KEFU_NOTICE_SECRET)
    if settings.EMAIL_HOST:
        found["email"] = Mail()
    if settings.KEFU_NOTICE_FOLDER:
        folder = Folder(Path(settings.KEFU_HOME) / "outgoing")
        found = {**dict.fromkeys(("sms", "wechat", "platform", "email"), folder), **found}
    return found
