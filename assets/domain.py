"""The one contract a domain fulfils. (Column contracts and reports join it with their users.)"""
