import ipaddr from "ipaddr.js";
import { z } from "zod";

/** The kinds of value that several settings share. Each message is a rule: it follows the setting's path. */

/** Settings below one key; a key that is not known is an error. */
export const group = <T extends z.ZodRawShape>(shape: T) =>
    z.strictObject(shape, "must be a group of settings");

const bounds = (least: number, most: number) => `must be from ${least} to ${most}`;

export const count = (least: number, most: number) =>
    z
        .int(`must be a whole number from ${least} to ${most}`)
        .min(least, bounds(least, most))
        .max(most, bounds(least, most));

/** A port that is steered to dnsdist, whose generations find their own ports from 20000 on. */
export const steeredPort = count(1, 65535).refine(
    (port) => port < 20000 || port > 31999,
    "must not be from 20000 to 31999, where dnsdist's own ports are",
);

export const ipAddress = z
    .string("must be an IP address")
    .refine(
        (text) => ipaddr.isValid(text) && !text.includes("/"),
        "must be an IP address, such as 192.0.2.53 or 2001:db8::53",
    );

export const subnet = z
    .string("must be a subnet")
    .refine(
        (text) => ipaddr.isValidCIDR(text),
        "must be a subnet in CIDR notation, such as 10.0.0.0/8 or fc00::/7",
    );

/** A name in presentation form, without escapes: letters, digits, hyphens and underscores in labels of up to 63. */
export const domainName = z
    .string("must be a domain name")
    .max(254, "must be a domain name of at most 253 characters")
    .regex(
        /^(\.|([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?)$/i,
        "must be a domain name",
    );

/** A domain that a list has, with all names below it. */
export const listedDomain = domainName.refine(
    (name) => name !== ".",
    "must not be the root: that is every name",
);

/** What people call something: it stands in metrics, rules and file names. */
export const word = z
    .string("must be a name")
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "must be a name of lower-case letters, digits, _ and -");

/** A file on the machine that runs Pulumi. */
export const filePath = z.string("must be a path").min(1, "must be a path; leave it out instead");

/** What a secret was made for: another text makes another secret. */
export const rotation = z.string("must be a text").min(1, "must not be empty; leave it out instead");

/** A list in which nothing stands twice; `key` says what counts as the same. */
export function distinct<T extends z.ZodType>(element: T, key: (value: z.output<T>) => string = String) {
    return z.array(element).superRefine((values, context) => {
        const seen = new Set<string>();
        values.forEach((value, index) => {
            if (seen.has(key(value))) {
                context.addIssue({
                    code: "custom",
                    path: [index],
                    message: "must not stand in the list twice",
                    input: value,
                });
            }
            seen.add(key(value));
        });
    });
}

/** For `superRefine`: of these keys at least one must be there. The first is what the message is about. */
export function oneOf(keys: readonly [string, ...string[]], message: string) {
    return (value: Readonly<Record<string, unknown>>, context: z.RefinementCtx) => {
        if (keys.every((key) => value[key] === undefined))
            context.addIssue({ code: "custom", path: [keys[0]], message, input: undefined });
    };
}

/** One spelling for every spelling of a domain name: `Example.com` and `example.com.` are the same. */
export const normalName = (name: string) => name.toLowerCase().replace(/\.?$/, ".");

/** One spelling for every spelling of an address: `::1` and `0:0:0:0:0:0:0:1` are the same. */
export function normalAddress(text: string): string {
    return ipaddr.isValid(text) ? ipaddr.parse(text).toString() : text;
}
