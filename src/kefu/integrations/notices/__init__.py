"""Senders of messages to customers: a folder for the demo, an HTTP gateway, mail."""
