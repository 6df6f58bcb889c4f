import { z } from "zod";
import { group } from "./fields";
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

const schema = group({
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
    const result = schema.safeParse(settings, { reportInput: true });
    if (result.success) return result.data;
    throw new InvalidSettings(result.error.issues.flatMap((issue) => describe(issue)));
}

function describe(issue: z.core.$ZodIssue): string[] {
    if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => `${dotted([...issue.path, key])}: there is no such setting`);
    }
    // The key of a record has no value of its own: the rule is about the key.
    const badKey = issue.code === "invalid_key";
    const rule = badKey ? issue.issues[0]?.message : issue.message;
    return [`${dotted(issue.path)}: ${rule}, but is ${shown(badKey ? issue.path.at(-1) : issue.input)}`];
}

function dotted(path: readonly PropertyKey[]): string {
    return path.reduce<string>(
        (text, part) =>
            typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part),
        "",
    );
}

function shown(value: unknown): string {
    const text = JSON.stringify(value) ?? "not there";
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
