"""``kefu keys``: rotation of the keys personal data is encrypted with (SEC1)."""

import os
from collections.abc import Callable
from pathlib import Path

import click
from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext as _

from kefu.commands.frame import command, operator
from kefu.commands.progress import progress
from kefu.commands.tally import Tally, tally
from kefu.conversations.actions import reencrypt_transcripts
from kefu.kernel import audit, moment
from kefu.kernel.actor import Ref
from kefu.kernel.encryption import add_key, encrypted_fields, keyring, reencrypt
from kefu.recordings.store import reseal as reseal_recordings


@click.group()
def keys() -> None:
    """加密密钥 Encryption keys."""


@command("rotate")
@click.option("--continue", "resume", is_flag=True, help="不换新密钥，只继续未完成的重写 Finish a rewrite that was interrupted")
def rotate(resume: bool) -> Tally:
    """换用新密钥并重写全部加密内容 Make a new key and rewrite everything under it; old keys stay readable until then."""
    name = keyring().current if resume else add_key()
    audit.record(operator(), "keys.rotated", Ref("key", 0, name), now=moment.now(), data={"key": name, "resumed": resume})
    rows = 0
    for model in apps.get_models():
        if encrypted_fields(model):
            title = _("重写 %(table)s") % {"table": model._meta.label}
            with progress(title, model._default_manager.count()) as advance:
                rows += reencrypt(model, progress=advance)
    with progress(_("重写会话内容"), None) as advance:
        rows += reencrypt_transcripts(progress=advance)
    with progress(_("重写附件"), None) as advance:
        files = _files(advance)
    with progress(_("重写录音"), None) as advance:
        files += reseal_recordings(advance)
    return tally((_("密钥"), name), (_("重写记录"), rows), (_("重写附件"), files))


def _files(advance: Callable[[int], None]) -> int:
    done = 0
    mark = f"{keyring().current}:".encode()
    for path in sorted((Path(settings.KEFU_HOME) / "files").glob("*.bin")):
        content = path.read_bytes()
        if not content.startswith(mark):
            temporary = path.with_suffix(f".{os.getpid()}.tmp")
            temporary.write_bytes(keyring().encrypt_bytes(keyring().decrypt_bytes(content)))
            temporary.replace(path)
            done += 1
        advance(1)
    return done


keys.add_command(rotate)
