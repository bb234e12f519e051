"""Redeployment: who should sit where; asked, solved, shaped by people, carried out as one.

`solver` is pure: it is given a problem of plain values and gives plans; it knows no register.
"""
