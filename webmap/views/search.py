"""Search by name, code, address, number and pinyin initials."""

from flask import Blueprint

blueprint = Blueprint("search", __name__)
