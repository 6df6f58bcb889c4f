import * as pulumi from "@pulumi/pulumi";
import { type ResolvedSettings, resolveSettings } from "./settings";

/**
 * The settings of this stack, from its configuration (`Pulumi.<stack>.yaml`, `pulumi config set`).
 * @throws InvalidSettings naming every problem, before anything is changed
 */
export function loadSettings(): ResolvedSettings {
    const prefix = `${pulumi.getProject()}:`;
    const settings = Object.fromEntries(
        Object.entries(pulumi.runtime.allConfig())
            .filter(([key]) => key.startsWith(prefix))
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
