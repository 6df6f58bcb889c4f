import * as pulumi from "@pulumi/pulumi";
import { refusal } from "./refusal";
import { type ResolvedSettings, InvalidSettings, resolveSettings } from "./settings";

/**
 * The settings of this stack, from its configuration (`Pulumi.<stack>.yaml`, `pulumi config set`).
 * @throws pulumi.RunError naming every problem, before anything is changed
 */
export function loadSettings(): ResolvedSettings {
    const prefix = `${pulumi.getProject()}:`;
    const settings = Object.fromEntries(
        Object.entries(pulumi.runtime.allConfig())
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, text]) => [key.slice(prefix.length), value(text)]),
    );
    try {
        return resolveSettings(settings);
    } catch (error) {
        if (error instanceof InvalidSettings) throw refusal(error.message);
        throw error;
    }
}

/** Pulumi hands over structured values as JSON, and strings as they are. */
function value(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
