// @ts-check
/** The list of requests, which follows what others do. */
import { followList } from "./fresh.js";

followList("requests-list");
