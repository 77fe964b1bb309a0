// A process that uses the embedded database until it is told to stop, or killed.
// Words: the compiled launcher, the folder.
const [launcher, directory] = process.argv.slice(2);
const { startEmbeddedDatabase } = await import(launcher);

try {
  const database = await startEmbeddedDatabase({ directory, settings: { fsync: 'off' } });
  process.once('message', () => {
    void database.stop().then(() => process.exit(0));
  });
  process.send({ url: database.url, reused: database.reused });
} catch (error) {
  process.send({ failure: error.message });
  process.disconnect();
}
