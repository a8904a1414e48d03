"""Recordings that cannot be read."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Invalid, Message


class SoundRefused(Invalid):
    """A file that is no sound we can read; ``reason`` is a key of ``REASONS``."""

    code = "sound_refused"
    message = _("无法读取这段录音：%(why)s")

    def __init__(self, reason: str) -> None:
        super().__init__(code=reason, why=REASONS[reason])


REASONS: dict[str, Message] = {
    "sound_empty": _("文件是空的，请重新导出录音。"),
    "sound_unreadable": _("不是可识别的录音文件，或已损坏。支持 WAV、FLAC、OGG、MP3。"),
    "sound_no_samples": _("文件里没有声音数据，录音可能没有写完。"),
    "sound_amr": _("AMR 录音需要本机安装 ffmpeg；也可先转成 WAV 或 MP3 再上传。"),
    "sound_amr_failed": _("ffmpeg 没能转换这段 AMR 录音，请先转成 WAV 再上传。"),
    "sound_channels": _("声道超过两个，分不清是谁在说话，请导出为双声道或单声道。"),
    "sound_too_long": _("录音超过 12 小时，请按通话拆分后再上传。"),
    "sound_rate": _("采样率过低或过高，请用 4 kHz 到 192 kHz 的录音。"),
}
"""Why a file is refused, by stable code."""
