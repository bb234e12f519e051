from pathlib import Path

import numpy as np
import openpyxl
import pyogrio
import shapely

from etl.sample.city import City
from etl.sample.geofiles import footprint_layers
from etl.sample.parcels import make_parcels, parcel_frame
from etl.sample.towns import LOCAL_SRID, to_local_metres


def test_parcels_are_gbk_without_a_word_about_it(folder: Path) -> None:
    assert not (folder / "宗地.cpg").exists()
    table = (folder / "宗地.dbf").read_bytes()
    assert table[29] == 0
    assert "溧阳市".encode("gbk") in table
    assert "溧阳市".encode() not in table
    frame = pyogrio.read_dataframe(folder / "宗地.shp", encoding="GBK")
    assert frame.crs.to_epsg() == LOCAL_SRID
    assert frame["BZ"].eq("示例数据").all()


def test_parcels_and_sites_are_many_to_many(city: City) -> None:
    found = make_parcels(city)
    covered = [id(lot) for parcel in found for lot in parcel.lots]
    assert sum(len(parcel.lots) == 2 for parcel in found) >= 20
    assert len(covered) - len(set(covered)) >= 20


def test_parcels_cover_every_site_and_no_land_twice(city: City) -> None:
    parcels = np.asarray(parcel_frame(city).geometry.array)
    sites = np.asarray(footprint_layers(city)["院落"].geometry.array)
    land = shapely.buffer(shapely.union_all(parcels), 0.01)
    shapely.prepare(land)
    assert shapely.covers(land, shapely.transform(sites, to_local_metres)).all()
    left, right = shapely.STRtree(parcels).query(parcels, predicate="intersects")
    pairs = left < right
    shared = shapely.area(shapely.intersection(parcels[left[pairs]], parcels[right[pairs]]))
    assert shared.max(initial=0.0) < 0.01


def test_unit_numbers_of_the_ledger_name_parcels(folder: Path) -> None:
    frame = pyogrio.read_dataframe(folder / "宗地.shp", encoding="GBK", read_geometry=False)
    known = {number.replace(" ", "") for number in frame["BDCDYH"]}
    sheet = openpyxl.load_workbook(folder / "事业单位房产台账.xlsx").active
    fenced = {
        row[1]: str(row[19]).replace(" ", "")
        for row in sheet.iter_rows(min_row=5, values_only=True)
        if row[19]
    }
    assert sum(number in known for number in fenced.values()) > 0.6 * len(fenced)
    assert all(len(number) == 28 for number in known)
