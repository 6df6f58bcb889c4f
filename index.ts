import { RecursiveDns } from "./components";
import { loadSettings } from "./config/load";

const settings = loadSettings();
const site = new RecursiveDns("dns", { settings });

export const endpoints = site.endpoints;
