// Reads apt's lists of sources, in both of their formats.

/** @typedef {{ uri: string, suites: string[], components: string[] }} Source */

/**
 * @param {string} text of a `.sources` file (deb822)
 * @returns {Source[]}
 */
export function parseDeb822(text) {
    return text.split(/\n\s*\n/).flatMap((stanza) => {
        const lines = stanza.split("\n").filter((line) => !line.startsWith("#"));
        const fields = new Map(
            lines
                .join("\n")
                .replace(/\n[ \t]+/g, " ") // a field goes on in indented lines
                .split("\n")
                .map((line) => /** @type {const} */ ([line.split(":")[0]?.toLowerCase() ?? "", words(line)])),
        );
        const field = (/** @type {string} */ name) => fields.get(name) ?? [];
        if (!field("types").includes("deb") || field("enabled")[0] === "no") return [];
        return field("uris").map((uri) => ({
            uri,
            suites: field("suites"),
            components: field("components"),
        }));
    });
}

/** @param {string} line of the form `Name: values...` */
function words(line) {
    return line
        .slice(line.indexOf(":") + 1)
        .split(/\s+/)
        .filter(Boolean);
}

/**
 * @param {string} text of a `.list` file (a line each)
 * @returns {Source[]}
 */
export function parseList(text) {
    return text.split("\n").flatMap((line) => {
        const [, uri, suite, components] =
            /^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)([^#]*)/.exec(line) ?? [];
        if (!uri || !suite) return [];
        return [{ uri, suites: [suite], components: (components ?? "").split(/\s+/).filter(Boolean) }];
    });
}

/**
 * The Debian mirror among the sources: the one that has the host's own release.
 *
 * @param {readonly Source[]} sources
 * @param {string} release the host's code name
 */
export function debianMirror(sources, release) {
    return sources.find(({ suites, components }) => suites.includes(release) && components.includes("main"))
        ?.uri;
}
