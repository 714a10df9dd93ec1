/** GET /docs: the OpenAPI document and a page to read and try it, without any other server. */
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Header, Param, StreamableFile } from '@nestjs/common';
import { SegueError } from '../../errors.js';
import { openApiDocument, type OpenApiDocument } from '../openapi/document.js';

const ASSETS_DIR = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Asset to its content type. */
const ASSETS: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
]);

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Segue API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script>
      SwaggerUIBundle({ url: '/docs/openapi.json', dom_id: '#ui', deepLinking: true, validatorUrl: null });
    </script>
  </body>
</html>
`;

@Controller('docs')
export class DocsController {
  private readonly document = openApiDocument();

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return PAGE;
  }

  @Get('openapi.json')
  openApi(): OpenApiDocument {
    return this.document;
  }

  @Get(':asset')
  asset(@Param('asset') asset: string): StreamableFile {
    const type = ASSETS.get(asset);
    if (type === undefined) throw new SegueError('SEGUE_NOT_FOUND', `GET /docs/${asset.slice(0, 100)}: no such page`);
    return new StreamableFile(createReadStream(join(ASSETS_DIR, asset)), { type });
  }
}
