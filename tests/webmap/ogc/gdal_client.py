"""GDAL reads a service as QGIS and its tools do; a process of its own, for it holds the lock.

Called with the address, the session, and JSON of what to read; prints JSON of what was found.
"""

import json
import sys

import pyogrio

address, token, asked = sys.argv[1:]
pyogrio.set_gdal_config_options({"GDAL_HTTP_COOKIE": f"onemap_session={token}"})
found = []
for one in json.loads(asked):
    options = one.pop("options", {})
    info = pyogrio.read_info(address, layer=one["layer"], force_feature_count=True, **options)
    if "bbox" in one:
        one["bbox"] = tuple(one["bbox"])
    frame = pyogrio.read_dataframe(address, fid_as_index=False, **one, **options)
    found.append(
        {
            "layer": one["layer"],
            "crs": str(frame.crs) if "geometry" in frame else None,
            "count": info["features"],
            "features": [
                [row.code, None if row.geometry is None else row.geometry.wkt, row.get("name")]
                for _, row in frame.iterrows()
            ],
        }
    )
sys.stdout.write(
    json.dumps({"layers": [row[0] for row in pyogrio.list_layers(address)], "found": found})
)
