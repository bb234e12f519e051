"""What opens strangers' files: runs only in a process of its own, without frames or database.

Parsers of foreign formats are where a crafted file does its harm. They work in a process that has
little memory and time, no network, no secrets, and hands back plain Arrow and JSON.
"""
