"""Waybills and their scans."""
