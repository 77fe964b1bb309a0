import { connect, createServer, type Socket } from 'node:net';

/** A way to a server on which everything takes its time, so that short work lasts long enough to be disturbed. */
export interface SlowLink {
  /** The server's address, by way of the link. */
  url: string;
  /** The ports from which the link has connections to the server now. */
  ports(): number[];
  /** Ends every connection and refuses new ones, as a server does that is down. */
  cut(): Promise<void>;
  /** Takes connections again, at the same address. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** @param delayMs how long everything is under way, in each direction. */
export async function openSlowLink(serverUrl: string, delayMs: number): Promise<SlowLink> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const outers = new Set<Socket>();
  const door = createServer((inner) => {
    const outer = connect(Number(target.port || 5432), target.hostname);
    outers.add(outer);
    outer.once('close', () => outers.delete(outer));
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      // An end that breaks off closes the other; what came of it is what the tests look at.
      socket.on('error', () => socket.destroy());
    }
    carry(inner, outer, delayMs);
    carry(outer, inner, delayMs);
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => {
      door.listen(port, '127.0.0.1', resolve);
    });
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => door.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen(0);
  const { port } = door.address() as { port: number };
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    ports: () => [...outers].flatMap((socket) => socket.localPort ?? []),
    cut: close,
    mend: () => listen(port),
    close,
  };
}

/** Timers of the same length end in the order in which they were set, so nothing overtakes. */
function carry(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (bytes) => {
    setTimeout(() => {
      if (!to.destroyed) to.write(bytes);
    }, delayMs);
  });
  from.once('close', () => setTimeout(() => to.destroy(), delayMs));
}
