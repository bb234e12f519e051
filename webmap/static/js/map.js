// @ts-check
/** The map itself: view, tile layers, graticule, scale, coordinates, picking, selection. */
import { tileAddress } from "./api.js";
import { baseLayer } from "./basemap.js";
import { byId, flightMs, toast } from "./dom.js";
import { t } from "./i18n.js";
import { askedFilter, passes, written } from "./filters.js";
import { gaussKrueger } from "./gauss.js";
import { freeSpots } from "./names.js";
import ol, { DEGREES_CRS, MAP_CRS } from "./ol.js";
import { set, state } from "./state.js";
import { bubbleRadius, layerStyle, placeNames, plainColour, questionShape, selectedPoint, selectedShape } from "./styles.js";

const { fromLonLat, toLonLat, transformExtent } = ol.proj;
const TILE_SIZE = 512;
/** At 512 pixels a tile's zoom is one below the view's. */
const VIEW_ABOVE_TILE = 1;

/** @type {any} */
export let map;
/** @typedef {{layer: any, shown: any, selected: any, colour: string, day: () => string | null}} Entry */
/** @type {Map<string, Entry>} */
const tiles = new Map();
/** The same layers as of another day, while two are compared. @type {Map<string, Entry>} */
const beside = new Map();
const everywhere = () => [...tiles.values(), ...beside.values()];
const questionSource = new ol.source.Vector();
const placeSource = new ol.source.Vector();

/** @param {number[]} extent west, south, east, north in degrees */
const toMap = (extent) => transformExtent(extent, DEGREES_CRS, MAP_CRS);

/** The page does not scroll: the first pull and the first turn of the wheel are the map's, whether it has the focus or not. */
export const interactions = () => ol.interaction.defaults.defaults({ onFocusOnly: false });

/** Build the map. @param {any} described answer of /api/layers */
export function createMap(described) {
  const view = new ol.View({ minZoom: 4, maxZoom: 22, enableRotation: false, constrainResolution: false });
  map = new ol.Map({
    target: byId("map"),
    view,
    controls: [],
    interactions: interactions(),
    pixelRatio: Math.min(2, devicePixelRatio),
    layers: [],
  });
  described.groups
    .flatMap((/** @type {any} */ group) => group.layers.map((/** @type {any} */ layer) => ({ ...layer, group: group.name })))
    .forEach((/** @type {any} */ layer, /** @type {number} */ at) => addTiles(layer, at));
  showLayers();
  showBase();
  map.addLayer((lines[0] = graticule()));
  map.addLayer(new ol.layer.Vector({ source: questionSource, style: questionShape, zIndex: 800 }));
  map.addLayer(new ol.layer.Vector({ source: placeSource, style: selectedPoint, zIndex: 950 }));
  map.addControl(new ol.control.ScaleLine({ target: byId("scale"), minWidth: 72 }));
  if (state.view) {
    view.setCenter(fromLonLat(state.view.slice(0, 2)));
    view.setZoom(state.view[2]);
  } else {
    fit(described.extent, 0);
  }
  map.on("moveend", rememberView);
  map.on("rendercomplete", clearNames);
  map.once("rendercomplete", () => byId("map").setAttribute("data-ready", ""));
  showCoordinates();
}

/** @type {any} */
let ground = null;
/** Put the chosen base map under everything. */
export function showBase() {
  if (ground) map.removeLayer(ground);
  ground = baseLayer();
  if (ground) map.addLayer(ground);
  restyle("admin_area");
}

/** Move district names off the counted circles, once everything in view is drawn. */
function clearNames() {
  const districts = tiles.get("admin_area");
  if (!districts?.shown.getVisible()) return;
  const extent = map.getView().calculateExtent(map.getSize());
  const spots = (/** @type {any} */ shown) => shown.getFeaturesInExtent(extent)
    .filter((/** @type {any} */ one) => one.getGeometry().getType() === "Point")
    .map((/** @type {any} */ one) => ({ one, at: map.getPixelFromCoordinate(one.getGeometry().getFlatCoordinates()) }));
  const circles = [...tiles.values()].filter((entry) => entry !== districts && entry.shown.isVisible(map.getView()))
    .flatMap((entry) => spots(entry.shown))
    .filter(({ one }) => one.get("count") > 1)
    .map(({ one, at }) => ({ x: at[0], y: at[1], radius: bubbleRadius(Number(one.get("count"))) }));
  const names = spots(districts.shown).map((/** @type {any} */ spot) => ({ name: String(spot.one.get("name")), x: spot.at[0], y: spot.at[1] }));
  const isHome = (/** @type {string} */ name, /** @type {number} */ x, /** @type {number} */ y) =>
    map.getFeaturesAtPixel([x, y], { layerFilter: (/** @type {any} */ one) => one === districts.shown })
      .some((/** @type {any} */ one) => isPolygon(one) && one.get("name") === name);
  if (placeNames(freeSpots(names, circles, isHome))) restyle("admin_area");
}

function rememberView() {
  const view = map.getView();
  const [lon, lat] = toLonLat(view.getCenter());
  set({ view: [round(lon, 5), round(lat, 5), round(view.getZoom(), 2)] });
}

/** @param {number} value @param {number} digits */
const round = (value, digits) => Number(value.toFixed(digits));

const STACK = { polygon: 100, line: 300, point: 400 };

/** Where each tile of a layer is. @param {any} layer @param {() => string | null} day */
function addressOf(layer, day) {
  return (/** @type {number[]} */ [z, x, y]) =>
    tileAddress(layer, state.floor, askedFilter(layer, z), day()).replace("{z}", String(z)).replace("{x}", String(x)).replace("{y}", String(y));
}

/** The day of the map itself. */
const shownDay = () => state.asOf;

/** @param {any} layer @param {number} at position in the list; lower in the list lies higher on the map */
function addTiles(layer, at) {
  const entry = makeTiles(layer, at, shownDay);
  tiles.set(layer.name, entry);
  map.addLayer(entry.shown);
  map.addLayer(entry.selected);
}

/** Layers of a second map, as of another day; they follow what is chosen until they are dropped. @param {() => string | null} day @returns {any[]} */
export function layersBeside(day) {
  let at = 0;
  for (const { layer } of tiles.values()) beside.set(layer.name, makeTiles(layer, at++, day));
  showLayers();
  return [baseLayer(), ...[...beside.values()].flatMap(({ shown, selected }) => [shown, selected]), (lines[1] = graticule()),
    new ol.layer.Vector({ source: questionSource, style: questionShape, zIndex: 800 })].filter(Boolean);
}

export function dropBeside() {
  beside.clear();
  lines.length = 1;
}

/** Draw the lines of longitude and latitude, or not, as the state says. */
export const showGraticule = () => lines.forEach((one) => one.setVisible(state.graticule));

/** @param {any} layer @param {number} at @param {() => string | null} day */
function makeTiles(layer, at, day) {
  const source = new ol.source.VectorTile({
    format: new ol.format.MVT(),
    tileGrid: ol.tilegrid.createXYZ({ tileSize: TILE_SIZE, minZoom: layer.minzoom, maxZoom: layer.maxzoom }),
    tileUrlFunction: addressOf(layer, day),
    transition: 0,
  });
  let told = false;
  source.on("tileloaderror", () => {
    if (!told) toast(t("tiles_failed", { layer: layer.title }));
    told = true;
  });
  const colour = plainColour(layer, at);
  const zIndex = layer.name === "admin_area" ? 1 : /** @type {any} */ (STACK)[layer.geometry] + at;
  const shown = new ol.layer.VectorTile({
    source,
    zIndex,
    declutter: "labels",
    renderBuffer: 120,
    minZoom: Math.max(0, layer.minzoom + VIEW_ABOVE_TILE - 0.5),
    properties: { name: layer.name },
  });
  const selected = new ol.layer.VectorTile({
    source,
    zIndex: 900,
    renderMode: "vector",
    minZoom: Math.max(0, layer.minzoom + VIEW_ABOVE_TILE - 0.5),
    style: layer.name === "admin_area" ? askedDistrict : selectedPlace,
  });
  return { layer, shown, selected, colour, day };
}

/** @param {any} feature */
const isPolygon = (feature) => feature.getGeometry().getType().includes("Polygon");

/** @param {any} feature */
const selectedPlace = (feature) =>
  state.place !== null && Number(feature.get("place_id")) === state.place && isPolygon(feature) ? selectedShape(state.floor !== null) : undefined;

/** @param {any} feature */
const askedDistrict = (feature) =>
  state.question?.within.admin_area === String(feature.get("code")) && isPolygon(feature) ? questionShape : undefined;

/** The district asked about is outlined from its own tiles. */
export function redrawQuestion() {
  const districts = tiles.get("admin_area");
  if (!districts) return;
  districts.selected.setVisible(isOn(districts.layer) && isMarked(districts.layer));
  districts.selected.changed();
}

/** @param {any} layer */
export const isOn = (layer) => state.layers[layer.name] ?? layer.visible;

/** The theme a layer is coloured by; null is plain. @param {any} layer */
export function themeOf(layer) {
  const chosen = state.themes[layer.name];
  if (chosen === "") return null;
  return layer.themes.find((/** @type {any} */ theme) => theme.name === chosen) ?? layer.themes[0] ?? null;
}

/** The tiles of a layer, for what else draws them. @param {string} name @param {boolean} [isBeside] of the second map */
export const layerTiles = (name, isBeside = false) => (isBeside ? beside : tiles).get(name)?.shown.getSource();

/** @param {string} name */
export const colourOf = (name) => tiles.get(name)?.colour ?? "";

/** Put visibility on the map; rooms show only with a floor chosen. */
export function showLayers() {
  for (const { layer, shown, selected } of everywhere()) {
    const visible = isOn(layer) && (!layer.floor_aware || state.floor !== null);
    shown.setVisible(visible);
    shown.setOpacity(state.opacity[layer.name] ?? 1);
    selected.setVisible(visible && isMarked(layer));
    restyle(layer.name);
  }
}

/** Whether something of a layer may be marked: looking through its features twice costs time. @param {any} layer */
const isMarked = (layer) =>
  layer.name === "admin_area" ? Boolean(state.question?.within.admin_area) : state.place !== null;

/** Whether a layer carries another on it, as a site its buildings: then it is drawn pale. @param {any} layer */
function isGround(layer) {
  const listed = [...tiles.values()].map((entry) => entry.layer);
  return listed.slice(listed.indexOf(layer) + 1).some((above) =>
    above.group === layer.group && above.geometry === "polygon" && !above.lies_beside && above.floor_aware === layer.floor_aware && isOn(above));
}

/** @param {any} layer @param {number} [resolution] */
const isCounted = (layer, resolution = map.getView().getResolution()) =>
  layer.detailzoom === null || map.getView().getZoomForResolution(resolution) <= layer.detailzoom + VIEW_ABOVE_TILE;

/** Whether a heat map stands for what a layer counts at this zoom. @param {any} layer @param {number} [resolution] */
export const isGlowing = (layer, resolution) => state.heat === layer.name && isCounted(layer, resolution);

/** Places and counted circles of a layer in view. @param {any} shown */
const drawnOf = (shown) => (shown.getVisible() && shown.isVisible(map.getView()) ? shown.getFeaturesInExtent(map.getView().calculateExtent(map.getSize())) : []);

/** Whether anything of a layer is in view: places one by one, circles that count several. @param {string} name */
export function whatIsDrawn(name) {
  const counts = drawnOf(tiles.get(name)?.shown).map((/** @type {any} */ one) => (one.get("count") ?? null) !== null);
  return { places: counts.includes(false), circles: counts.includes(true) };
}

/** Layers whose places are drawn one by one at this zoom, whether the map as a whole is shown or not. */
export const drawnOneByOne = () => [...tiles.values()]
  .filter(({ layer, shown }) => shown.getVisible() && map.getView().getZoom() > shown.getMinZoom() && !isCounted(layer)).map(({ layer }) => layer.name);

/** How many shapes and circles are in view. */
export const countDrawn = () => [...tiles.values()].reduce((sum, { shown }) => sum + drawnOf(shown).length, 0);

/** @param {string} name */
export function restyle(name) {
  for (const entry of everywhere()) {
    if (entry.layer.name !== name) continue;
    const theme = themeOf(entry.layer);
    // What is asked of one building is of the first map's day.
    const style = layerStyle(entry.layer, theme?.places && entry !== tiles.get(name) ? null : theme, entry.colour, isGround(entry.layer));
    entry.shown.setStyle((/** @type {any} */ feature, /** @type {number} */ resolution) =>
      passes(name, feature) && (isPolygon(feature) || !isGlowing(entry.layer, resolution)) ? style(feature, resolution) : undefined);
  }
}

/** Ask for tiles again: another floor or another date. */
export function reloadTiles(onlyFloors = false) {
  for (const { layer, shown, day } of everywhere()) {
    if (onlyFloors && !layer.floor_aware) continue;
    shown.getSource().setTileUrlFunction(addressOf(layer, day), `${tileAddress(layer, state.floor, null, day())} ${written(layer.name)}`);
  }
}

/** Redraw the selection, with a ring where the place is too small to see. @param {number[] | null} anchor */
export function showSelection(anchor) {
  placeSource.clear();
  if (anchor) placeSource.addFeature(new ol.Feature(new ol.geom.Point(fromLonLat(anchor))));
  for (const { layer, shown, selected } of everywhere()) {
    selected.setVisible(shown.getVisible() && isMarked(layer));
    selected.changed();
  }
}

/** Draw the question's area; null clears it. @param {any | null} geometry GeoJSON in degrees */
export function showQuestion(geometry) {
  questionSource.clear();
  if (!geometry) return;
  const shape = new ol.format.GeoJSON().readGeometry(geometry, { featureProjection: MAP_CRS });
  questionSource.addFeature(new ol.Feature(shape));
}

/** @param {number[] | null | undefined} extent degrees */
export function fit(extent, duration = flightMs, maxZoom = 18.6) {
  if (!extent || extent.some((one) => !Number.isFinite(one))) return;
  map.getView().fit(toMap(extent), { padding: [64, 56, 44, 56], maxZoom, duration });
}

/** @param {any} place anything with extent or lon and lat */
export function flyTo(place, duration = flightMs) {
  if (place.extent) fit(place.extent, duration);
  else if (place.anchor || Number.isFinite(place.lon)) {
    const [lon, lat] = place.anchor ?? [place.lon, place.lat];
    fit([lon, lat, lon, lat], duration, 17.5);
  }
}

/** Extent in view, degrees. */
export const viewExtent = () => transformExtent(map.getView().calculateExtent(map.getSize()), MAP_CRS, DEGREES_CRS);

/** Whether all of it shows, and not as a speck. @param {number[] | null | undefined} extent degrees */
export function isInView(extent) {
  if (!extent) return true;
  const [west, south, east, north] = viewExtent();
  return extent[0] >= west && extent[1] >= south && extent[2] <= east && extent[3] <= north && (east - west) < 40 * (extent[2] - extent[0] || 0.0001);
}

export const centre = () => toLonLat(map.getView().getCenter());

/**
 * The place under a pixel: small things before large ones, districts last.
 * @param {number[]} pixel
 * @returns {{feature: any, layer: any} | null}
 */
export function pick(pixel) {
  /** @type {{feature: any, layer: any} | null} */
  let found = null;
  map.forEachFeatureAtPixel(
    pixel,
    (/** @type {any} */ feature, /** @type {any} */ shown) => {
      const entry = tiles.get(shown.get("name"));
      if (!entry) return false;
      found = { feature, layer: entry.layer };
      return true;
    },
    { hitTolerance: 3, layerFilter: (/** @type {any} */ one) => tiles.has(one.get("name")) },
  );
  return found;
}

/** Lines of longitude and latitude: those of the map, and of one beside it. @type {any[]} */
const lines = [];

function graticule() {
  const degrees = (/** @type {number} */ value, /** @type {string} */ side) =>
    `${Number(Math.abs(value).toFixed(4))}°${side}`;
  const text = () =>
    new ol.style.Text({
      font: "11px system-ui, sans-serif",
      fill: new ol.style.Fill({ color: "#5d6f85" }),
      stroke: new ol.style.Stroke({ color: "rgba(255,255,255,.85)", width: 3 }),
    });
  const lon = text();
  lon.setTextBaseline("bottom");
  const lat = text();
  lat.setTextAlign("start");
  return new ol.layer.Graticule({
    zIndex: 50,
    visible: state.graticule,
    targetSize: 160,
    intervals: [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005],
    showLabels: true,
    wrapX: false,
    strokeStyle: new ol.style.Stroke({ color: "rgba(70,96,128,.16)", width: 1 }),
    lonLabelFormatter: (/** @type {number} */ value) => degrees(value, value < 0 ? "W" : "E"),
    latLabelFormatter: (/** @type {number} */ value) => degrees(value, value < 0 ? "S" : "N"),
    lonLabelStyle: lon,
    latLabelStyle: lat,
    lonLabelPosition: 0.075,
    latLabelPosition: 0.008,
  });
}

function showCoordinates() {
  const box = byId("coordinates");
  const tell = (/** @type {number[]} */ [lon, lat]) => {
    const plane = gaussKrueger(lon, lat);
    box.textContent = t("coordinates", { lon: lon.toFixed(6), lat: lat.toFixed(6) }) +
      (plane ? t("coordinates.plane", { meridian: plane.meridian, x: plane.x.toFixed(2), y: plane.y.toFixed(2) }) : "");
  };
  map.on("pointermove", (/** @type {any} */ event) => {
    tell(toLonLat(event.coordinate));
  });
  // Whoever moves the map by keyboard reads of its middle.
  map.on("moveend", () => { if (document.activeElement === byId("map")) tell(centre()); });
}
