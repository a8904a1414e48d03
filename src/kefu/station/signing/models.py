"""Tables of signing: sign-offs, what was changed on them, their proofs, and signatures that look false."""

from typing import Any

from django.db import models

from kefu.kernel.encryption import EncryptedTextField
from kefu.station.signing.words import Consent, Signer, Situation, Stage


class SignOff(models.Model):
    """Who took a parcel, and how. ``part`` counts the partial ones of a parcel; an undone one stays, out of the count."""

    waybill = models.CharField(max_length=40)
    piece = models.CharField(max_length=40, blank=True, default="")
    parcel_id = models.BigIntegerField(null=True)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    part = models.PositiveSmallIntegerField(default=1)
    stage = models.CharField(max_length=8, choices=Stage.choices)
    # When it was taken, or put into store; ``out_at`` is when it was taken out, which is the real signature (O10).
    signed_at = models.DateTimeField()
    out_at = models.DateTimeField(null=True)
    courier = models.CharField(max_length=20, blank=True, default="")
    signer = models.CharField(max_length=12, choices=Signer.choices)
    signer_name = EncryptedTextField(blank=True, default="")
    relation = models.CharField(max_length=20, blank=True, default="")
    situation = models.CharField(max_length=10, choices=Situation.choices, default=Situation.NORMAL)
    # Pieces of a partial sign-off; 0: all that were left.
    pieces = models.PositiveIntegerField(default=0)
    place = models.CharField(max_length=60, blank=True, default="")
    consent_by = EncryptedTextField(blank=True, default="")
    consent_how = models.CharField(max_length=10, choices=Consent.choices, blank=True, default="")
    # Yuan.
    cod_collected: models.DecimalField[Any, Any] = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    freight_collected: models.DecimalField[Any, Any] = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    note = EncryptedTextField(blank=True, default="")
    source = models.CharField(max_length=10, default="own")
    # The scan it made: code, time and 工号 are its key together with site, waybill and piece.
    scan_code = models.CharField(max_length=12)
    scanned_at = models.DateTimeField()
    operator = models.CharField(max_length=20, blank=True, default="")
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=80)
    entered_id = models.BigIntegerField(default=0)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=80, blank=True, default="")
    undone_why = models.CharField(max_length=200, blank=True, default="")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["waybill", "part"], condition=~models.Q(stage="undone"), name="sign_off_once"),
        ]
        indexes = [
            models.Index(fields=["site", "-signed_at", "-id"], name="sign_off_site"),
            models.Index(fields=["site", "courier", "-signed_at"], name="sign_off_courier"),
            models.Index(fields=["site", "stage", "-signed_at"], name="sign_off_stage"),
            models.Index(fields=["waybill"], name="sign_off_waybill"),
        ]


class SignEdit(models.Model):
    """A change of a sign-off: ``changes`` is a JSON object of field to old and new value, encrypted as names may be in it."""

    sign_off = models.ForeignKey(SignOff, on_delete=models.PROTECT, related_name="edits")
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    what = models.CharField(max_length=12)
    changes = EncryptedTextField(blank=True, default="")


class SignProof(models.Model):
    """A picture of a signature, a place or a damage, kept by ``kernel.files``."""

    sign_off = models.ForeignKey(SignOff, on_delete=models.PROTECT, related_name="proofs")
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=80)
    content_type = models.CharField(max_length=100, blank=True, default="")
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sign_off", "sha256", "name"], name="sign_proof_once")]


class Suspicion(models.Model):
    """A signature a pattern speaks of (虚假签收); ``evidence`` are codes and values. A person clears it or opens a case."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    waybill = models.CharField(max_length=40)
    pattern = models.CharField(max_length=20)
    courier = models.CharField(max_length=20, blank=True, default="")
    evidence: models.JSONField[Any, Any] = models.JSONField(default=dict)
    clause = models.CharField(max_length=120, blank=True, default="")
    sign_off = models.ForeignKey(SignOff, null=True, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.CharField(max_length=80, blank=True, default="")
    cleared_why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["waybill", "site", "day", "pattern"], name="suspicion_once")]
        indexes = [
            models.Index(fields=["site", "-day", "-id"], name="suspicion_site"),
            models.Index(fields=["site", "pattern", "-day", "-id"], name="suspicion_pattern"),
        ]
