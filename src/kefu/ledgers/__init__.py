"""Ledgers 台账: the registers of the trade in the handbook's columns, over cases, claims, orders and after-sales (SHOP7, E13)."""
