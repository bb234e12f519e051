"""What domains share and never re-implement: steps, working days, notices, frozen reports."""
