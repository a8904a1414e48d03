"""The one table of this room: cells the handbook lets people write that no other room has a place for (SHOP7)."""

from typing import Any

from django.db import models

from kefu.kernel.encryption import EncryptedTextField


class KeptCell(models.Model):
    """What people wrote into a cell of a ledger: row ``row_id`` of a register, column by its id in the handbook.

    ``value`` is text, a plain number, an ISO moment, ``1`` or empty, by the column's type.
    """

    site: models.ForeignKey[Any, Any] = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    register = models.CharField(max_length=20)
    row_id = models.BigIntegerField()
    column = models.CharField(max_length=60)
    value = EncryptedTextField(blank=True, default="")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["register", "row_id", "column"], name="kept_cell_once")]
