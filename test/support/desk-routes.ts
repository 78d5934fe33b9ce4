/** The routes of the API, as they run and as docs/api.md has them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Role, roles } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { readAssembly } from '@nightdesk/local/assembly/read-assembly.ts';
import { synthesizeApp } from '@nightdesk/local/supervisor/app-assembly.ts';

/** Weakest role that may call a route; `none` is everybody, `sender` whoever proves to be a source of signals. */
export type NeededRole = Role | 'none' | 'sender';

/** `METHOD /path/{parameter}` of every route in the templates that a desk of this checkout runs. */
export async function deployedRoutes(): Promise<string[]> {
  const { graph } = readAssembly(await synthesizeApp(() => undefined));
  const routes = graph.resources.filter(({ type }) => type === 'AWS::ApiGatewayV2::Route');
  return routes.map(({ properties }) => String(properties.RouteKey));
}

/** What docs/api.md says each route needs: its tables of calls, of which those with a role name one. */
export function documentedRoutes(): Map<string, NeededRole> {
  const rows = readFileSync(join(paths.root, 'docs/api.md'), 'utf8').split('\n');
  const needed = new Map<string, NeededRole>();
  for (const row of rows.filter((line) => line.startsWith('| `'))) {
    const [, calls = '', role = ''] = row.split('|').map((cell) => cell.trim());
    for (const [, call = ''] of calls.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^`?]*)`/g)) {
      const isNamed = role === 'none' || roles.some((known) => known === role);
      if (isNamed) needed.set(call, role as NeededRole);
      else if (call.startsWith('POST /signals/')) needed.set(call, 'sender');
    }
  }
  return needed;
}
