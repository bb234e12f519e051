"""The one contract a domain fulfils: what it lets in, what it answers, what it reports.

A domain folder exports `MODULE = DomainModule(...)`; the loader, the map, the boards and the
reports are driven by that value and by nothing else of the domain.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from assets.report import ReportBuilder
from gis.layers import Layer
from gis.places.past import Step
from gis.questions import Asked
from gis.squares import KeptSums
from gis.themes.indicators import Indicator


class ColumnType(StrEnum):
    """How the loader reads a cell of a column."""

    TEXT = "text"
    CODE = "code"  # an identifier: digits Excel turned into a number become text again
    INTEGER = "integer"
    NUMBER = "number"
    YEAR = "year"
    DATE = "date"
    BOOLEAN = "boolean"
    ENUM = "enum"
    COORDINATE = "coordinate"  # degrees in any writing, metres, or both: see `etl.positions`


class Unkept(StrEnum):
    """Why the register does not carry what stands in a column: it is listed, once a sheet."""

    NO_HOME = "no_home"  # nothing in the data model says it
    PERSONAL = "personal"  # it names a person: read to check the row, deliberately not kept
    IN_ADDRESS = "in_address"  # lost where the kept address does not say it
    NAMES_PARENT = "names_parent"  # lost where the place above is unknown or called otherwise
    NAMES_STEWARD = "names_steward"  # lost where another body answers for the place
    NAMES_AREA = "names_area"  # lost where no code is stated, or it means another district


@dataclass(frozen=True)
class Column:
    """One field that a file may carry.

    Args:
        field: Canonical name; the synonyms in the country packs point at it.
        type: How cells are read.
        is_required: A row without it is rejected.
        unit: Unit the value is kept in (`m2`, `m`, `yuan`); factors from other units are pack data.
        enum: Name of the value list in the packs; only for `ENUM`.
        check: Name of the code check that warns (`credit_code`, `real_estate_unit`, `certificate`).
        true_value: The value of an enum that means yes, where it is kept as yes or no.
        is_repeated: The cell belongs to the single row even where several rows describe one
            thing, as the agencies of one property do; all other cells belong to the whole group.
        is_keyed: Stands for several columns, one per key that the packs name `field.key`, such
            as a headcount for each rank: the keys are a country's data, not code.
        stores: Where the value goes: `place.<column>`, `kind.<column>` of the kind's own table,
            `area.<area kind>`, `identifier.<scheme>`, `headcount.<kind>`, `record.<column>` of
            the record's table; null for a field that the loader has a use of its own for.
        unkept: Why the register does not carry its values; null where it does.
        ends: The field with the number that is in use until the day in this column.
        stands_for: The field that the column is read as in a sheet without a column of that one.
        part_of: The headcount that this one is a part of: where a sheet has no column of it, a row
            states it by the sum of its parts.
    """

    field: str
    type: ColumnType = ColumnType.TEXT
    is_required: bool = False
    unit: str | None = None
    enum: str | None = None
    check: str | None = None
    true_value: str | None = None
    is_repeated: bool = False
    is_keyed: bool = False
    stores: str | None = None
    unkept: Unkept | None = None
    ends: str | None = None
    stands_for: str | None = None
    part_of: str | None = None

    @property
    def is_of_no_use(self) -> bool:
        """Whether a sheet is no more of a kind for having the column: only its loss is told."""
        return self.unkept in (Unkept.NO_HOME, Unkept.PERSONAL)


@dataclass(frozen=True)
class PlaceRule:
    """How the rows of a contract become places.

    Args:
        kind: Kind of place, unless the row states its own (`place_kind`).
        parent_fields: Fields that may name the parent's code, the first filled one counts.
        is_parent_required: A row without a parent is rejected.
        area_source: Who says the areas of such a file.
        holding_source: Who says its holdings.
        occupancy_extent: `part`: who sits somewhere in the place; `whole`: in it; null: not said.
        keeps_users: A body named all the same is kept as having a part of the place.
        is_matched_by_address: A row without a number is looked up by district and address.
        may_create: A row that fits no place makes one; else it waits.
        fills_gaps_only: Speaks of a part of the property: adds what is not known yet and never
            overwrites, unless nothing but that part is known of the place.
        is_census: Filed by who uses the place: the steward tells the population, the remark
            whether the place is managed centrally.
        matched_kinds: Kinds that an address may stand for, where they are more than `kind`.
        register_field: Field with a number of a statutory register, whose body is the steward.
        is_made_by_register: With such a number a row makes its place though it may create none.
        belongs_to_top: Fields that speak of the whole property; a row with a parent only repeats
            them.
        settles_kind: A row without a parent gives a property its kind where nobody stated one.
        told_by: Fields of which each tells a part from the others of its parent, where a row has no
            number of its own; one that its kind's table keeps stands once in there.
        told_within: Fields of which none may differ then, such as the floor of a room.
        section_field: Field with the label of the section, where the parent is its building.
        is_on_parcels: Its ground and the parcels it lies on are linked by their shapes.
        is_within_building: A shape that leaves its building is listed.
        is_checked_on_map: A new shape that overlaps one of the kind on the map is listed.
        needs_position: A row without one says nothing and is rejected.
        is_exclusive: Two shapes of the kind that overlap are listed.
        people: Fields that speak of somebody who sits there: a thing may have a row for each.
    """

    kind: str
    parent_fields: tuple[str, ...] = ()
    is_parent_required: bool = False
    area_source: str = "declared"
    holding_source: str = "census"
    occupancy_extent: str | None = None
    keeps_users: bool = False
    is_matched_by_address: bool = False
    may_create: bool = True
    fills_gaps_only: bool = False
    is_census: bool = False
    matched_kinds: tuple[str, ...] = ()
    register_field: str | None = None
    is_made_by_register: bool = False
    belongs_to_top: tuple[str, ...] = ()
    settles_kind: bool = False
    told_by: tuple[str, ...] = ()
    told_within: tuple[str, ...] = ()
    section_field: str | None = None
    is_on_parcels: bool = False
    is_within_building: bool = False
    is_checked_on_map: bool = False
    needs_position: bool = False
    is_exclusive: bool = False
    people: tuple[str, ...] = ()


class Directory(StrEnum):
    """What the rows of a contract add to the directory of organizations."""

    BODIES = "bodies"
    SUCCESSIONS = "successions"
    POSTS = "posts"


@dataclass(frozen=True)
class RecordRule:
    """How the rows of a contract become rows of a domain's own table, one row a record.

    The table has a one-column primary key, `code`, `admin_area_code`, `stated_on`, `stated_days`,
    `load_id` and `rights_cell`; columns say what they fill by `stores="record.<column>"`.

    Args:
        table: Schema and name.
        code_letter: What our codes of its records begin with, after the area.
        same_by: Columns that tell records apart where a row does not carry our code; an area
            known on both sides must agree as well.
        bodies: Column that points at a body to the column with its written name. The record
            belongs to the first one that is in the directory.
        within: Of `bodies`, the one within which `same_by` tells records apart; null: everywhere.
        is_of_place: `place_id` of the table may say of which place a record is; it then is in the
            cell of that place, whatever a file says.
    """

    table: str
    code_letter: str
    same_by: tuple[str, ...]
    bodies: Mapping[str, str]
    within: str | None = None
    is_of_place: bool = False


@dataclass(frozen=True)
class ColumnContract:
    """What a sheet or layer of one kind holds.

    Args:
        name: Contract name, as in the packs.
        columns: Fields it may carry, in the order messages list them.
        key_fields: Groups of fields; a sheet is of this kind only when it has one of each group.
        unique_fields: A value may stand once in a sheet; a second row with it is rejected.
        natural_key: What tells rows apart in a sheet that carries none of the unique fields.
        directory: What rows add to the directory of organizations; null for rows of no body.
        place: How rows become places; null for rows that are none.
        record: How rows become records of a domain's own table; null for rows that are none.
        is_accepted_only: No table takes it yet: rows wait in staging until their domain does.
    """

    name: str
    columns: tuple[Column, ...]
    key_fields: tuple[tuple[str, ...], ...]
    unique_fields: tuple[str, ...] = ()
    natural_key: tuple[str, ...] = ()
    directory: Directory | None = None
    place: PlaceRule | None = None
    record: RecordRule | None = None
    is_accepted_only: bool = False

    def column(self, field_name: str) -> Column:
        """The column of a field; `field.key` finds the keyed column `field`.

        Raises:
            KeyError: The contract has no such field.
        """
        stem, dot, _key = field_name.partition(".")
        for column in self.columns:
            if column.field == stem and column.is_keyed == bool(dot):
                return column
        raise KeyError(field_name)

    def end_of(self, field_name: str) -> str | None:
        """The field that says until when the number in another is in use; null without one."""
        return next((one.field for one in self.columns if one.ends == field_name), None)

    @property
    def fields(self) -> tuple[str, ...]:
        """All field names, in order."""
        return tuple(column.field for column in self.columns)


@dataclass(frozen=True)
class Fact:
    """One line a domain adds to the card of a place."""

    title_key: str
    value: Any
    unit: str | None = None
    term_list: str | None = None  # the vocabulary of the value, when it is a term


@dataclass(frozen=True)
class Holder:
    """One of those who share a holding; the share is null when none is stated."""

    organization_id: int
    name: str
    share: float | None


@dataclass(frozen=True)
class HoldingFact:
    """Who has a place, in which way, since when."""

    kind: str
    holders: tuple[Holder, ...]
    valid_from: date | None
    valid_to: date | None
    decision: str | None
    area_m2: float | None = None  # how much of the place; null: not stated


@dataclass(frozen=True)
class PlaceFacts:
    """What a domain says about one place."""

    facts: tuple[Fact, ...] = ()
    holdings: tuple[HoldingFact, ...] = ()


@dataclass(frozen=True)
class Figure:
    """One number that answers an area question.

    Args:
        name: Its key, unique within the domain.
        title_key: Message key of its title.
        value: Null when nothing is known.
        unit: `m2`, `share`, `people`, `years`; null for plain counts.
        list_name: The list of places or bodies behind it; null when there is none.
        list_column: The column of that list whose sum is the value; null where the list is behind
            it in another way: as the number of its rows, a mean over them, what is lacking.
        footnote: Message key and parameters of a note.
    """

    name: str
    title_key: str
    value: float | int | None
    unit: str | None = None
    list_name: str | None = None
    list_column: str | None = None
    footnote: tuple[str, Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class TableColumn:
    """A column of an answer: `type` is text, term, integer, area, share or date."""

    name: str
    title_key: str
    type: str = "text"
    unit: str | None = None
    term_list: str | None = None
    is_summed: bool = False  # whether a list of it carries its sum


@dataclass(frozen=True)
class FigureTable:
    """A small table that answers an area question; rows in reading order."""

    name: str
    title_key: str
    columns: tuple[TableColumn, ...]
    rows: Sequence[Mapping[str, Any]]
    is_partition: bool = False  # whether its rows are parts of one whole, of which to tell shares


@dataclass(frozen=True)
class AreaAnswer:
    """What a domain answers to an area question."""

    figures: tuple[Figure, ...]
    tables: tuple[FigureTable, ...] = ()


@dataclass(frozen=True)
class AreaList:
    """The list behind a figure: `place_id`, `lon`, `lat` and the columns, in reading order.

    Args:
        rows: Those of the page that was asked for.
        total: Rows of all pages.
        sums: Of the summed columns, over all pages.
    """

    columns: tuple[TableColumn, ...]
    rows: Sequence[Mapping[str, Any]]
    total: int
    sums: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AreaFacts:
    """How a domain answers area questions.

    Args:
        answer: `answer(conn, asked)` over `pg_temp.asked_place` (see `gis.questions`).
        lists: By name, `list(conn, asked, limit, offset)` over the same places.
        sums: What it keeps by squares (`gis.squares`). `answer` then adds, where `asked.is_summed`,
            the sums of `pg_temp.asked_square`. Null: it is always asked place by place.
    """

    answer: Callable[[Connection, Asked], AreaAnswer]
    lists: Mapping[str, Callable[[Connection, Asked, int, int], AreaList]]
    sums: KeptSums | None = None


@dataclass(frozen=True)
class DomainModule:
    """Everything the rest of the product needs to know about a domain.

    Args:
        name: Folder name and database schema.
        title_key: Message key of its name.
        contracts: What its loader takes.
        layers: What it shows on the map, bottom to top.
        place_facts: `facts(conn, place_id, as_of)`: what it adds to the card of a place.
        place_past: `past(conn, place_id)`: what it adds to the history on the card.
        area_facts: How it answers area questions.
        indicators: By what of it maps can colour areas and places.
        paper_tables: `tables(conn, asked)`: what papers show beyond these answers.
        reports: Reports it builds.
        functions_ddl: Functions of the owner's that it needs in the database.
        edit_taken_back: `follow(conn, edit_id)`: what else it undoes as an edit of a place is taken
            back, in that transaction; it may refuse.
    """

    name: str
    title_key: str
    contracts: tuple[ColumnContract, ...] = ()
    layers: tuple[Layer, ...] = ()
    place_facts: Callable[[Connection, int, date], PlaceFacts] | None = None
    place_past: Callable[[Connection, int], Iterable[Step]] | None = None
    area_facts: AreaFacts | None = None
    indicators: tuple[Indicator, ...] = ()
    paper_tables: Callable[[Connection, Asked], Sequence[FigureTable]] | None = None
    reports: tuple[ReportBuilder, ...] = ()
    functions_ddl: Callable[[], str] | None = None
    edit_taken_back: Callable[[Connection, int], None] | None = None
