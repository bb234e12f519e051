"""Plans for a problem of plain values: no database, no clock but the one that limits a run.

Stage one gives each agency area in places (`building_stage`), stage two gives it rooms within one
building (`room_stage`). `check` recomputes every rule and cost from the problem alone and shares
nothing with either. Areas are floats here, in m²: answers are exact to `TOLERANCE_M2`, a
hundredth of a square metre, and whoever writes them to the register rounds them to its digits.
"""
