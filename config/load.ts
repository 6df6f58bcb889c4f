import * as pulumi from "@pulumi/pulumi";
import { type ResolvedSettings, resolveSettings } from "./settings";

/** What is no setting, but a secret: it never gets among what may be shown. */
const secrets = ["cachePassword", "cacheKey", "tlsKey"];

/** The secrets of this stack: `pulumi config set --secret cachePassword`, and the like. */
export function loadSecrets() {
    const config = new pulumi.Config();
    return {
        cachePassword: config.getSecret("cachePassword"),
        cacheKey: config.getSecret("cacheKey"),
        tlsKey: config.getSecret("tlsKey"),
    };
}

/**
 * The settings of this stack, from its configuration (`Pulumi.<stack>.yaml`, `pulumi config set`).
 * @throws InvalidSettings naming every problem, before anything is changed
 */
export function loadSettings(): ResolvedSettings {
    const prefix = `${pulumi.getProject()}:`;
    const settings = Object.fromEntries(
        Object.entries(pulumi.runtime.allConfig())
            .filter(([key]) => key.startsWith(prefix) && !secrets.includes(key.slice(prefix.length)))
            .map(([key, text]) => [key.slice(prefix.length), value(text)]),
    );
    return resolveSettings(settings);
}

/** Pulumi hands over structured values as JSON, and strings as they are. */
function value(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
