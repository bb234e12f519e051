"""Put a table's geometry, or its coordinate columns, into storage coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from etl import datum as datums
from etl import displacement
from etl.clean import Cleaned
from etl.displacement import CANDIDATES, Verdict
from etl.frames import Extent, Framed, frame
from etl.issues import IssueList, Severity
from etl.located import KnownPlaces
from etl.positions import Bools, Positions, has_positions, list_repair, originals, read_positions
from etl.read.geographic import geometries
from etl.repair import POINTS, POLYGONAL, mend
from gis.errors import SourceError

_NULL_ISLAND_DEGREES: Final = 0.01
_MOST_POINTS: Final = 100_000
"""Corners of one shape; the most winding parcel has thousands, and a map must draw it."""
_MISLABELLED_M: Final = 250.0
_USUAL_SHARE: Final = 0.8
_FEWEST_TOLD: Final = 3
_MISLABELLED_TIMES: Final = 3.0
"""A point this far from its place, and this many times farther than in another datum, is labelled
with the wrong one."""


@dataclass(frozen=True)
class Located:
    """Where the rows of a table lie.

    Args:
        geometry: Shapely geometry per row in storage coordinates; null without a location.
        is_rejected: Rows whose location is impossible or beyond repair.
        source: How the location came: `polygon`, `point`, or null, per row.
        datum: What the coordinates were stated in; null when there were none or several.
        datum_by: Who said so: `stated` by a person, `file`, `default` of a country, `numbers`
            (metres tell their own system), `displacement`; null without coordinates.
    """

    geometry: npt.NDArray[np.object_]
    is_rejected: Bools
    source: npt.NDArray[np.object_]
    datum: str | None
    datum_by: str | None = None


def locate(
    cleaned: Cleaned,
    issues: IssueList,
    *,
    stated: str | None,
    fallback: str | None = None,
    known: KnownPlaces | None = None,
) -> Located:
    """The location of each row of a table.

    Args:
        cleaned: The table.
        issues: Gets what was mended or refused.
        stated: The datum the person states; overrules everything in the file.
        fallback: The datum of the pack the headers come from; null where a country has several.
        known: Places the register has located, to tell a datum by; null asks the person.

    Raises:
        SourceError: There are coordinates, and neither a person nor the register tells in which
            datum.
    """
    count = len(cleaned.table.rows)
    if cleaned.table.wkb is None and not has_positions(cleaned):
        nothing = np.full(count, None, dtype=object)
        return Located(nothing, np.zeros(count, dtype=bool), nothing.copy(), None)
    if cleaned.table.wkb is not None:
        found, at, is_rejected = _shapes(cleaned, issues)
        written = np.full(count, cleaned.table.crs, dtype=object)
    else:
        at, is_half = read_positions(cleaned, issues)
        found = shapely.points(at.x, at.y)
        found[~at.is_given] = None
        is_rejected = _reject(is_half, "coordinates.impossible", cleaned, issues)
        rule = cleaned.table.contract.place
        if rule is not None and rule.needs_position:
            is_blank = ~at.is_given & ~is_half
            is_rejected = is_rejected | _reject(is_blank, "required.missing", cleaned, issues)
        written = cleaned.text("datum").to_numpy(dtype=object, copy=True)
    session = _Session(cleaned, issues, known)
    datum, said_by = session.datum_of(found, at, written, stated=stated, fallback=fallback)
    found = session.moved(found, at, datum)
    found, is_beyond = mend(found, cleaned, issues)
    is_impossible = _impossible(found) & ~is_rejected
    is_rejected |= is_beyond | _reject(is_impossible, "coordinates.impossible", cleaned, issues)
    found[is_rejected] = None
    names = list(dict.fromkeys(datum[at.is_given]))
    return Located(
        found,
        is_rejected,
        _sources(found),
        names[0] if len(names) == 1 else None,
        said_by if names else None,
    )


def _sources(found: Any) -> npt.NDArray[np.object_]:
    kinds = shapely.get_type_id(found)
    source = np.full(len(found), None, dtype=object)
    source[np.isin(kinds, POLYGONAL)] = "polygon"
    source[np.isin(kinds, POINTS)] = "point"
    return source


def _shapes(cleaned: Cleaned, issues: IssueList) -> tuple[Any, Positions, Bools]:
    """The shapes of a layer as they stand, the middle of each one's box, and unusable ones."""
    wkb = cleaned.table.wkb
    found = geometries(wkb)
    has_shape = ~shapely.is_missing(found) & ~shapely.is_empty(found)
    is_unreadable = pd.notna(wkb) & shapely.is_missing(found)
    is_huge = shapely.get_num_coordinates(found) > _MOST_POINTS
    # One direction of rings for all: some formats turn them, and a file loaded back would change
    # every outline.
    flat = shapely.orient_polygons(shapely.force_2d(found))
    found = np.where(has_shape & ~is_huge, flat, None)
    is_rejected = _reject(is_unreadable, "geometry.unreadable", cleaned, issues)
    is_rejected = is_rejected | _reject(is_huge, "geometry.too_many_points", cleaned, issues)
    west, south, east, north = shapely.bounds(found).T
    return found, Positions((west + east) / 2, (south + north) / 2), is_rejected


@dataclass
class _Session:
    """The table at hand, where issues go, and the register."""

    cleaned: Cleaned
    issues: IssueList
    known: KnownPlaces | None
    turned: Bools | None = None
    """Rows whose two numbers are exchanged before they are used."""
    prefixed: Bools | None = None
    """Rows whose eastings lose a zone number before they are used."""

    def datum_of(
        self,
        found: Any,
        at: Positions,
        written: npt.NDArray[np.object_],
        *,
        stated: str | None,
        fallback: str | None,
    ) -> tuple[npt.NDArray[np.object_], str]:
        """The datum of each row and who said so; `at` is put right where numbers are exchanged."""
        said_by = "stated" if stated else "file" if pd.notna(written).any() else "default"
        datum = written
        if stated:
            datum[:] = stated
        elif fallback:
            datum[pd.isna(datum)] = fallback
        for name in dict.fromkeys(datum[at.is_given & pd.notna(datum)]):
            self._refuse_unknown(name)
        if not stated and self.cleaned.table.wkb is None:
            self._list_odd_labels(at, datum)
        framed = frame(at, datum, self._extent(at, datum))
        self.turned, self.prefixed = framed.is_swapped, framed.is_prefixed
        self._list_frames(framed, at)
        datum = framed.datum
        is_open = at.is_given & pd.isna(datum)
        if is_open.any():
            verdict = self._by_register(found, at, is_open)
            datum[is_open] = verdict.datum
            self._list_verdict(verdict, is_open)
            said_by = "displacement"
        elif framed.is_projected.any() and not stated:
            said_by = "numbers"
        elif not stated and self.cleaned.table.wkb is None:
            self._list_mislabelled(at, datum)
        return datum, said_by

    def moved(self, found: Any, at: Positions, datum: npt.NDArray[np.object_]) -> Any:
        """Shapes in storage coordinates."""
        found = found.copy()
        for rows, change in ((self.turned, _exchanged), (self.prefixed, _without_zone)):
            if rows is not None and rows.any():
                found[rows] = shapely.transform(found[rows], change)
        for name in dict.fromkeys(datum[at.is_given]):
            here = at.is_given & (datum == name)
            if not datums.is_projected(name):
                # Beyond the poles no datum is defined; the check that follows refuses the row.
                with np.errstate(invalid="ignore"):
                    here &= (np.abs(at.x) <= 180) & (np.abs(at.y) <= 90)
            transform = datums.to_storage(name)
            if transform is not None and here.any():
                found[here] = shapely.transform(found[here], transform)
        return found

    def _extent(self, at: Positions, datum: npt.NDArray[np.object_]) -> Extent | None:
        """The registered areas, asked for only where numbers alone leave something open."""
        if self.known is None or not at.is_given.any():
            return None
        is_plain = self.cleaned.table.wkb is not None and pd.notna(datum).all()
        return None if is_plain else self.known.extent()

    def _list_frames(self, framed: Framed, at: Positions) -> None:
        for rule, where in (
            ("coordinates.swapped", framed.is_swapped),
            ("coordinates.zone_prefix", framed.is_prefixed),
            ("coordinates.not_metres", framed.is_geographic),
            ("coordinates.projected", framed.is_projected),
        ):
            for name in dict.fromkeys(framed.datum[where]):
                rows = where & ((framed.datum == name) | (pd.isna(framed.datum) & (name is None)))
                list_repair(
                    self.cleaned, self.issues, rows, rule, among=at.is_given,
                    suggestion=[
                        f"{x:.9g}, {y:.9g}" for x, y in zip(at.x[rows], at.y[rows], strict=True)
                    ],
                    params={"datum": name},
                )  # fmt: skip

    def _by_register(self, found: Any, at: Positions, is_open: Bools) -> Verdict:
        """The datum that places already located prove.

        Raises:
            SourceError: They prove none; with what was seen.
        """
        verdict = Verdict(None, 0)
        if self.known is not None:
            rows, places = self.known.pairs(self.cleaned, np.flatnonzero(is_open))
            own = np.column_stack([at.x, at.y])
            verdict = displacement.decide(own[rows], places)
            if verdict.reason == "few" and self.cleaned.table.wkb is not None:
                verdict = self._by_outlines(found, own, is_open, verdict)
        if verdict.datum is None:
            self._ask(verdict, at, is_open)
        return verdict

    def _by_outlines(
        self, found: Any, own: npt.NDArray[np.float64], is_open: Bools, so_far: Verdict
    ) -> Verdict:
        """Outlines that cover known ones in one datum, and in no other."""
        assert self.known is not None  # noqa: S101 -- asked by the caller
        moved: dict[str, Any] = {}
        for name in CANDIDATES:
            transform = datums.to_storage(name)
            shapes = np.where(is_open, found, None)
            moved[name] = shapes if transform is None else shapely.transform(shapes, transform)
        covered = self.known.covered(moved)
        first, second = sorted(covered, key=lambda name: -len(covered[name][0]))[:2]
        rows, places = covered[first]
        if len(rows) < max(displacement.FEWEST_PAIRS, 3 * len(covered[second][0])):
            return so_far
        return displacement.decide(own[rows], places)

    def _ask(self, verdict: Verdict, at: Positions, is_open: Bools) -> None:
        key = "load.unknown_datum"
        if verdict.pairs:
            key += f"_{verdict.reason}"
        raise SourceError(
            key,
            file=self.cleaned.table.file,
            sheet=self.cleaned.table.sheet,
            shares=self._shares(at, is_open),
            **{k: v for k, v in verdict.as_params().items() if k != "datum"},
        )

    def _shares(self, at: Positions, is_open: Bools) -> str:
        """A hint for the person asked: in which datum how many points hit their district."""
        codes = self.cleaned.text("division_code").to_numpy(dtype=object)
        rows = np.flatnonzero(is_open & pd.notna(codes))
        if self.known is None or not len(rows):
            return "-"
        own = np.column_stack([at.x[rows], at.y[rows]])
        moved = {}
        for name in CANDIDATES:
            transform = datums.to_storage(name)
            moved[name] = own if transform is None else transform(own)
        found = self.known.district_shares(codes[rows], moved)
        return " · ".join(f"{name} {share:.0%}" for name, share in found.items()) or "-"

    def _list_verdict(self, verdict: Verdict, is_open: Bools) -> None:
        table = self.cleaned.table
        self.issues.add(
            sheet=table.sheet,
            rows=table.rows[is_open][:1],
            column=table.header("longitude") or table.header("position"),
            rule="datum.by_displacement",
            severity=Severity.WARN,
            suggestion=verdict.datum,
            params=verdict.as_params(),
        )

    def _list_odd_labels(self, at: Positions, datum: npt.NDArray[np.object_]) -> None:
        """The few rows that state another datum than the rest; they are taken as they say."""
        names = pd.Series(datum[at.is_given], dtype=object).dropna()
        usual = names.mode()
        if not len(usual) or (names == usual[0]).mean() < _USUAL_SHARE:
            return
        odd = at.is_given & pd.notna(datum) & (datum != usual[0])
        table = self.cleaned.table
        self.issues.add(
            sheet=table.sheet,
            rows=table.rows[odd],
            column=table.header("datum"),
            rule="datum.row_differs",
            severity=Severity.WARN,
            original=list(datum[odd]),
            params={"datum": str(usual[0])},
        )

    def _list_mislabelled(self, at: Positions, datum: npt.NDArray[np.object_]) -> None:
        """Rows that say one datum while their own place lies where another would put it."""
        is_told = at.is_given & np.isin(datum, (*datums.GEOGRAPHIC, *datums.OFFSET))
        if self.known is None or not is_told.any() or self.cleaned.table.header("datum") is None:
            return
        rows, places = self.known.pairs(self.cleaned, np.flatnonzero(is_told))
        if len(rows) < _FEWEST_TOLD:
            return
        own = np.column_stack([at.x, at.y])[rows]
        misses = np.array([displacement.misses_m(own, places, name) for name in CANDIDATES])
        label = np.where(np.isin(datum[rows], datums.GEOGRAPHIC), CANDIDATES[0], datum[rows])
        said = misses[[CANDIDATES.index(one) for one in label], np.arange(len(rows))]
        least = misses.min(axis=0)
        wrong = (said >= _MISLABELLED_M) & (said >= _MISLABELLED_TIMES * least)
        best = np.array(CANDIDATES)[misses.argmin(axis=0)]
        table = self.cleaned.table
        self.issues.add(
            sheet=table.sheet,
            rows=table.rows[rows[wrong]],
            column=table.header("datum"),
            rule="datum.label_differs",
            severity=Severity.WARN,
            original=originals(self.cleaned, rows[wrong], "datum"),
            suggestion=list(best[wrong]),
            params=[
                {"distance_m": round(float(far)), "datum": str(name), "near_m": round(float(near))}
                for far, name, near in zip(said[wrong], best[wrong], least[wrong], strict=True)
            ],
        )

    def _refuse_unknown(self, datum: str) -> None:
        if not datums.is_known(datum):
            raise SourceError(
                "load.unsupported_datum",
                file=self.cleaned.table.file,
                sheet=self.cleaned.table.sheet,
                datum=datum,
            )


def _exchanged(ring: Any) -> Any:
    return ring[:, ::-1]


def _without_zone(ring: Any) -> Any:
    return np.column_stack([datums.without_zone(ring[:, 0]), ring[:, 1]])


def _impossible(found: Any) -> Bools:
    bounds = shapely.bounds(found)
    known = ~np.isnan(bounds).any(axis=1)
    west, south, east, north = np.nan_to_num(bounds).T
    inside = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    # Null Island: what software writes for coordinates it does not have.
    reach = np.max(np.abs([west, south, east, north]), axis=0)
    at_origin = reach < _NULL_ISLAND_DEGREES
    missing = shapely.is_missing(found)
    return np.asarray((known & (~inside | at_origin)) | (~known & ~missing))


def _reject(where: Bools, rule: str, cleaned: Cleaned, issues: IssueList) -> Bools:
    table = cleaned.table
    rows: Sequence[int] | npt.NDArray[np.int64] = table.rows[where]
    issues.add(
        sheet=table.sheet,
        rows=rows,
        column=table.header("longitude") or table.header("position"),
        rule=rule,
        severity=Severity.REJECT,
        original=originals(cleaned, np.flatnonzero(where)),
    )
    return np.asarray(where)
