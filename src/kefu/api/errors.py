"""Refusals that only the API knows."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Denied, Invalid, KefuError


class SignInNeeded(KefuError):
    """No token and no session, or one that is not valid (any more)."""

    code = "sign_in_needed"
    status = 401
    message = _("请在请求头 Authorization 中提供有效的 API 令牌，或先登录。")


class ForgeryRefused(Denied):
    """An unsafe request of a browser session without its CSRF token."""

    code = "csrf"
    message = _("请求缺少有效的 CSRF 令牌，请刷新页面后重试，或改用 API 令牌。")


class StandInRefused(Invalid):
    """The token may not act for this person: unknown, out of reach, not active, or an administrator."""

    code = "on_behalf_of"
    message = _("令牌不能代表此工号操作，请检查工号是否在职、是否在令牌的站点范围内。")


class KeyForm(Invalid):
    """An idempotency key that cannot be kept."""

    code = "idempotency_key"
    message = _("Idempotency-Key 应为 1–100 个可打印的 ASCII 字符。")


class KeyMismatch(Invalid):
    """The key was used before with another request."""

    code = "idempotency_mismatch"
    message = _("此 Idempotency-Key 已用于另一个请求，请为新的请求换一个新的键。")


class KeyInFlight(Conflict):
    """The same request is being worked on right now."""

    code = "idempotency_in_flight"
    message = _("相同的请求正在处理中，请在 %(retry_after)s 秒后重试。")


class BadRequest(KefuError):
    """A request that cannot be read at all."""

    code = "bad_request"
    message = _("请求无法解析，请检查内容是否为有效的 JSON、编码是否为 UTF-8。")


class TooLarge(KefuError):
    """A body over the limit of its operation."""

    code = "too_large"
    status = 413
    message = _("请求内容超过 %(limit)s MB，请分批提交，或改用命令行导入。")


class MethodUnknown(KefuError):
    """The address exists, the method does not."""

    code = "method_not_allowed"
    status = 405
    message = _("此地址不支持 %(method)s 方法，可用：%(allowed)s。")


class DatabaseAway(KefuError):
    """The database does not answer."""

    code = "database_away"
    status = 503
    message = _("数据库暂时无法连接，请稍后重试；未完成的操作不会生效。")


class Unforeseen(KefuError):
    """A failure nobody foresaw; its id is in the log."""

    code = "internal"
    status = 500
    message = _("服务器内部错误，请把编号 %(id)s 告诉管理员。")


class AlreadyThere(Conflict):
    """A unique value is taken, mostly because two callers were at it at once."""

    code = "already_there"
    message = _("内容与已有记录重复，可能有人刚刚提交过，请查询后再试。")
