import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Posts JSON over some connections, so many requests a second whatever the answers do, or as many as are answered.
 *
 * @param requestsASecond 0: no pause
 * @param bodyOf makes the body of a request from its number
 * @returns {Promise<{answers: number[], accepted: number, refused: number, rate: number}>} for each request the time
 *   from when it was due to its answer, in ms; what was accepted, and how much of it a second; requests answered 429
 * @throws when one is answered otherwise
 */
export async function sendForAWhile(url, { connections, requestsASecond, seconds, bodyOf }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const answers = [];
  let accepted = 0;
  let refused = 0;
  let requests = 0;
  const everyMs = requestsASecond === 0 ? 0 : 1_000 / requestsASecond;
  const started = performance.now();
  const end = started + seconds * 1_000;
  const connection = async () => {
    for (;;) {
      const number = requests++;
      const due = started + number * everyMs;
      if (due >= end || performance.now() >= end) return;
      if (due > performance.now()) await delay(due - performance.now());
      // From when it was due: a request that could not be sent in time has waited as well.
      const begun = requestsASecond === 0 ? performance.now() : due;
      const { status, body } = await post(agent, url, bodyOf(number));
      answers.push(performance.now() - begun);
      if (status === 202) accepted += JSON.parse(body).accepted;
      else if (status === 429) {
        refused += 1;
        await delay(100);
      } else throw new Error(`POST ${url} was answered ${status}: ${body}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  const took = (performance.now() - started) / 1e3;
  agent.destroy();
  return { answers, accepted, refused, rate: accepted / took };
}

function post(agent, url, body) {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      agent,
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Length': body.length },
    });
    sent.once('error', reject);
    sent.once('response', (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode, body: String(Buffer.concat(pieces)) }),
      );
    });
    sent.end(body);
  });
}
