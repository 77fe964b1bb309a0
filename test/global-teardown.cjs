module.exports = async () => {
  const code = await globalThis.stopTestServers();
  if (code !== 0) throw new Error(`The servers for the tests did not stop cleanly (exit code ${code}).`);
};
