// Imported first by every entry point. Local time is the engine's business alone: with the host's zone in force,
// a library that asks for "local" would give another answer on another machine.
process.env.TZ = 'UTC';
