import * as path from "node:path";
import { ensureImage } from "../lab/docker";

/** The name of the image that load is sent from: dnsperf, and kdig beside it. */
export const loadImage = () => ensureImage("load", path.join(__dirname, "image"));
