"""Recordings of calls: kept encrypted, measured, transcribed, listened to under permission (CONV4)."""
