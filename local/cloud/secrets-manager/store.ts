/** All secrets, in memory and in one file that only its owner can read. */
import { join } from 'node:path';
import type { CloudClock } from '../clock.ts';
import { readStateFile, writeStateFile } from '../state-file.ts';
import { markedForDeletion, secretNotFound } from './errors.ts';
import type { Secret } from './secret.ts';

export interface SecretStore {
  /** By name, ARN, or ARN without the random suffix; deleted ones included. @throws SecretsError when there is none. */
  find(id: string): Secret;
  /** Like `find`, but a secret marked for deletion is refused. @throws SecretsError */
  findUsable(id: string): Secret;
  has(name: string): boolean;
  all(): readonly Secret[];
  /** On disk, if there is a directory, when this returns. */
  save(secret: Secret): void;
  remove(secret: Secret): void;
}

/** @throws Error naming the file when what an earlier run left cannot be read. */
export function openSecretStore(directory: string | undefined, clock: CloudClock): SecretStore {
  const path = directory === undefined ? undefined : join(directory, 'secrets.json');
  const secrets = new Map(path === undefined ? [] : readSecrets(path).map((secret) => [secret.name, secret]));

  function persist(): void {
    if (path !== undefined) writeStateFile(path, { secrets: [...secrets.values()] });
  }

  /** The recovery window is checked on use instead of by timer, so that it also passes while nothing runs. */
  function purge(): void {
    for (const secret of secrets.values()) {
      if (secret.deletion !== undefined && secret.deletion.purgeMs <= clock.nowMs()) secrets.delete(secret.name);
    }
  }

  function find(id: string): Secret {
    purge();
    const secret = secrets.get(nameIn(id)) ?? secrets.get(nameIn(id).replace(/-[A-Za-z0-9]{6}$/, ''));
    const isNamed =
      secret !== undefined && (id === secret.name || secret.arn === id || withoutSuffix(secret.arn) === id);
    if (!isNamed) throw secretNotFound();
    return secret;
  }

  return {
    find,
    findUsable(id) {
      const secret = find(id);
      if (secret.deletion !== undefined) throw markedForDeletion();
      return secret;
    },
    has(name) {
      purge();
      return secrets.has(name);
    },
    all() {
      purge();
      return [...secrets.values()];
    },
    save(secret) {
      secrets.set(secret.name, secret);
      persist();
    },
    remove(secret) {
      secrets.delete(secret.name);
      persist();
    },
  };
}

/** The last part of an ARN, or the name itself. */
function nameIn(id: string): string {
  return id.startsWith('arn:') ? id.split(':').slice(6).join(':') : id;
}

function withoutSuffix(arn: string): string {
  return arn.replace(/-[A-Za-z0-9]{6}$/, '');
}

function readSecrets(path: string): Secret[] {
  const state = readStateFile(path);
  if (state === undefined) return [];
  if (typeof state !== 'object' || state === null || !('secrets' in state) || !Array.isArray(state.secrets)) {
    throw new Error(`state file ${path} does not hold secrets: restore it, or delete it to start without its contents`);
  }
  return state.secrets;
}
