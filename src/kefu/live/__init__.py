"""The live stream, and the door every other request goes through to Django."""
