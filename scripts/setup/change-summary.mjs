// What a preview means to those who run the service, in plain words and in Markdown.

/** @typedef {"create" | "update" | "replace" | "delete"} Operation */
/** @typedef {{ op: string, urn: string, diffReasons?: readonly string[] }} Step */
/** @typedef {{ steps?: Step[], changeSummary?: Partial<Record<string, number>> }} Preview as `pulumi preview --json` prints it */
/** @typedef {{ component: string, type: string, name: string, reasons?: readonly string[] }} Resource */

/** @type {Readonly<Record<Operation, string>>} */
const DONE = { create: "added", update: "changed in place", replace: "replaced", delete: "removed" };

/**
 * What people notice or worry about. `note` says how it goes, where that is not plain; `done` what is done, where that is
 * something else than to the container.
 *
 * @type {readonly { is: (resource: Resource) => boolean, what: string, done?: string, note?: Partial<Record<Operation, string>> }[]}
 */
const PARTS = [
    {
        is: container("ResolverService", /-\d+$/),
        what: "resolvers",
        note: {
            replace: "the new ones answer before the old ones go",
            delete: "each after its last outstanding answer",
        },
    },
    {
        // Another image of what carries the files is no change of what they say.
        is: (resource) =>
            container("Rollout", /-gate-files$/)(resource) && (resource.reasons?.includes("uploads") ?? true),
        what: "dnsdist's rules or certificate",
        done: "changed in place",
        note: { replace: "no container that answers is replaced for them" },
    },
    {
        is: container("Dnsdist", /-frontend$/),
        what: "dnsdist",
        note: { replace: "a new generation takes over, and the old one lets its clients go" },
    },
    {
        is: container("RedisCache", /-server$/),
        what: "Redis",
        note: { replace: "in place; the resolvers answer from their own caches meanwhile" },
    },
    {
        is: ({ component, type }) => component === "RedisCache" && type === "Volume",
        what: "Redis' data",
        note: {
            replace: "the shared cache starts empty, and the resolvers fill it again",
            delete: "what the shared cache held is lost, but for what the resolvers have in theirs",
        },
    },
    {
        is: container("ServiceAddress", /-steer$/),
        what: "service address",
        note: { replace: "its container only: the host goes on steering without it" },
    },
    {
        is: container("Rollout", /-gate$/),
        what: "rollout",
        note: { replace: "it runs again: nothing old goes before the new serves" },
    },
];

/**
 * @param {string} component
 * @param {RegExp} pattern of its name: a component has containers beside those that serve
 * @returns {(resource: Resource) => boolean}
 */
function container(component, pattern) {
    return (resource) =>
        resource.component === component && resource.type === "Container" && pattern.test(resource.name);
}

/**
 * One sentence for each part of the service that would change, and one for all that stands behind them.
 *
 * @param {Preview} preview
 * @returns {string[]}
 */
export function plainWords({ steps = [] }) {
    const changes = steps.flatMap(({ op, urn, diffReasons }) =>
        isOperation(op) ? [{ op, ...resource(urn), reasons: diffReasons }] : [],
    );
    const operations = /** @type {Operation[]} */ (Object.keys(DONE));
    const sentences = PARTS.flatMap(({ is, what, done, note }) =>
        operations.flatMap((op) => {
            const names = changes.filter((change) => change.op === op && is(change)).map(({ name }) => name);
            if (names.length === 0) return [];
            const how = note?.[op] ? `: ${note[op]}` : "";
            if (done && op !== "replace") return []; // they come and go with the site
            return [`**${what}** ${done ?? DONE[op]} (${names.length}: ${names.join(", ")})${how}`];
        }),
    );
    const others = operations.flatMap((op) => {
        const names = changes
            .filter((change) => change.op === op && change.component && !PARTS.some(({ is }) => is(change)))
            .map(({ name }) => name);
        return names.length > 0 ? [`${DONE[op]}: ${names.join(", ")}`] : [];
    });
    return others.length > 0 ? [...sentences, `behind the scenes ${others.join("; ")}`] : sentences;
}

/**
 * @param {string} op
 * @returns {op is Operation}
 */
function isOperation(op) {
    return Object.hasOwn(DONE, op);
}

/**
 * Reads `urn:pulumi:STACK::PROJECT::PARENT-TYPE$TYPE::NAME`, of the types the last word alone. Only what a component
 * makes on the host has one: not the stack, nor a component itself.
 *
 * @param {string} urn
 * @returns {Resource}
 */
function resource(urn) {
    const [, , types = "", ...name] = urn.split("::");
    const [own = "", parent = ""] = types.split("$").reverse();
    const lastWord = (/** @type {string} */ text) => text.split(":").pop() ?? "";
    const component = own.startsWith("recursive-dns:") ? "" : lastWord(parent);
    return { component, type: lastWord(own), name: name.join("::") };
}

/** What forges take as a comment is limited, to 65,536 characters where it is least. */
const LONGEST = 50_000;

/**
 * @param {string} from what is running: a commit, or nothing
 * @param {Preview} preview
 * @param {string} diff as Pulumi prints it
 */
export function changeSummary(from, preview, diff) {
    const {
        create = 0,
        update = 0,
        replace = 0,
        delete: removed = 0,
        same = 0,
    } = preview.changeSummary ?? {};
    const words = plainWords(preview);
    return [
        title(from),
        "| create | update | replace | delete | unchanged |",
        "| ---: | ---: | ---: | ---: | ---: |",
        `| ${[create, update, replace, removed, same].join(" | ")} |`,
        "",
        ...(words.length > 0 ? words.map((sentence) => `- ${sentence}`) : ["Nothing changes."]),
        "",
        details("The whole diff", diff),
    ].join("\n");
}

/**
 * @param {string} from
 * @param {string} output what Pulumi said before it gave up
 */
export function failureSummary(from, output) {
    return [
        title(from),
        "**The preview failed**, and so would deploying this change.",
        "",
        details("Why", output),
    ].join("\n");
}

/** @param {string} from */
function title(from) {
    return `## What this change does to a running service\n\nCompared with ${from}:\n`;
}

/**
 * @param {string} heading
 * @param {string} text
 */
function details(heading, text) {
    const cut =
        text.length > LONGEST ? `${text.slice(0, LONGEST)}\n... (cut here; the log has all of it)` : text;
    // Longer than any in the text, so that nothing in it ends the block.
    const fence = "`".repeat(Math.max(3, ...(cut.match(/`+/g) ?? []).map((run) => run.length + 1)));
    return `<details><summary>${heading}</summary>\n\n${fence}diff\n${cut.trimEnd()}\n${fence}\n\n</details>\n`;
}
