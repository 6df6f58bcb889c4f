/** The input that makes a random value anew when the text is another. */
export const rotated = (rotation: string | undefined) =>
    rotation === undefined ? {} : { keepers: { rotation } };
