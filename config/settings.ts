import { z } from "zod";
import { type DnsdistSettings, dnsdistSchema } from "./dnsdist";
import { type ImageSettings, imagesSchema } from "./images";
import { type RedisSettings, redisSchema } from "./redis";
import { type ResolverSettings, resolversSchema } from "./resolvers";
import { type ServiceAddressSettings, serviceAddressSchema } from "./service-address";

/** Everything that a person may set of a site. What is left out has the default that its documentation names. */
export interface Settings {
    readonly serviceAddress?: ServiceAddressSettings;
    readonly dnsdist?: DnsdistSettings;
    readonly resolvers?: ResolverSettings;
    readonly redis?: RedisSettings;
    readonly images?: ImageSettings;
}

const schema = z.strictObject({
    serviceAddress: serviceAddressSchema.prefault({}),
    dnsdist: dnsdistSchema.prefault({}),
    resolvers: resolversSchema.prefault({}),
    redis: redisSchema.prefault({}),
    images: imagesSchema.prefault({}),
});

/** The settings with every default filled in. */
export type ResolvedSettings = z.output<typeof schema>;

/** What is wrong with a configuration: every problem at once, each with its path, the rule and the value. */
export class InvalidSettings extends Error {
    constructor(readonly problems: readonly string[]) {
        super(
            `the configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}; nothing was changed:\n` +
                problems.map((problem) => `  ${problem}`).join("\n"),
        );
    }
}

/**
 * Checks settings and fills in the defaults.
 * @throws InvalidSettings naming all problems
 */
export function resolveSettings(settings: unknown): ResolvedSettings {
    const result = schema.safeParse(settings);
    if (result.success) return result.data;
    throw new InvalidSettings(result.error.issues.flatMap((issue) => describe(issue, settings)));
}

function describe(issue: z.core.$ZodIssue, settings: unknown): string[] {
    if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => `${dotted([...issue.path, key])}: there is no such setting`);
    }
    // The key of a record has no value of its own: the rule is about the key.
    const rule = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
    return [`${dotted(issue.path)}: ${rule.replace(/^Invalid input: /, "")}, but is ${shown(valueAt(settings, issue))}`];
}

function dotted(path: readonly PropertyKey[]): string {
    return path.reduce<string>(
        (text, part) => (typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
        "",
    );
}

function valueAt(settings: unknown, issue: z.core.$ZodIssue): unknown {
    if (issue.code === "invalid_key") return issue.path.at(-1);
    const at = issue.path.reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown> | undefined)?.[part], settings);
    return at === undefined ? issue.input : at;
}

function shown(value: unknown): string {
    const text = JSON.stringify(value) ?? "not there";
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
