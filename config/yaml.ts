import { stringify } from "yaml";

/** YAML as the daemons read it: long lines stay whole, and nothing is abbreviated by anchors. */
export function toYaml(value: unknown): string {
    return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
