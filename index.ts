import { RecursiveDns } from "./components";
import { loadSecrets, loadSettings } from "./config/load";
import { preflight } from "./config/preflight";

/** The stack: one site, as the stack's configuration says. What it returns are the stack's outputs. */
export = async () => {
    const settings = loadSettings();
    await preflight(settings);
    const site = new RecursiveDns("dns", { settings, ...loadSecrets() });
    const { endpoints, dashboard, webPassword, apiKey } = site;
    return { endpoints, dashboard, webPassword, apiKey };
};
