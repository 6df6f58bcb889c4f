import type { z } from "zod";
import { Refusal } from "./refusal";

/** What is wrong with a configuration: every problem at once, each with its path, the rule and the value. */
export class InvalidSettings extends Refusal {
    constructor(readonly problems: readonly string[]) {
        const many = problems.length === 1 ? "a problem" : `${problems.length} problems`;
        super(
            `the configuration has ${many}; nothing was changed:\n${problems.map((line) => `  ${line}`).join("\n")}`,
        );
    }
}

/**
 * Checks settings and fills in the defaults.
 *
 * @param path where these settings stand in the configuration, for the messages
 * @throws InvalidSettings naming all problems
 */
export function resolve<T extends z.ZodType>(
    schema: T,
    settings: unknown = {},
    ...path: string[]
): z.output<T> {
    const result = schema.safeParse(settings, { reportInput: true });
    if (result.success) return result.data;
    throw new InvalidSettings(
        result.error.issues.flatMap((issue) => describe({ ...issue, path: [...path, ...issue.path] })),
    );
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

/** A value as messages show it. */
export function shown(value: unknown): string {
    const text = JSON.stringify(value) ?? "not there";
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
