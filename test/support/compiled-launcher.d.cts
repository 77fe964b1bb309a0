/** Compiles the launcher of the embedded database for plain Node, and gives the path of its index.js. */
export function compileLauncher(): string;
