import type { Request } from 'express';

interface Layer {
  route?: { methods: Record<string, boolean> };
  match(path: string): boolean;
}

/** The methods that the request's address is there for; none where nothing is at the address. */
export function allowedMethods(request: Request): string[] {
  const { stack } = (request.app as unknown as { router: { stack: Layer[] } }).router;
  const methods = stack.flatMap((layer) =>
    layer.route !== undefined && layer.match(request.path) ? Object.keys(layer.route.methods) : [],
  );
  const names = new Set(methods.map((method) => method.toUpperCase()));
  if (names.has('GET')) names.add('HEAD');
  return [...names].toSorted();
}
