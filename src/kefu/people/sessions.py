"""Where the session of a browser is read: Django's own table, by a statement made once. Every page begins with it."""

from datetime import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from kefu.kernel import prepared


class SessionStore(db.SessionStore):
    """Sessions as Django keeps them."""

    def _get_session_from_db(self) -> Session | None:
        found = prepared.first(_live, key=self.session_key, now=timezone.now()) if self.session_key else None
        if found is None:
            self._session_key = None
        return found


def _live(*, key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)[:1]
