"""Themes: an indicator measured by district or by place, in classes, with its colours."""
