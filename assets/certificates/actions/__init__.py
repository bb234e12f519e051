"""Issuing, changing and cancelling certificates, and taking the last of these back.

Who may: whoever writes certificates for every body of the property's district, which is an office
administration; who writes for one body alone does not certify what that body has.
"""

from assets.certificates.actions.ending import cancel, take_back
from assets.certificates.actions.issuing import SERIES, Wording, change, issue
from assets.certificates.actions.writing import MOST_ROOMS

__all__ = ["MOST_ROOMS", "SERIES", "Wording", "cancel", "change", "issue", "take_back"]
