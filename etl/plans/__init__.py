"""Floor plans as data: a drawing's rooms, judged, placed on the map, compared with the register."""
