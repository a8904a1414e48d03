"""Kefu 客服: the customer-service centre that runs on its handbook."""

__version__ = "0.1.0"
