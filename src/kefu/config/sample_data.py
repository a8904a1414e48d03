"""Hands the demo to the console: the two do not know each other, only this floor knows both."""

from kefu.console import sample_data


class _Demo:
    """The demo centre of ``kefu demo``."""

    def present(self) -> bool:
        """Whether its data are here and nothing but them."""
        from kefu.demo import ground, marks

        return marks.read() is not None and not ground.strangers()

    def remove(self) -> None:
        """Take it away and leave an empty product: the handbooks that come with it, nobody who can sign in."""
        from django.core.cache import cache

        from kefu.demo.removal import remove
        from kefu.handbook.actions import install_builtin
        from kefu.kernel import moment
        from kefu.kernel.actor import Actor

        remove()
        cache.clear()
        install_builtin(actor=Actor.system("setup"), now=moment.now())


def offer() -> None:
    """Let the console offer its removal."""
    sample_data.offered(_Demo())
