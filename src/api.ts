import type { IncomingMessage, Server } from 'node:http';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { Request } from 'express';
import helmet from 'helmet';
import { ApiModule } from './api.module.js';
import { describeUploads } from './ingestion/index.js';
import type { Environment } from './platform/environment.js';
import { JSON_LIMIT, LAYOUT_LIMIT, takesLayout, tellBodyProblem } from './platform/http/body-problems.js';
import { describeRefusals } from './platform/http/describe-refusals.js';
import { jsonOnly, plainBodyOnly, readsJson } from './platform/http/json-only.js';
import { useRawBodies } from './platform/http/raw-bodies.js';
import { sameOriginOnly } from './platform/http/same-origin.js';

/** Node's own five minutes are too short for a large file on a slow line. */
const LONGEST_REQUEST_MS = 12 * 3_600_000;

/** The build writes it from the DTOs' comments. A plain string: before the first build there is nothing to compile. */
const GENERATED_METADATA: string = './metadata.js';
type PluginMetadata = Parameters<typeof SwaggerModule.loadPluginMetadata>[0];

/** Makes the HTTP application, ready to listen. A test's application comes from here too. */
export async function createApi(
  environment: Environment,
  databaseUrl: string,
  logger: LoggerService | false,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    ApiModule.forRoot({ environment, databaseUrl }),
    {
      logger,
      abortOnError: false,
      bodyParser: false,
    },
  );
  // The bytes of an upload may take hours to arrive; one that falls silent is ended where it is read.
  (app.getHttpServer() as Server).requestTimeout = LONGEST_REQUEST_MS;
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(helmet({ contentSecurityPolicy: false, strictTransportSecurity: false }));
  app.use(sameOriginOnly);
  app.use(jsonOnly);
  useRawBodies(app);
  const readsLayout = (message: IncomingMessage): boolean =>
    readsJson(message) && takesLayout(message as Request);
  app.useBodyParser('json', { limit: LAYOUT_LIMIT, strict: false, type: readsLayout });
  app.useBodyParser('json', { limit: JSON_LIMIT, strict: false, type: readsJson });
  app.use(tellBodyProblem);
  app.use(plainBodyOnly);
  await describe(app);
  return app;
}

/** Swagger UI at /swagger and /docs, the document at /swagger-json. */
async function describe(app: NestExpressApplication): Promise<void> {
  const { default: metadata } = (await import(GENERATED_METADATA)) as { default: PluginMetadata };
  await SwaggerModule.loadPluginMetadata(metadata);
  const document = SwaggerModule.createDocument(
    app,
    new DocumentBuilder()
      .setOpenAPIVersion('3.1.0')
      .setTitle('Storewatch')
      .setDescription('How long every store was really open for business while it should have been.')
      .setVersion('1')
      .build(),
  );
  describeUploads(document);
  describeRefusals(document);
  const options = {
    jsonDocumentUrl: 'swagger-json',
    customSiteTitle: 'Storewatch API',
    swaggerOptions: { tryItOutEnabled: true },
  };
  SwaggerModule.setup('swagger', app, document, options);
  SwaggerModule.setup('docs', app, document, { ...options, jsonDocumentUrl: 'docs-json' });
}
