import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { PROJECT_ROOT } from '../environment.js';

const PAGE = path.join(PROJECT_ROOT, 'web', 'index.html');

/** The page at `/`: one file, read at start. Only the very script and style that it holds may run. */
@ApiExcludeController()
@Controller()
export class FirstPageController {
  private readonly html = readFileSync(PAGE, 'utf8');
  private readonly policy =
    `default-src 'none'; connect-src 'self'; img-src data:; script-src ${hashes(this.html, 'script')}; ` +
    `style-src ${hashes(this.html, 'style')}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-cache')
  page(@Res({ passthrough: true }) response: Response): string {
    response.setHeader('Content-Security-Policy', this.policy);
    return this.html;
  }
}

function hashes(html: string, tag: 'script' | 'style'): string {
  const blocks = html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'));
  return [...blocks]
    .map(([, text]) => `'sha256-${createHash('sha256').update(text!).digest('base64')}'`)
    .join(' ');
}
