"""`onemap check`: what a load would do, and every issue; nothing is kept."""

from webmap.commands.load import check as command

__all__ = ["command"]
