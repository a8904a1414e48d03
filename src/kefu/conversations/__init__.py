"""Calls and chats as one kind of conversation."""
